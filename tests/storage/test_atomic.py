"""Where an export is written: links stay, pipes and devices are written to."""

import os
import threading

import pytest

from rag.errors import RagError
from rag.storage.atomic import write_atomic


def test_a_link_stays_and_its_target_is_written(tmp_path):
    target, link = tmp_path / "t", tmp_path / "l"
    target.write_text("old")
    link.symlink_to("t")
    write_atomic(link, b"new")
    assert link.is_symlink() and target.read_bytes() == b"new"
    (tmp_path / "dangling").symlink_to("n")
    write_atomic(tmp_path / "dangling", b"x")
    assert (tmp_path / "n").read_bytes() == b"x"


def test_a_pipe_is_written_to_not_replaced(tmp_path):
    pipe = tmp_path / "p"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_atomic(pipe, b"x" * 200_000)
    reader.join(20)
    assert read == [b"x" * 200_000] and pipe.is_fifo()


def test_a_folder_is_refused_in_a_right_sentence(tmp_path):
    with pytest.raises(RagError) as caught:
        write_atomic(tmp_path, b"x")
    assert "free some space" not in str(caught.value)
