"""How the engines' threads wait for one another: a moment awake, then asleep.

The embedder and llama.cpp each bring an OpenMP runtime (libgomp), which reads its environment when
it is loaded. Threads that only spin fight the other engine for the cores; threads that sleep at
once are woken too late, several hundred times a token. Figures: `docs/measurements.md`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SPINS = 10_000  # some tenths of a millisecond


def wait_briefly() -> None:
    """Set it for the runtimes that are loaded from now on, unless the environment says how."""
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", str(SPINS))


@contextmanager
def one_thread(library: Any) -> Iterator[None]:
    """What this thread asks of a library meanwhile, it computes alone.

    Args:
        library: of `ctypes`; one without OpenMP stays as it is.
    """
    try:
        most, choose = library.omp_get_max_threads, library.omp_set_num_threads
    except AttributeError:
        yield
        return
    before = most()
    choose(1)
    try:
        yield
    finally:
        choose(before)
