"""Of the files named: none over 500 kB, texts end in one line break. Exit 1 and a line each."""

import sys
from pathlib import Path

LARGEST = 500_000  # bytes


def fault(path: Path) -> str:
    """What is wrong with a file; "" if nothing is."""
    data = path.read_bytes()
    if len(data) > LARGEST:
        return f"{len(data)} bytes; the limit is {LARGEST}"
    if data and b"\0" not in data:
        if not data.endswith(b"\n"):
            return "no line break at the end"
        if data.endswith(b"\n\n"):
            return "blank lines at the end"
    return ""


if __name__ == "__main__":
    faults = [f"{name}: {text}" for name in sys.argv[1:] if (text := fault(Path(name)))]
    sys.exit("\n".join(faults) or None)
