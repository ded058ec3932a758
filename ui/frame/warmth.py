"""What is being loaded in the background while the page can be used already."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from rag.assistant import Assistant
from rag.errors import RagError
from ui.wording import Language, word


@dataclass
class Warmth:
    """What is being loaded in the background: embedder, index, llm, ready, or failed."""

    stage: str = "embedder"
    error: str = ""

    def run(self, assistant: Assistant, then: Callable[[], None] = lambda: None) -> None:
        """Load everything, keeping the stage up to date; `then` is run before it is ready."""
        try:
            assistant.warm(self._say)
            then()
        except RagError as error:
            self.stage, self.error = "failed", str(error)
        except Exception as error:  # else the page would say "loading" for ever
            logging.getLogger(__name__).exception("warming failed")
            self.stage, self.error = "failed", f"{type(error).__name__}; see the server's log."

    def _say(self, stage: str) -> None:
        self.stage = stage

    @property
    def over(self) -> bool:
        """Nothing more is being loaded."""
        return self.stage in {"ready", "failed"}

    def html(self, language: Language) -> str:
        """The stage in words; nothing where everything is ready."""
        if self.stage == "ready":
            return f"<span class='status ready' title='{word('ready', language)}'></span>"
        if self.stage == "failed":
            return (
                f"<span class='status failed'>{word('failed', language)}{escape(self.error)}</span>"
            )
        return f"<span class='status'>{word(f'loading_{self.stage}', language)}</span>"
