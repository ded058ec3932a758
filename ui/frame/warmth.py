"""What is being read and loaded in the background while the page can be used already."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Literal

from rag.assistant import Assistant
from rag.errors import BeingIndexed, RagError
from rag.library.underway import Underway
from rag.llm.weights import ByteProgress
from ui.wording import Language, word

LOOKS_EVERY_S = 0.2

Notes = Literal["none", "some", "all"]


@dataclass
class Warmth:
    """How far the notes and the models are.

    Attributes:
        stage: what is being loaded: embedder, index, llm, then ready, or failed.
        notes: what can be asked: some, while the first index still grows.
        weights: bytes of the LLM's weights that are joined, and all of them.
    """

    stage: str = "embedder"
    error: str = ""
    notes: Notes = "all"
    weights: tuple[int, int] = (0, 0)
    _underway: Callable[[], Underway | None] = lambda: None

    def expect(self, assistant: Assistant) -> None:
        """Before the page opens: who asks while there is nothing yet waits for the first notes."""
        chosen = [assistant.collection(name) for name in assistant.chosen]
        self._underway = lambda: next(filter(None, map(assistant.library.underway, chosen)), None)
        self.notes = self._notes(assistant)
        for collection in chosen:
            if not assistant.library.is_whole(collection):
                assistant.library.expect_build(collection)

    def run(
        self,
        assistant: Assistant,
        then: Callable[[], None] = lambda: None,
        prepare: Callable[[], object] = lambda: None,
        weights: ByteProgress = lambda done, total: None,
    ) -> None:
        """Read and load everything, keeping the stage up to date.

        As soon as some notes are indexed the models are loaded, while the others are read.

        Args:
            then: is run before it is ready.
            prepare: indexes the notes that never were.
            weights: is told of the LLM's weights, too.
        """
        self.notes = self._notes(assistant)
        indexing = threading.Thread(target=self._index, args=(assistant, prepare), daemon=True)
        indexing.start()
        self._guarded(lambda: self._load(assistant, indexing, weights))
        indexing.join()
        self._guarded(then)
        if self.stage != "failed":
            self.stage = "ready"

    def _index(self, assistant: Assistant, prepare: Callable[[], object]) -> None:
        def prepared() -> None:
            while True:
                try:
                    prepare()
                    break
                except BeingIndexed:  # by another process: what it publishes is ours, too
                    time.sleep(5 * LOOKS_EVERY_S)

        if self.notes != "all":
            self._guarded(prepared)
        for name in assistant.chosen:
            assistant.library.expect_build(assistant.collection(name), coming=False)
        self.notes = self._notes(assistant)

    def _load(self, assistant: Assistant, indexing: threading.Thread, told: ByteProgress) -> None:
        while self.notes == "none" and indexing.is_alive():
            time.sleep(LOOKS_EVERY_S)
            if indexing.is_alive():
                self.notes = self._notes(assistant)

        def weights(done: int, total: int) -> None:
            self.weights = done, total
            told(done, total)

        if self.stage != "failed":
            assistant.warm(self._say, weights)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except RagError as error:
            self.stage, self.error = "failed", str(error)
        except Exception as error:  # else the page would say "loading" for ever
            logging.getLogger(__name__).exception("warming failed")
            self.stage, self.error = "failed", f"{type(error).__name__}; see the server's log."

    def _notes(self, assistant: Assistant) -> Notes:
        if not all(map(assistant.has_index, assistant.chosen)):
            return "none"
        whole = assistant.library.is_whole
        return "all" if all(whole(assistant.collection(n)) for n in assistant.chosen) else "some"

    def _say(self, stage: str) -> None:
        if self.stage != "failed" and stage != "ready":  # `then` and the notes come first
            self.stage = stage

    @property
    def over(self) -> bool:
        """Nothing more is being loaded."""
        return self.stage in {"ready", "failed"} and self._underway() is None

    def html(self, language: Language) -> str:
        """What goes on in words; a mark alone where everything is ready."""
        if self.stage == "failed":
            return (
                f"<span class='status failed'>{word('failed', language)}{escape(self.error)}</span>"
            )
        if self.stage == "ready":
            return f"<span class='status ready' title='{word('ready', language)}'></span>"
        told = []
        if (now := self._underway()) is not None:
            told.append(_indexing(now, self.notes, language))
        if now is None or self.stage == "llm":
            told.append(self._loading(language))
        text = escape(" ".join(told))
        return f"<span class='status' title='{text}'>{text}</span>"

    def _loading(self, language: Language) -> str:
        done, total = self.weights
        if self.stage == "llm" and done < total:
            return word("joining_weights", language, share=f"{done / total:.0%}")
        return word(f"loading_{self.stage}", language)


def _indexing(now: Underway, notes: Notes, language: Language) -> str:
    """How many notes are indexed, how long it takes yet, and whether questions are answered."""
    if not now.of:
        return word("indexing_soon", language)
    left = now.left_s
    text = word("indexing", language, done=now.done or now.read, of=now.of)
    if left is not None:
        minutes, seconds = divmod(round(left), 60)
        key = "minutes_left" if minutes else "seconds_left"
        text += word(key, language, n=minutes + (seconds >= 30) if minutes else max(1, seconds))
    return text + word("ask_already" if notes == "some" else "ask_soon", language)
