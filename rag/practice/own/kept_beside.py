"""Key points of the learner's own notes, kept beside the notes as the learner corrected them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from rag.errors import UsageError
from rag.notes.topic import NoteQuestion, TaughtPoint, Topic, taught_by
from rag.practice.own.drafted_points import DraftedPoints
from rag.practice.own.point_ids import point_id
from rag.readers.sidecar import read_sidecar, sidecar_of
from rag.storage.atomic import write_atomic

_HEAD = (
    "# Key points and questions of {note}, for `rag practice`. Correct them freely; keep the ids,\n"
    "# by which your past is known. 这是练习用的要点与问题，可随意修改；请保留 id。\n"
)
LONGEST = 500  # characters of a point or a question


def corrected(
    draft: DraftedPoints, drop: Sequence[int] = (), texts: Mapping[int, str] | None = None
) -> DraftedPoints:
    """A draft without some points and with others in the learner's words; ids stay.

    Args:
        drop: numbers of points to leave out, counted from 1.
        texts: number of a point → its wording.

    Raises:
        UsageError: there is no such point, a wording is empty or too long, or none is left.
    """
    texts = texts or {}
    unknown = [n for n in (*drop, *texts) if not 1 <= n <= len(draft.points)]
    if unknown:
        raise UsageError(
            f"There is no point {unknown[0]}; they are 1 to {len(draft.points)}. 没有这个要点。"
        )
    for text in texts.values():
        if not text.strip() or len(text) > LONGEST:
            raise UsageError(f"A point has 1 to {LONGEST} characters. 要点长度有误。")
    points = tuple(
        replace(point, text=" ".join(texts.get(n, point.text).split()))
        for n, point in enumerate(draft.points, 1)
        if n not in drop
    )
    if not points:
        raise UsageError("Keep at least one point. 至少保留一个要点。")
    left = {point.id for point in points}
    asked = [
        replace(question, points=tuple(name for name in question.points if name in left))
        for question in draft.questions
    ]
    questions = [question for question in asked if question.points]
    if not questions:
        questions = [replace(draft.questions[0], points=tuple(point.id for point in points))]
    return replace(draft, points=points, questions=tuple(questions))


def save_beside(folder: Path, draft: DraftedPoints, looked_through: bool = True) -> Path:
    """Keep a draft beside its note; what was kept before is replaced, the note never touched.

    Args:
        looked_through: the learner has seen it; else it stays marked as a draft.

    Raises:
        CorpusError: the note lies in an archive.
        RagError: the folder cannot be written.
    """
    path = sidecar_of(folder, draft.note)
    data: dict[str, Any] = {
        **({} if looked_through else {"draft": True}),
        "drafted_by": draft.by,
        "key_points": [_point(point, draft.quotes.get(point.id, "")) for point in draft.points],
        "questions": [_question(question) for question in draft.questions],
    }
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=1000)
    write_atomic(path, (_HEAD.format(note=draft.note) + text).encode())
    return path


def kept_beside(folder: Path, note: str) -> bool:
    """There is a sidecar with key points for the note."""
    return bool(read_sidecar(folder, note).get("key_points"))


def kept_points(topic: Topic, folder: Path) -> DraftedPoints | None:
    """What is kept beside a note, to be corrected further; None where nothing is."""
    kept = read_sidecar(folder, topic.note)
    taught = taught_by(replace(topic, points=(), asked=()), kept)
    if not taught.points:
        return None
    named = tuple(
        point if point.id else replace(point, id=point_id(point.text)) for point in taught.points
    )
    quotes = {
        str(item["id"]): str(item["quote"])
        for item in kept["key_points"]
        if isinstance(item, Mapping) and item.get("id") and item.get("quote")
    }
    return DraftedPoints(
        topic.note, topic.title, named, _sound_questions(topic, taught.asked, named),
        str(kept.get("drafted_by") or ""), quotes,
    )  # fmt: skip


def _sound_questions(
    topic: Topic, asked: Sequence[NoteQuestion], points: Sequence[TaughtPoint]
) -> tuple[NoteQuestion, ...]:
    """The questions of a file that somebody may have edited: each with points that are there, all
    of them where it names none; one on the whole note where there is none."""
    every = tuple(point.id for point in points)
    sound = [
        replace(question, points=tuple(name for name in question.points if name in every) or every)
        for question in asked
    ]
    return tuple(sound) or (NoteQuestion(topic.title, every),)


def _point(point: TaughtPoint, quote: str) -> dict[str, Any]:
    data = {"id": point.id, "text": point.text, "section": point.section, "weight": point.weight}
    more = {"recall": point.recall, "quote": quote}
    return data | {name: text for name, text in more.items() if text}


def _question(question: NoteQuestion) -> dict[str, Any]:
    return {"text": question.text, "points": list(question.points)}
