"""An `Answer` → JSON and back, whole: text, citations and what follow-up questions lean on."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, TypeVar

from rag.answer.abstention.signals import Signals
from rag.answer.answer import Answer, Nearest, Sentence, Turn
from rag.grounding.citation import Citation

_Part = TypeVar("_Part", Answer, Citation, Nearest, Sentence, Signals)


def answer_to_json(answer: Answer) -> dict[str, Any]:
    """The contract of `rag ask --json`, and beside it what that leaves out."""
    return {
        **answer.to_dict(),
        "standalone": answer.standalone,
        "confidence": answer.confidence,
        "stage": answer.stage,
        "signals": asdict(answer.signals) if answer.signals else None,
    }


def answer_from_json(data: Mapping[str, Any]) -> Answer:
    """The answer that `answer_to_json` wrote, also by another version of this program: names
    that are not known here are left out.

    Raises:
        KeyError, TypeError, ValueError: `data` is no such JSON.
    """
    rest = {
        "sentences": tuple(_part(Sentence, item) for item in data["sentences"]),
        "citations": tuple(_part(Citation, item) for item in data["citations"]),
        "nearest": tuple(_part(Nearest, item) for item in data.get("nearest") or []),
        "dropped": tuple(data.get("dropped") or []),
        "signals": _part(Signals, data["signals"]) if data.get("signals") else None,
    }
    return _part(Answer, {**data, **rest})


def remembered(answers: Sequence[Answer]) -> list[Turn]:
    """What a follow-up question is resolved against: the answers that rest on something."""
    return [
        Turn(answer.standalone or answer.question, answer.text, answer.citations[0].title)
        for answer in answers
        if answer.citations
    ]


def _part(kind: type[_Part], data: Mapping[str, Any]) -> _Part:
    """A frozen dataclass of its fields' values; lists become the tuples they were."""
    known = {field.name for field in fields(kind)}
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in data.items()
        if name in known
    }
    return kind(**values)
