"""Start-up as ratios to `python -c pass`: `python -m tests.benchmarks.startup`."""

import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

RAG = shutil.which("rag", path=str(Path(sys.executable).parent)) or "rag"
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "rag --help": [RAG, "--help"],
    "rag ask --llm none": [RAG, "ask", "LoRA 的原理是什么", "--llm", "none", "--json"],
}


def seconds(command: list[str], runs: int = 7) -> float:
    """Median wall time; the first run warms the file cache and is not counted."""
    times = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:])


if __name__ == "__main__":
    base = None
    for name, command in COMMANDS.items():
        took = seconds(command)
        base = base or took
        print(f"{name:20} {took:7.3f} s  {took / base:7.1f}×")
