"""Is a corpus fit to answer from and to practise with? What `rag corpus check` reports."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.notes.note import Note
from rag.notes.topic import DIFFICULTIES, Topic, topic_of
from rag.search.hit import Hit
from rag.text.language import CJK, Language, detect_language
from rag.text.sentences import sentence_spans
from rag.text.words import content_words

LENGTH = (400, 1500)  # Chinese characters in the body
KEY_POINTS = (3, 8)
QUESTIONS = (2, 6)
STATED = 0.6  # share of a key point's words that one passage of the note must hold
NEAR = 3

_BODY = re.compile(r"\A\ufeff?---\r?\n.*?\r?\n---[ \t]*\r?\n", re.DOTALL)
_DIGEST = re.compile(r"^## English digest\s*\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Problem:
    note: str
    text: str


@dataclass(frozen=True, slots=True)
class QuestionRank:
    """Where a note's own question finds the note: 1 is first, None not among those looked at."""

    note: str
    question: str
    language: Language
    rank: int | None


def body_of(note: Note) -> str:
    """The note's text without its front matter."""
    return _BODY.sub("", note.text, count=1)


def chinese_characters(text: str) -> int:
    return len(CJK.findall(text))


def check_notes(notes: Sequence[Note]) -> list[Problem]:
    """What is wrong with front matter, links, names, key points and lengths."""
    problems: list[Problem] = []
    owners: dict[str, str] = {}
    paths = {note.path for note in notes}
    for note in notes:
        topic = topic_of(note)
        found = [*_front_matter(topic), *_links(topic, paths), *_body(note, topic)]
        for name in dict.fromkeys(each.lower() for each in topic.names):
            owner = owners.setdefault(name, note.path)
            if owner != note.path:
                found.append(f"the name '{name}' is also that of {owner}")
        problems.extend(Problem(note.path, text) for text in found)
    return problems


def rank_questions(
    notes: Sequence[Note],
    search: Callable[[str], Sequence[Hit]],
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> list[QuestionRank]:
    """The rank of each note among the notes that its own questions retrieve."""
    asked = [(note.path, text) for note in notes for text in topic_of(note).questions]
    ranks: list[QuestionRank] = []
    for number, (path, question) in enumerate(asked, 1):
        order = list(dict.fromkeys(str(hit.document.metadata["note"]) for hit in search(question)))
        rank = order.index(path) + 1 if path in order else None
        ranks.append(QuestionRank(path, question, detect_language(question), rank))
        progress("ask", number, len(asked))
    return ranks


def _front_matter(topic: Topic) -> list[str]:
    found = [
        f"`{name}` is missing"
        for name in (
            "title_en", "aliases", "tags", "difficulty", "sources", "key_points", "key_points_en",
            "questions",
        )
        if not getattr(topic, name)
    ]  # fmt: skip
    if topic.difficulty and topic.difficulty not in DIFFICULTIES:
        found.append(f"`difficulty` is '{topic.difficulty}', not one of {', '.join(DIFFICULTIES)}")
    for name, count, (least, most) in (
        ("key_points", len(topic.key_points), KEY_POINTS),
        ("questions", len(topic.questions), QUESTIONS),
    ):
        if count and not least <= count <= most:
            found.append(f"{count} {name}, {least} to {most} are wanted")
    if len(topic.key_points) != len(topic.key_points_en):
        found.append("`key_points` and `key_points_en` differ in number")
    for source in topic.sources:
        if not {"title", "authors", "year"} <= set(source):
            found.append("a source lacks title, authors or year")
    for language in ("zh", "en"):
        if topic.questions and not topic.questions_in(language):
            found.append(f"no question in '{language}'")
    return found


def _links(topic: Topic, paths: set[str]) -> list[str]:
    found = [
        f"the prerequisite {path} does not exist"
        for path in topic.prerequisites
        if path not in paths
    ]
    if topic.note in topic.prerequisites:
        found.append("the note is its own prerequisite")
    return found


def _body(note: Note, topic: Topic) -> list[str]:
    body = body_of(note)
    found = []
    count = chinese_characters(body)
    if not LENGTH[0] <= count <= LENGTH[1]:
        found.append(f"{count} Chinese characters, {LENGTH[0]} to {LENGTH[1]} are wanted")
    digest = _DIGEST.search(body)
    sentences = len(sentence_spans(digest[1].strip())) if digest else 0
    if not 2 <= sentences <= 6:
        found.append(f"the English digest has {sentences} sentences, 2 to 5 are wanted")
    windows = [set(content_words(body[a:b])) for a, b in sentence_spans(body)]
    windows += [one | two for one, two in pairwise(windows)]
    for point in topic.key_points:
        words = set(content_words(point))
        share = max((len(words & window) for window in windows), default=0) / (len(words) or 1)
        if share < STATED:
            found.append(f"a key point is not in the text ({share:.0%} of its words): {point}")
    return found
