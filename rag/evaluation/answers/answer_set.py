"""Questions with gold answers: RGB's files and our own, in one form.

RGB (Chen et al. 2023, "Benchmarking Large Language Models in Retrieval-Augmented Generation")
gives `{query, answer, positive, negative}`; each row makes two questions, one over a mixture of
positive and negative passages and one, not to be answered, over negative passages only.
Ours is `{question, answerable, gold: [{note, quote}], answer?, kind?, history?}`.
"""

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import UsageError
from rag.evaluation.json_files import read_json_lines
from rag.text.language import Language, detect_language


@dataclass(frozen=True, slots=True)
class Gold:
    """Where an answer stands: a note (path relative to the corpus) and its words there."""

    note: str
    quote: str


@dataclass(frozen=True, slots=True)
class EvalQuestion:
    """One question to be asked.

    Attributes:
        answers: every group must be named in the answer, by any of its alternatives.
        passages: the only texts to answer from; None: the whole corpus.
        history: questions asked before, oldest first.
    """

    id: str
    question: str
    answerable: bool
    kind: str = ""
    answers: tuple[tuple[str, ...], ...] = ()
    gold: tuple[Gold, ...] = ()
    passages: tuple[str, ...] | None = None
    history: tuple[str, ...] = ()

    @property
    def language(self) -> Language:
        return detect_language(self.question)


def read_answer_set(path: Path, noise: float = 0.6, count: int = 5) -> list[EvalQuestion]:
    """The questions of a file of either form, in the file's order.

    Args:
        noise: share of negative passages where RGB's question is to be answered.
        count: passages shown for a question of RGB.

    Raises:
        UsageError: the file cannot be read, or a line has neither form.
    """
    found: list[EvalQuestion] = []
    for number, row in enumerate(read_json_lines(path), 1):
        try:
            if "query" in row:
                found.extend(_of_rgb(row, number, noise, count))
            else:
                found.append(_of_ours(row, number))
        except (KeyError, TypeError, AttributeError) as error:
            raise UsageError(
                f"{path}, line {number}, has neither RGB's form nor ours ({error}); "
                "see `rag eval answers --help`."
            ) from error
    if not found:
        raise UsageError(f"{path} holds no question; give a file with one JSON object a line.")
    return found


def sample(questions: list[EvalQuestion], limit: int | None) -> list[EvalQuestion]:
    """`limit` questions drawn evenly (a fixed shuffle), or all."""
    if limit is None or limit >= len(questions):
        return questions
    shuffled = list(questions)
    random.Random(0).shuffle(shuffled)
    return shuffled[:limit]


def _of_rgb(
    row: Mapping[str, Any], number: int, noise: float, count: int
) -> Iterator[EvalQuestion]:
    name = str(row.get("id", number))
    positive = [_text(item) for item in row["positive"]]
    negative = [_text(item) for item in row["negative"]]
    wrong = min(round(count * noise), len(negative))
    mixed = [*positive[: count - wrong], *negative[:wrong]]
    only_negative = negative[:count]
    order = random.Random(name)
    order.shuffle(mixed)
    order.shuffle(only_negative)
    answers = _groups(row["answer"])
    question = str(row["query"])
    if positive and mixed:
        yield EvalQuestion(f"{name}+", question, True, "mixed", answers, passages=tuple(mixed))
    if only_negative:
        yield EvalQuestion(f"{name}-", question, False, "negatives", passages=tuple(only_negative))


def _of_ours(row: Mapping[str, Any], number: int) -> EvalQuestion:
    return EvalQuestion(
        str(row.get("id", number)),
        str(row["question"]),
        bool(row["answerable"]),
        str(row.get("kind", "")),
        _groups(row.get("answer") or []),
        tuple(Gold(str(item["note"]), str(item["quote"])) for item in row.get("gold") or []),
        history=tuple(str(item) for item in row.get("history") or []),
    )


def _groups(answer: Any) -> tuple[tuple[str, ...], ...]:
    items: Iterable[Any] = answer if isinstance(answer, list) else [answer]
    return tuple(
        tuple(str(one) for one in item) if isinstance(item, list) else (str(item),)
        for item in items
    )


def _text(item: Any) -> str:
    return " ".join(str(part) for part in item) if isinstance(item, list) else str(item)
