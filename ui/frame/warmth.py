"""What is being read and loaded in the background while the page can be used already."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Literal

from rag.assistant import Assistant
from rag.errors import BeingIndexed, RagError
from rag.library.registry import Collection
from rag.library.underway import Underway
from rag.llm.weights import ByteProgress
from ui.wording import Language, word

LOOKS_EVERY_S = 0.2
ELSEWHERE_EVERY_S = 2.0  # another process reads the notes

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
    _chosen: list[Collection] = field(default_factory=list)
    _underway: Callable[[], Underway | None] = lambda: None
    _stopped: threading.Event = field(default_factory=threading.Event)

    def expect(self, assistant: Assistant) -> None:
        """Before the page opens: who asks while there is nothing yet waits for the first notes."""
        self._look(assistant)
        for collection in self._chosen:
            if not assistant.library.is_whole(collection):
                assistant.library.expect_build(collection)

    def _look(self, assistant: Assistant) -> None:
        chosen = self._chosen or [assistant.collection(name) for name in assistant.chosen]
        self._chosen = chosen  # one that is renamed or removed meanwhile is still told of
        self._underway = lambda: next(filter(None, map(assistant.library.underway, chosen)), None)
        self.notes = self._notes(assistant)

    def stop(self) -> None:
        """Wait no longer for what another process reads."""
        self._stopped.set()

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
            prepare: indexes the notes that never were; raises BeingIndexed while another process
                does, and is then run again.
            weights: is told of the LLM's weights, too.
        """
        self._guarded(lambda: self._look(assistant))
        indexing = threading.Thread(target=self._index, args=(assistant, prepare), daemon=True)
        indexing.start()
        self._guarded(lambda: self._load(assistant, indexing, weights))
        indexing.join()
        self._guarded(then)
        if self.stage != "failed":
            self.stage = "ready"

    def _index(self, assistant: Assistant, prepare: Callable[[], object]) -> None:
        def prepared() -> None:
            while not self._stopped.is_set():
                try:
                    prepare()
                    break
                except BeingIndexed:  # by another process: what it publishes is ours, too
                    self.notes = self._notes(assistant)
                    self._stopped.wait(ELSEWHERE_EVERY_S)

        def over() -> None:
            for collection in self._chosen:
                assistant.library.expect_build(collection, coming=False)
            self.notes = self._notes(assistant)

        if self.notes != "all":
            self._guarded(prepared)
        self._guarded(over)

    def _load(self, assistant: Assistant, indexing: threading.Thread, told: ByteProgress) -> None:
        while self.notes == "none" and indexing.is_alive() and not self._stopped.is_set():
            self._stopped.wait(LOOKS_EVERY_S)
            if indexing.is_alive():
                self.notes = self._notes(assistant)

        def weights(done: int, total: int) -> None:
            self.weights = done, total
            told(done, total)

        if (self.stage != "failed" or self.notes == "some") and not self._stopped.is_set():
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
        library = assistant.library
        if not all(map(library.has_index, self._chosen)):
            return "none"
        return "all" if all(map(library.is_whole, self._chosen)) else "some"

    def _say(self, stage: str) -> None:
        if self.stage != "failed":  # "ready" are the models: `then` and the notes come first
            self.stage = "index" if stage == "ready" else stage

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
    done, left = now.done or now.read, now.left_s
    if not (done or now.of):
        return word("indexing_soon", language)
    key = "indexing" if now.of else "indexing_some"
    text = word(key, language, done=done, of=now.of)
    if left is not None:
        minutes, seconds = divmod(round(left), 60)
        key = "minutes_left" if minutes else "seconds_left"
        text += word(key, language, n=minutes + (seconds >= 30) if minutes else max(1, seconds))
    return text + word("ask_already" if notes == "some" else "ask_soon", language)
