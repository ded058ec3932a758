"""How many physical cores this process may use."""

import os
from pathlib import Path

_TOPOLOGY = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def usable_cores(topology: str = _TOPOLOGY, quota: Path = _QUOTA) -> int:
    """Physical cores by affinity and by a container's quota, at least one.

    Two threads of one core count once: llama.cpp gets slower where they both compute. Where the
    system tells nothing of siblings each logical processor counts.
    """
    if hasattr(os, "sched_getaffinity"):  # Linux
        logical = sorted(os.sched_getaffinity(0))
    else:
        logical = list(range(os.cpu_count() or 1))
    cores = {_siblings(topology.format(number)) or str(number) for number in logical}
    return max(1, min(len(cores), _allowed(quota)))


def _siblings(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _allowed(quota: Path) -> int:
    """Whole processors of a cgroup's quota; without one, no bound."""
    try:
        share, _, period = quota.read_text(encoding="ascii").strip().partition(" ")
        return max(1, int(share) // int(period))
    except (OSError, ValueError, ZeroDivisionError):  # "max 100000": no quota
        return 1_000_000
