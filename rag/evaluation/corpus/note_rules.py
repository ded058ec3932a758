"""What one note must be like, by itself; `corpus/README.md` says why."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from rag.evaluation.corpus.note_parts import NoteParts, chinese_characters
from rag.notes.topic import DIFFICULTIES, Topic
from rag.text.language import CJK

LENGTH = (500, 2400)  # Chinese characters in the body
SECTION = 520  # Chinese characters besides code and tables
LEAD = (40, 320)
KEY_POINTS = (3, 8)
MUST = (2, 5)
QUESTIONS = (4, 8)  # in each language
NEXT = {"zh": "面试官会接着问", "en": "What interviewers ask next"}

# One word for one concept: what is not written, and what is.
TERMS = {"词元": "token", "只有解码器": "decoder-only", "只有编码器": "encoder-only"}
TERM_HOMES = ("02-transformer/tokenizers-overview",)  # where other names of a thing are explained

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_COMMA = re.compile(r"\S?\d,\d\S{0,10}")
_HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:](?!//)|,[\u4e00-\u9fff]")
# Not 题目前半段, nor "concurrently".
_AGES = re.compile(
    r"(?<!题)目前|如今|近年来?|\b(?:currently|nowadays|as of now|in recent years)", re.I
)
_DATED = re.compile(r"20\d\d")


def front_matter(topic: Topic, english: bool) -> Iterator[str]:
    """Fields, ids, weights and questions. `topic` is of this file alone, without its twin."""
    wanted = ["points", "asked"]
    if not english:
        wanted += ["title_en", "aliases", "tags", "difficulty", "sources"]
    yield from (
        f"`{_FIELDS.get(name, name)}` is missing" for name in wanted if not getattr(topic, name)
    )
    if topic.difficulty and topic.difficulty not in DIFFICULTIES:
        yield f"`difficulty` is '{topic.difficulty}', not one of {', '.join(DIFFICULTIES)}"
    for name, count, (least, most) in (
        ("key points", len(topic.points), KEY_POINTS),
        ("questions", len(topic.asked), QUESTIONS),
        ("`must` points", sum(point.weight == "must" for point in topic.points), MUST),
    ):
        if count and not least <= count <= most and not (english and name == "`must` points"):
            yield f"{count} {name}, {least} to {most} are wanted"
    ids = [point.id for point in topic.points]
    yield from (f"'{name}' is no id for a key point" for name in ids if not _ID.fullmatch(name))
    yield from (f"the id {name} stands twice" for name, n in Counter(ids).items() if n > 1)
    asked_for: set[str] = set()
    for question in (*topic.asked, *topic.also_asked):
        unknown = [name for name in question.points if name not in ids]
        if unknown or not question.points:
            yield f"the question '{question.text}' names no point, or one that is not there"
        if english == bool(CJK.search(question.text)):
            yield f"the question '{question.text}' is not in the language of its file"
        asked_for.update(question.points if question in topic.asked else ())
    texts = Counter(question.text.strip().lower() for question in (*topic.asked, *topic.also_asked))
    yield from (f"the question '{text}' stands twice" for text, n in texts.items() if n > 1)
    yield from (f"no question asks for {name}" for name in ids if name not in asked_for)
    for source in topic.sources:
        if not {"title", "authors", "year"} <= set(source):
            yield "a source lacks title, authors or year"


_FIELDS = {"points": "key_points", "asked": "questions"}


def form(topic: Topic, parts: NoteParts, english: bool) -> Iterator[str]:
    """Headings, lead, sections and lengths."""
    names = [heading.text for heading in parts.headings]
    if [heading.level for heading in parts.headings].count(1) != 1 or parts.headings[0].level != 1:
        yield "the body must begin with its one `# title`"
        return
    if names[0] != topic.title:
        yield f"the title is '{topic.title}', the heading '{names[0]}'"
    yield from (f"the heading '{name}' stands twice" for name, n in Counter(names).items() if n > 1)
    yield from (
        f"the point {point.id} names '{point.section}', which is no heading"
        for point in topic.points
        if point.section not in names
    )
    if NEXT["en" if english else "zh"] not in names:
        yield f"there is no section '{NEXT['en' if english else 'zh']}'"
    if english:
        return
    count = chinese_characters(parts.body)
    if not LENGTH[0] <= count <= LENGTH[1]:
        yield f"{count} Chinese characters, {LENGTH[0]} to {LENGTH[1]} are wanted"
    lead = chinese_characters(parts.headings[0].below, tables=False)
    if not LEAD[0] <= lead <= LEAD[1]:
        yield f"the lead has {lead} Chinese characters, {LEAD[0]} to {LEAD[1]} are wanted"
    for heading in parts.headings[1:]:
        count = chinese_characters(heading.below, tables=False)
        if count > SECTION:
            yield f"the section '{heading.text}' has {count} Chinese characters; split it"


def wording(note: str, parts: NoteParts, english: bool) -> Iterator[str]:
    """Punctuation, terms, and facts that age without a date."""
    if not english:
        yield from (
            f"half-width comma between numbers: {match}" for match in _COMMA.findall(parts.words)
        )
        for line in parts.words.splitlines():
            if _HALF_WIDTH.search(line) and not line.startswith("|"):
                yield f"half-width punctuation in Chinese: {line.strip()[:40]}"
        if not note.startswith(TERM_HOMES):
            yield from (
                f"'{bad}': write {good}" for bad, good in TERMS.items() if bad in parts.words
            )
    for sentence in re.split(r"(?<=[。.!?！？\n])", parts.words):
        if (ages := _AGES.search(sentence)) and not _DATED.search(sentence):
            yield f"'{ages[0]}' without a date: {sentence.strip()[:60]}"


def links(topic: Topic, paths: set[str]) -> Iterator[str]:
    yield from (
        f"the prerequisite {path} does not exist"
        for path in topic.prerequisites
        if path not in paths
    )


def circles(topics: Iterable[Topic]) -> Iterator[tuple[str, str]]:
    """Notes that are, by whatever way round, prerequisites of themselves: (note, what is wrong)."""
    before = {topic.note: topic.prerequisites for topic in topics}
    state: dict[str, bool] = {}  # False: being looked at; True: done
    for start in before:
        stack = [(start, iter(before[start]))]
        while stack:
            note, rest = stack[-1]
            state.setdefault(note, False)
            for other in rest:
                if state.get(other) is False:
                    yield note, f"its prerequisite {other} depends on it in turn"
                elif other in before and other not in state:
                    stack.append((other, iter(before[other])))
                    break
            else:
                state[note] = True
                stack.pop()
