"""What a mock interview is about: topics by folder, by tag, by weakness, or by what an advert or a
list of questions names."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.errors import CorpusError, UsageError
from rag.notes.study_path import StudyPlan
from rag.notes.topic import NoteQuestion, Topic
from rag.practice.coach import Coach
from rag.practice.stats import JUDGED
from rag.practice.topic_points import practisable
from rag.search.hybrid import HybridRetriever
from rag.search.names import asked_names, holds_name
from rag.text.language import detect_language
from rag.text.words import content_words

FEWEST, MOST = 1, 12
USUAL = 6
LONGEST_ADVERT = 20_000
LIKE = 0.5  # share of a line's words that a note's own question has
NEAR = 0.6  # the same for a note found by searching
_LINE = re.compile(r"[\n;；。]|(?<=[?？])")
_BULLET = re.compile(r"^\s*(?:[-*•·●▪]|\(?\d+[.)、）](?!\d)|[①-⑳])\s*")
_TERMS = re.compile(
    r"[,，、/|]|\s(?:and|or|和|以及|与|及)\s|(?<=[A-Za-z0-9\u4e00-\u9fff])\s*(?:以及|和)\s*"
)
_FRAME = re.compile(
    r"^(?:熟悉|精通|了解|掌握|具备|有|能够|能|负责|参与|熟练|使用|对|优先|加分项?|任职要求|岗位职责|"
    r"experience (?:with|in)|familiar(?:ity)? with|(?:knowledge|understanding) of|"
    r"proficient (?:in|with)|strong|good|hands-on|deep|solid)[:：\s]*|"
    r"(?:等|等等|者?优先|经验|相关经验|etc\.?)$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an interview will ask.

    Attributes:
        asked: topics with the question that was named for each; None: the topic's own.
        unmatched: what an advert or a list names and the notes do not hold, as it stands there.
    """

    asked: tuple[tuple[Topic, NoteQuestion | None], ...]
    unmatched: tuple[str, ...] = field(default=())


def folders(topics: Sequence[Topic]) -> list[str]:
    """Every folder that holds notes, also within others, as `by_folder_or_tag` takes it."""
    found: set[str] = set()
    for topic in topics:
        parts = topic.key.split("/")[:-1]
        found |= {"/".join(parts[:depth]) for depth in range(1, len(parts) + 1)}
    return sorted(name for name in found if not name.endswith("/"))  # collection//folder


def by_folder_or_tag(coach: Coach, profile: str, folder: str = "", tag: str = "") -> Chosen:
    """Topics of a folder (or one note's path) and with a tag, in the order of the schedule.

    Raises:
        UsageError: there is none.
    """
    path = folder.strip("/")
    found = [
        topic
        for topic in coach.timetable.in_order(profile)
        if not topic.free
        and (not path or topic.key == path or topic.key.startswith(f"{path}/"))
        and (not tag or tag in topic.tags)
    ]
    if not found:
        raise UsageError(
            f"No topic has the folder '{folder}' and the tag '{tag}'. 没有符合条件的主题。"
        )
    return Chosen(tuple((topic, None) for topic in found))


def by_weakness(coach: Coach, profile: str) -> Chosen:
    """Topics of which points were missed or told wrongly at the last attempt, worst first.

    Raises:
        UsageError: nothing was judged yet.
    """
    by_key = {topic.key: topic for topic in coach.topics}
    weak: dict[str, float] = {}
    for item in coach.history.attempts(profile):
        statuses = [p.get("status") for p in item.grade.get("points", [])]
        judged = [status for status in statuses if status in JUDGED]
        if judged and item.topic in by_key:
            bad = sum(
                {"contradicted": 2, "missed": 1, "partly": 0.5}.get(str(s), 0) for s in judged
            )
            weak[item.topic] = bad / len(judged)
    found = sorted((key for key in weak if weak[key] > 0), key=lambda key: -weak[key])
    if not found:
        raise UsageError("No weak topic is known yet; practise first. 还没有薄弱主题的记录。")
    return Chosen(tuple((by_key[key], None) for key in found))


def by_path(coach: Coach, plan: StudyPlan, profile: str, days_left: int | None = None) -> Chosen:
    """Topics of a study path: those of today, then what came before, the latest first, then what
    is ahead.

    Raises:
        UsageError: the path names no topic that is practised here.
    """
    days = plan.path.days
    today = plan.today(coach.history.cards(profile), days_left) or range(len(days), len(days) + 1)
    before, ahead = range(today.start - 1, 0, -1), range(today.stop, len(days) + 1)
    by_key = {topic.key: topic for topic in coach.topics}
    keys = [
        topic.key
        for number in (*today, *before, *ahead)
        for topic in plan.topics_of(days[number - 1])
    ]
    found = [by_key[key] for key in dict.fromkeys(keys) if key in by_key]
    if not found:
        raise UsageError("The study path names no topic of these notes. 学习路线里没有可练的主题。")
    return Chosen(tuple((topic, None) for topic in found))


def by_text(coach: Coach, text: str) -> Chosen:
    """Topics that a job advert or a list of questions names, in its order.

    Raises:
        UsageError: the text is empty or far too long.
        CorpusError: the notes hold nothing of it.
    """
    if not text.strip() or len(text) > LONGEST_ADVERT:
        raise UsageError(
            f"Paste an advert or questions of 1 to {LONGEST_ADVERT} characters. 文本为空或太长。"
        )
    asked: dict[str, tuple[Topic, NoteQuestion | None]] = {}
    unmatched: list[str] = []
    for line in _lines(text):
        found = _of_line(coach, line)
        for topic, question in found.asked:
            asked.setdefault(topic.key, (topic, question))
        unmatched += found.unmatched
    if not asked:
        raise CorpusError(
            "The notes hold nothing of what this text names. 笔记里没有文中提到的内容。"
        )
    return Chosen(tuple(asked.values()), tuple(dict.fromkeys(unmatched)))


