"""A draft is checked against the passages line by line, while the model writes the next one."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.embedding.embedder import memoised
from rag.errors import BusyError, ModelError
from rag.grounding.passage import Passage
from rag.grounding.stated import stated
from rag.grounding.support import (
    Embed,
    SupportVerdict,
    adds_unsupported_clause,
    best_support,
    echoes_question,
)
from rag.llm import prompts
from rag.llm.model import LanguageModel
from rag.text.citation_marks import marked_parts
from rag.text.sentences import sentence_spans
from rag.text.words import content_words

WITHHELD = "…"  # in `Verification.dropped`, for a sentence that gave our own instructions away
SAME = 0.8  # share of common words from which a sentence only repeats another

_SOURCE_PHRASE = re.compile(
    r"^(?:根据|依据|按照)?(?:以上|上述|所给|提供的)*资料(?:中|里|显示|所述|可知|指出)*[,\uff0c:\uff1a\s]*"
    r"|^(?:according to|based on) the (?:notes|passages?)[,:\s]*",
    re.IGNORECASE,
)
_STOPS = ".!?。！？"
_LIST_MARK = re.compile(r"[(（]?\d{1,2}[.、)）]\s*")


@dataclass(slots=True)
class Verification:
    """The state of one answer's check; sentences that were kept stay kept.

    Attributes:
        judge: the embedded LLM, which says whether a passage states a sentence; None: rules do.
        kept: sentences that hold, each with the quotes that it rests on.
        dropped: what no passage supports.
        by_rules: rules have checked a sentence, for want of the judge.
        repeats: the model has begun to say again what it said: nothing new is to be expected.
    """

    question: str
    passages: Sequence[Passage]
    embed: Embed | None
    judge: LanguageModel | None = None
    kept: list[tuple[str, list[Passage]]] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    by_rules: bool = False
    repeats: bool = False
    _read: int = 0  # characters of the draft

    def __post_init__(self) -> None:
        if self.embed is not None:  # each sentence is held against the same quotes
            self.embed = memoised(self.embed)

    def lines(self, draft: str) -> bool:
        """Check the lines that are whole by now; True if one of their sentences was kept.

        Args:
            draft: all that the model has written so far; where it is shorter than before, what was
                written before was no part of the answer.
        """
        if len(draft) < self._read:
            self.kept.clear()
            self.dropped.clear()
            self._read, self.repeats = 0, False
        kept = self._check(draft, draft.rfind("\n") + 1)
        whole = _turning_in_circles(self.unread(draft))
        if whole:
            kept = self._check(draft, self._read + whole) or kept
            self.repeats = True
        return kept

    def rest(self, draft: str) -> bool:
        """Check what is left of the draft, which is at its end."""
        return self._check(draft, len(draft))

    def unread(self, draft: str) -> str:
        """The end of the draft that was not checked yet."""
        return draft[self._read :]

    def _check(self, draft: str, end: int) -> bool:
        before = len(self.kept)
        part, self._read = draft[self._read : end], max(self._read, end)
        for sentence, named in split_answer(part, len(self.passages)):
            self._judge(sentence, named)
        return len(self.kept) > before

    def _judge(self, sentence: str, named: Sequence[int]) -> None:
        if sentence in self.dropped or any(_same(sentence, other) for other, _ in self.kept):
            self.repeats = True
            return
        if prompts.repeats_prompt(sentence):
            self.dropped.append(WITHHELD)
            return
        if sentence.endswith((":", "：")):  # it announces what follows and says nothing itself
            self.dropped.append(sentence)
            return
        found = None
        if not echoes_question(sentence, self.question):
            found = self._found(sentence, named)
        if found is not None and len(set(content_words(sentence))) == 1:
            # A bare word is an answer where a sentence about what was asked has it.
            asked = set(content_words(self.question))
            found = found if asked & set(content_words(self._quote(*found).text)) else None
        if found is None:
            self.dropped.append(sentence)
        else:
            self.kept.append((sentence, [self._quote(*found)]))

    def _found(self, sentence: str, named: Sequence[int]) -> tuple[int, SupportVerdict] | None:
        if self.judge is not None:
            try:
                return stated(self.judge, sentence, self.passages, named, self.embed)
            except (BusyError, ModelError) as error:
                logging.getLogger(__name__).warning("sentences are checked by rules: %s", error)
                self.judge = None
        self.by_rules = True
        found = best_support(sentence, self.passages, named, self.embed)
        if found and adds_unsupported_clause(sentence, self.passages[found[0]], self.question):
            return None
        return found

    def _quote(self, place: int, verdict: SupportVerdict) -> Passage:
        return self.passages[place].narrowed(verdict.start, verdict.end)


def split_answer(text: str, count: int) -> list[tuple[str, list[int]]]:
    """A draft's sentences, each with the places (from 0) of the passages that it names."""
    found: list[tuple[str, list[int]]] = []
    for part, numbers in marked_parts(text):
        if not (sentence := part.strip()):
            continue
        named = [number - 1 for number in numbers if 1 <= number <= count]
        sentence = sentence.replace("**", "")
        pieces = [_SOURCE_PHRASE.sub("", sentence[a:b]) for a, b in sentence_spans(sentence)]
        if numbers and len(part) >= prompts.LONGEST_LINE and sentence[-1] not in _STOPS:
            pieces = pieces[:-1]  # it was broken off in the middle
        if len(pieces) > 1:
            pieces = [piece for piece in pieces if not _LIST_MARK.fullmatch(piece)]
        found.extend((piece, named) for piece in pieces if any(map(str.isalnum, piece)))
    return found


def _turning_in_circles(line: str) -> int:
    """How far the whole sentences of a line go that says two of them again; 0 for another line."""
    spans = [(a, b) for a, b in sentence_spans(line) if line[b - 1] in _STOPS]
    if len(spans) - len({line[start:end] for start, end in spans}) < 2:
        return 0
    return spans[-1][1]


def _same(one: str, other: str) -> bool:
    left, right = (set(content_words(text)) for text in (one, other))
    return bool(left) and len(left & right) / len(left | right) >= SAME
