"""How the engines' threads wait for one another: a moment awake, then asleep.

The embedder and llama.cpp each bring an OpenMP runtime (libgomp), which reads its environment when
it is loaded. Threads that only spin fight the other engine for the cores; threads that sleep at
once are woken too late, several hundred times a token. On two cores, with the bundled models
(tokens/s written alone, and while texts are embedded; ms to embed a question alone):

    asleep at once (OMP_WAIT_POLICY=PASSIVE)   21.7   20.0   17.3
    spins 5,000 times                          32.0   27.7    9.3
    spins 10,000 times                         32.8   26.9    9.3
    spins 50,000 times                         31.4   25.4    7.7
"""

import os

SPINS = 10_000  # some tenths of a millisecond


def wait_briefly() -> None:
    """Set it for the runtimes that are loaded from now on, unless the environment says how."""
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", str(SPINS))
