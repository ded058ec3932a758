"""Files a second and peak memory of each format, every format in a process of its own.

python -m tests.benchmarks.reader_speed [--seconds 3]
"""

import argparse
import resource
import subprocess
import sys
import time

from rag.evaluation.samples import WRITERS, Section

SAID = "The cache keeps keys and values of the tokens so far. 注意力机制按相似度加权求和。"
SECTIONS = tuple(Section(f"Part {n}", (SAID * 4,) * 5) for n in range(20))


def measured(name: str, seconds: float) -> tuple[float, int, int, int]:
    """Files a second, bytes of the file, memory before and at most (MB)."""
    from rag.limits import DEFAULT_LIMITS
    from rag.readers import read_bytes

    suffix, write = WRITERS[name]
    data = write(SECTIONS)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    read_bytes(f"n{suffix}", data, DEFAULT_LIMITS)  # imports what it needs
    count, began = 0, time.process_time()
    while time.process_time() - began < seconds:
        read_bytes(f"n{suffix}", data, DEFAULT_LIMITS)
        count += 1
    took = time.process_time() - began
    return (
        count / took,
        len(data),
        before,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--only", choices=sorted(WRITERS))
    given = parser.parse_args()
    if given.only:
        speed, size, before, most = measured(given.only, given.seconds)
        print(
            f"{given.only:10} {speed:8.1f} files/s {size:8} bytes {before:5} → {most} MB",
            flush=True,
        )
        return
    for name in WRITERS:
        if name != "zip":
            subprocess.run([sys.executable, "-m", "tests.benchmarks.reader_speed", "--only", name,
                            "--seconds", str(given.seconds)], check=True)  # fmt: skip


if __name__ == "__main__":
    main()
