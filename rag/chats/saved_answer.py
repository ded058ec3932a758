"""An `Answer` → JSON and back, whole: text, citations and what follow-up questions lean on."""

from collections.abc import Mapping, Sequence
from typing import Any

from rag.answer.answer import Answer, KeptAnswer, Turn
from rag.text.markup import without_markup

_BESIDE = {"standalone", "confidence", "stage", "signals"}


def answer_to_json(answer: Answer) -> dict[str, Any]:
    """The contract of `rag ask --json`, and beside it what that leaves out."""
    kept = KeptAnswer.of(answer).model_dump(mode="json", include=_BESIDE)
    return {**answer.to_dict(), **kept}


def answer_from_json(data: Mapping[str, Any]) -> Answer:
    """The answer that `answer_to_json` wrote, also by another version of this program.

    Raises:
        ValueError: `data` is no such JSON.
    """
    return KeptAnswer.model_validate(data).restored()


def earlier_turns(answers: Sequence[Answer]) -> list[Turn]:
    """What a follow-up question is resolved against: all but greetings and thanks, also what the
    notes did not answer (“那 vLLM 呢？” asks the same of another thing)."""
    return [
        Turn(
            answer.standalone or answer.question, _said(answer),
            answer.citations[0].title if answer.citations else "", stands_alone=True,
        )
        for answer in answers
        if answer.citations or answer.standalone
    ]  # fmt: skip


def _said(answer: Answer) -> str:
    """What was told, with the originals of what was translated: neither is told again."""
    behind = {n for sentence in answer.sentences if sentence.translated for n in sentence.citations}
    quotes = [without_markup(item.quote) for item in answer.citations if item.n in behind]
    return " ".join([answer.text, *quotes])