def enough(coach: Coach, chosen: Chosen, most: int) -> Chosen:
    """The first topics of a choice that the notes say enough about.

    Raises:
        UsageError: the number is out of range.
        CorpusError: the notes say too little about all of them.
    """
    if not FEWEST <= most <= MOST:
        raise UsageError(f"An interview has {FEWEST} to {MOST} topics. 主题数有误。")
    found: list[tuple[Topic, NoteQuestion | None]] = []
    for topic, question in chosen.asked:
        if len(found) < most and practisable(coach.index, topic):
            found.append((topic, question))
    if not found:
        raise CorpusError(
            "The notes say too little about these topics. 笔记里关于这些主题的内容太少。"
        )
    return Chosen(tuple(found), chosen.unmatched)


def _lines(text: str) -> list[str]:
    """Lines that ask or demand something; headings and bullets' marks are left out."""
    found = []
    for part in _LINE.split(text):
        line = _BULLET.sub("", part).strip()
        if line and not line.endswith((":", "：")) and any(char.isalnum() for char in line):
            found.append(line)
    return found


def _of_line(coach: Coach, line: str) -> Chosen:
    """The topics of one line: the note whose question it is; else every note that it names; else
    the nearest one, if it speaks of the same."""
    alike = _asked_alike(coach, line)
    if alike is not None:
        return Chosen((alike,))
    found: dict[str, tuple[Topic, NoteQuestion | None]] = {}
    missing: list[str] = []
    question = bool(re.search(r"[?？]", line))
    terms = [line] if question else [_bare(term) for term in _TERMS.split(line)]
    for term in terms:
        if not any(char.isalnum() for char in term):
            continue
        named = _named(coach.topics, term)
        near = None if named else _nearest(coach, term)
        if named:
            found.setdefault(named.key, (named, None))
        elif near is not None:
            found.setdefault(near.key, (near, None))
        elif _is_demand(term, question):
            missing.append(term)
    if question and found:
        topic = next(iter(found.values()))[0]
        return Chosen(((topic, None),))
    return Chosen(tuple(found.values()), tuple(missing))


def _bare(term: str) -> str:
    """A term without what adverts put around it."""
    before = ""
    term = term.strip(" .。()（）")
    while term != before:
        before, term = term, _FRAME.sub("", term).strip(" .。()（）")
    return term


def _is_demand(term: str, question: bool) -> bool:
    """What is worth naming as not in the notes: a question, a name, or a short technical term."""
    return question or bool(asked_names(term)) or 1 <= len(content_words(term)) <= 8


def _asked_alike(coach: Coach, line: str) -> tuple[Topic, NoteQuestion] | None:
    """The note's own question that a line asks in much the same words."""
    words = set(content_words(line))
    best: tuple[float, Topic, NoteQuestion] | None = None
    for topic in coach.topics:
        for asked in topic.asked:
            other = set(content_words(asked.text))
            shared = _mass(coach, words & other)
            share = shared / max(_mass(coach, words | other), 1e-9)
            if share >= LIKE and (best is None or share > best[0]):
                best = (share, topic, asked)
    return (best[1], best[2]) if best else None


def _named(topics: Sequence[Topic], term: str) -> Topic | None:
    """The topic whose longest name stands in a term."""
    plain = unicodedata.normalize("NFKC", term).lower()
    found = [
        (len(name), topic)
        for topic in topics
        for name in topic.names
        if len(name) >= 2 and (holds_name(term, name) if name.isascii() else name.lower() in plain)
    ]
    return max(found, key=lambda item: item[0])[1] if found else None


def _nearest(coach: Coach, term: str) -> Topic | None:
    """The note found by searching, if it holds most of what the term says and all its names."""
    words = set(content_words(term))
    if not words:
        return None
    retriever = HybridRetriever(
        store=coach.index.store, lexical=coach.index.lexical, notes=coach.index.notes
    )
    by_note = {(topic.collection, note): topic for topic in coach.topics
               for note in (topic.note, topic.twin) if note}  # fmt: skip
    for hit in retriever.search(term, 3):
        meta = hit.document.metadata
        head = f"{meta['title']} {' '.join(meta['headings'] or [])}"
        text = f"{head} {hit.document.page_content}"
        shared = _mass(coach, words & set(content_words(text)))
        whole = _mass(coach, words)
        names = asked_names(term)
        topic = by_note.get((str(meta.get("collection", "")), str(meta["note"])))
        # A name is the same in either language, where the note is about it.
        same = detect_language(term) == detect_language(text)
        told = topic is not None and bool(names) and _is_about(topic, head, names)
        if (
            topic
            and (same or told)
            and shared >= NEAR * whole
            and all(holds_name(text, n) for n in names)
        ):
            return topic
    return None


def _is_about(topic: Topic, text: str, names: Sequence[str]) -> bool:
    """A note's title, headings, points or questions hold all the names: it does not just drop them.

    Args:
        text: the title, and the headings of what was found of it.
    """
    told = "\n".join([text, *topic.names, *topic.questions, *topic.key_points])
    return all(holds_name(told, name) for name in names)


def _mass(coach: Coach, words: set[str]) -> float:
    return sum(coach.index.lexical.idf(word) for word in words)
