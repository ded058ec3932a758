"""`make native` without what it needs."""

import os
import subprocess
import sys

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
