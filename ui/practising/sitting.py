"""One visitor's mock interview as it stands on the page."""

from dataclasses import dataclass, field
from typing import Literal

from ui.tabs.practice_exercise import PracticeSession

Phase = Literal["", "asking", "answered", "over"]


@dataclass(frozen=True)
class Sitting:
    """What is shown of an interview; what is kept of it is the engine's.

    Attributes:
        number: of the kept interview; 0 for none.
        rounds: how many questions had been asked when this was shown: an answer is meant for the
            last of them.
        shown: the result of the last answer, and what it rests on.
    """

    number: int = 0
    rounds: int = 0
    phase: Phase = ""
    shown: PracticeSession = field(default_factory=PracticeSession)

    @property
    def going_on(self) -> bool:
        """It has a question or a result on the page."""
        return self.phase in {"asking", "answered"}
