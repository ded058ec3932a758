"""Every Python block of the corpus runs and checks itself; those marked `no-run` are left alone."""

import json
import os
import re
import subprocess
import sys

from tests.places import CORPUS, REPOSITORY

_BLOCK = re.compile(r"^```python[ \t]*\n(.*?)^```[ \t]*$", re.DOTALL | re.MULTILINE)


def test_code_blocks_run_and_check_themselves():
    blocks: dict[str, str] = {}  # code → the first note that has it: twins share theirs
    for path in sorted(CORPUS.rglob("*.md")):
        note = path.relative_to(CORPUS).as_posix()
        for code in _BLOCK.findall(path.read_text("utf-8")):
            assert re.search(r"^\s*assert\b", code, re.MULTILINE), (
                f"{note}: a block asserts nothing"
            )
            blocks.setdefault(code, note)
    assert len(blocks) >= 90
    ran = subprocess.run(
        [sys.executable, "-m", "tests.corpus.run_blocks"],
        input=json.dumps([[note, code] for code, note in blocks.items()]),
        capture_output=True,
        text=True,
        timeout=300,
        cwd=REPOSITORY,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    failed = [f"{note}: {problem}" for note, problem in lines if problem]
    assert not failed, "\n".join(failed)
    last = lines[-1][0] if lines else None
    assert ran.returncode == 0, f"the process ended in a block of {last}: {ran.stderr[-500:]}"
