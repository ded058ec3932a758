"""The news of a queue."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """The one local engine is busy: this many askers are ahead."""

    ahead: int
