"""`make native` without what it needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("name", ["CC", "CXX"])
def test_no_compiler_is_said_before_anything_is_done(name):
    done = subprocess.run(
        ["sh", "scripts/native.sh", sys.executable], capture_output=True, text=True,
        env={**os.environ, name: "no-such-compiler"}, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "'no-such-compiler' is not here" in done.stderr and "g++" in done.stderr
    assert not done.stdout


def test_nothing_is_installed_yet():
    done = subprocess.run(
        ["sh", "scripts/native.sh", "no-such/python"], capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1 and "make setup" in done.stderr


def test_python_may_lie_in_a_folder_with_a_space(tmp_path):
    """It gets as far as its first download, which is refused here."""
    python = tmp_path / "a folder" / "python"
    python.parent.mkdir()
    python.write_text(
        '#!/bin/sh\necho "$@" >>"$(dirname "$0")/log"\n[ "$4" != download ]\n', "utf-8"
    )
    python.chmod(0o755)
    script = Path("scripts/native.sh").read_text("utf-8")
    place = tmp_path / "scripts" / "native.sh"
    place.parent.mkdir()
    place.write_text(script.replace('"$tools/python" -m pip', "true"), "utf-8")
    (tmp_path / "constraints.txt").write_text("xllamacpp==1.0\n", "utf-8")
    subprocess.run(
        ["sh", str(place), str(python)], capture_output=True, timeout=60, check=False,
        env={**os.environ, "CC": "true", "CXX": "true"},
    )  # fmt: skip
    assert " download --quiet" in (python.parent / "log").read_text("utf-8")
