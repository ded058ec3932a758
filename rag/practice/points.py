"""Key points of a topic, each with the passage of the notes that states it."""

from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.documents import Document

from rag.grounding.citation import Citation
from rag.grounding.definitions import defines
from rag.grounding.passage import Passage
from rag.grounding.support import judge
from rag.index.opened import WordIndex
from rag.notes.topic import TaughtPoint, Weight
from rag.safety.orders import is_order
from rag.text.language import Language, detect_language
from rag.text.markup import without_markup
from rag.text.sentences import sentence_spans
from rag.text.words import content_words

MOST_DRAWN = 6
LONGEST = 160  # characters of a drawn key point
ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class KeyPoint:
    """One thing that a good explanation says."""

    text: str
    other: str  # the same in the other language, or ""
    source: Citation
    id: str = ""  # the note's name for it; "" where it gives none
    weight: Weight = "must"

    def variants(self) -> tuple[str, ...]:
        return (self.text, self.other) if self.other else (self.text,)

    def in_language(self, language: Language) -> str:
        """The wording in a language where there is one, else the text."""
        return next((t for t in self.variants() if detect_language(t) == language), self.text)

    @property
    def hint(self) -> str:
        """Where the point stands: the last heading above it, never its words."""
        return self.source.heading[-1] if self.source.heading else self.source.title


def stated_points(
    points: Sequence[TaughtPoint], documents: Sequence[Document], english: bool = False
) -> list[KeyPoint]:
    """The key points of a note's front matter, each cited from the section that teaches it.

    Args:
        documents: the note's chunks, or those of its English twin.
        english: they are the twin's.
    """
    passages = [_whole(document) for document in documents]
    found = []
    for number, point in enumerate(points, 1):
        text, other, section = point.text, point.text_en, point.section
        if english and point.text_en:
            text, other, section = point.text_en, point.text, point.section_en
        taught = [passage for passage in passages if section and section in passage.headings[-1:]]
        source = _best(text, taught or passages)
        if source is not None:
            found.append(KeyPoint(text, other, Citation.of(number, source), point.id, point.weight))
    return found


def drawn_points(documents: Sequence[Document], lexical: WordIndex) -> list[KeyPoint]:
    """The most telling sentences of some chunks, for topics that no front matter describes."""
    candidates: list[tuple[float, Passage]] = []
    for document in documents:
        whole = _whole(document)
        for start, end in sentence_spans(whole.text):
            sentence = without_markup(whole.text[start:end])
            words = set(content_words(sentence))
            if len(words) < 4 or len(sentence) > LONGEST or "|" in sentence or sentence[-1] in "?:":
                continue
            if is_order(sentence):
                continue
            telling = sum(lexical.idf(word) for word in words) / (len(words) ** 0.5)
            passage = whole.narrowed(whole.start + start, whole.start + end)
            candidates.append((telling + (4.0 if defines(sentence, whole) else 0.0), passage))
    candidates.sort(key=lambda item: -item[0])
    chosen: list[Passage] = []
    for _, passage in candidates:
        words = set(content_words(passage.text))
        if all(len(words & set(content_words(o.text))) < ALIKE * len(words) for o in chosen):
            chosen.append(passage)
        if len(chosen) == MOST_DRAWN:
            break
    chosen.sort(key=lambda passage: (passage.note, passage.start))
    return [
        KeyPoint(without_markup(passage.text), "", Citation.of(number, passage))
        for number, passage in enumerate(chosen, 1)
    ]


def _whole(document: Document) -> Passage:
    meta = document.metadata
    return Passage(document, document.page_content, meta["start"], meta["end"], 0.0, 0.0)


def _best(text: str, passages: Sequence[Passage]) -> Passage | None:
    """The sentence or two that state a key point: supported if possible, else the closest."""
    verdicts = [(judge(text, passage), passage) for passage in passages]
    if not verdicts:
        return None
    verdict, passage = max(verdicts, key=lambda item: (item[0].supported, item[0].score))
    return passage.narrowed(verdict.start, verdict.end)
