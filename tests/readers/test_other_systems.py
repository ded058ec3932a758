"""What Linux has and other systems lack, where notes are read."""

import os
import resource
import subprocess
import sys

import pytest

from rag.errors import RagError
from rag.limits import ReadLimits
from rag.notes.note import Content
from rag.readers.isolation import parent, worker


def test_a_system_that_refuses_a_limit_of_memory_reads_without(monkeypatch):
    def refuses(kind, limits):
        if kind == resource.RLIMIT_AS:
            raise ValueError("current limit exceeds maximum limit")  # as macOS says

    monkeypatch.setattr(resource, "setrlimit", refuses)
    worker.limit_memory(1_000_000)


def test_windows_is_told_of_in_one_sentence(monkeypatch):
    monkeypatch.setattr(parent, "_CAN_HAND_OVER", False)
    reader = parent.Worker(ReadLimits())
    with pytest.raises(RagError, match="WSL"):
        reader.send(Content("a.md", b"x"))
    reader.close()


def test_where_pipes_send_no_signal_the_worker_still_ends_with_its_parent():
    code = (
        "import fcntl, os, time\n"
        "def refuses(*_): raise OSError\n"
        "fcntl.fcntl = refuses\n"
        "from rag.readers.isolation.worker import _die_with_parent\n"
        "_die_with_parent()\n"
        "print('on', flush=True)\n"
        "time.sleep(60)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert child.stdout.readline() == b"on\n"
    assert child.poll() is None
    child.stdin.close()  # as when the parent is gone
    assert child.wait(10) == 0
    child.stdout.close()
