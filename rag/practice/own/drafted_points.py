"""Key points and questions for a note that names none, drafted from its headings and sentences.

A draft: the learner corrects it before it counts.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from langchain_core.documents import Document

from rag.errors import CorpusError
from rag.grounding.definitions import defines
from rag.grounding.passage import Passage
from rag.notes.topic import NoteQuestion, TaughtPoint, Topic
from rag.practice.own.point_ids import point_id
from rag.safety.orders import is_order
from rag.text.language import CJK, detect_language
from rag.text.markup import without_markup
from rag.text.sentences import sentence_spans
from rag.text.words import content_words

MOST_POINTS = 10
PER_SECTION = 2
SHORTEST, LONGEST = 8, 160  # characters of a point
FEWEST_WORDS = 4
ALIKE = 0.6
_HOLLOW = re.compile(
    r"^(?:见|参见|参考|如下|如图|待|todo|tbd|see |note:|fig(?:ure)?\b|作者|日期|链接|目录)|"
    r"https?://|待补充|待写|未完|[:：?？…]$|^\W*\d[\d\s./-]*\W*$",
    re.I,
)
# A sentence that begins with what only the one before names says nothing by itself.
_LEANING = re.compile(
    r"^(?:这|那|它|其|该|此|上述|前者|后者|因此|所以|但|然而|而且|并且|同样|例如|比如|另外|"
    r"(?:this|that|these|those|it|they|he|she|such|so|but|however|also|for example|thus)\b)",
    re.I,
)
# The answer to a question in the heading, which is not told with it.
_ANSWERS = re.compile(
    r"^(?:不?(?:能|会|是|可以|需要|行|对|一定)|没?有|是的|yes|no)\s*[，,。：:]|^可以看作", re.I
)
_CODE = re.compile(r"^(```|~~~).*?(?:^\1|\Z)", re.M | re.S)
_TELLS = re.compile(
    r"是|为|指|用|使|让|会|能|可|需|由|把|被|通过|因为|导致|避免|减少|增加|包括|分为|等于|只|不|有|在|"
    r"\b(?:is|are|was|were|has|have|uses?|means?|needs?|makes?|keeps?|can|may|must|will|does|do|"
    r"\w+(?:es|ed|s))\b",
    re.I,
)
_ASKS = re.compile(r"[?？]$|^(?:什么|为什么|为何|怎么|如何)|^(?:what|why|how|when)\b", re.I)


@dataclass(frozen=True, slots=True)
class DraftedPoints:
    """What a note seems to teach, for its learner to correct.

    Attributes:
        by: who drafted it: `headings`, or the spec of a model.
        quotes: the note's own words under each point, by its id.
        left_out: how much of what a model wrote did not rest on the note.
        unread: characters of the note that the model was not given.
    """

    note: str
    title: str
    points: tuple[TaughtPoint, ...]
    questions: tuple[NoteQuestion, ...]
    by: str = "headings"
    quotes: Mapping[str, str] = field(default_factory=dict)
    left_out: int = 0
    unread: int = 0


def drafted(topic: Topic, documents: Sequence[Document]) -> DraftedPoints:
    """Draft the key points of a note from its sections, and a question a section and one on all.

    Args:
        documents: the note's chunks, in the order of the note.

    Raises:
        CorpusError: the note holds no sentence that says something by itself.
    """
    sections: dict[str, list[TaughtPoint]] = {}
    taken: list[set[str]] = []
    for heading, sentence, score in sorted(
        _sentences(documents, topic.title), key=lambda item: -item[2]
    ):
        words = set(content_words(sentence))
        kept = sections.setdefault(heading, [])
        told = sum(map(len, sections.values()))
        alike = any(len(words & other) >= ALIKE * min(len(words), len(other)) for other in taken)
        if len(kept) < PER_SECTION and told < MOST_POINTS and not alike:
            kept.append(TaughtPoint(sentence, id=point_id(sentence), section=heading,
                                    weight="must" if score >= 1 else "good"))  # fmt: skip
            taken.append(words)
    order = list(dict.fromkeys(heading for heading, _, _ in _sentences(documents, topic.title)))
    found = [(heading, sections[heading]) for heading in order if sections.get(heading)]
    if not found:
        raise CorpusError(
            f"The note {topic.note} holds no sentence that would make a key point; write some. "
            "笔记里没有可以作为要点的句子。"
        )
    return DraftedPoints(
        topic.note,
        topic.title,
        tuple(point for _, points in found for point in points),
        tuple(_questions(topic.title, found)),
    )


def _sentences(documents: Sequence[Document], title: str) -> Iterator[tuple[str, str, float]]:
    """Heading, sentence and how telling it is, of what can stand by itself; in order."""
    for document in documents:
        meta = document.metadata
        passage = Passage(document, document.page_content, meta["start"], meta["end"], 0.0, 0.0)
        heading = next(iter(reversed(passage.headings)), "") or title
        first = True
        code = [match.span() for match in _CODE.finditer(passage.text)]
        for start, end in sentence_spans(passage.text):
            raw = passage.text[start:end]
            sentence = " ".join(without_markup(raw).split())
            coded = any(start < until and end > since for since, until in code)
            if says_something(sentence) and "|" not in raw and not coded:
                # What stands first in a section is what it is about.
                yield heading, sentence, float(defines(sentence, passage)) + first
                first = False


def says_something(sentence: str) -> bool:
    """A sentence that states a fact and can be understood by itself."""
    return (
        SHORTEST <= len(sentence) <= LONGEST
        and len(set(content_words(sentence))) >= FEWEST_WORDS
        and not _HOLLOW.search(sentence)
        and not _LEANING.search(sentence)
        and not _ANSWERS.search(sentence)
        and (sentence[-1] in "。！!" or bool(_TELLS.search(sentence)))  # a phrase is no sentence
        and not is_order(sentence)
    )


def _questions(title: str, sections: Sequence[tuple[str, list[TaughtPoint]]]) -> list[NoteQuestion]:
    every = [point for _, points in sections for point in points]
    chinese = bool(CJK.search(title)) or detect_language(every[0].text) == "zh"
    found: list[NoteQuestion] = []
    for heading, points in sections:
        ids = tuple(point.id for point in points)
        if heading == title or len(sections) == 1:
            continue
        if _ASKS.search(heading):
            text = f"{title}：{heading.rstrip('?？')}？" if chinese else f"{title}: {heading}"
        elif chinese:
            text = f"“{title}”的“{heading}”是怎么回事？"
        else:
            text = f"{title}: what is there to say about “{heading}”?"
        found.append(NoteQuestion(text, ids))
    # The question on all of it asks for what matters most, and for what no other question does.
    elsewhere = {name for question in found for name in question.points}
    whole = [p.id for p in every if p.weight == "must" or p.id not in elsewhere]
    return [on_all(title, whole or [point.id for point in every], chinese), *found]


def on_all(title: str, points: Sequence[str], chinese: bool) -> NoteQuestion:
    """The question on a whole note; `points` by their ids."""
    return NoteQuestion(f"请讲讲“{title}”。" if chinese else f"Explain {title}.", tuple(points))
