"""The LLM's word on key points: token probabilities of the embedded one, structured output of
an API model. What it says is checked: a quote must stand in the explanation."""

import logging
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, Field

from rag.errors import ModelError
from rag.grounding.support import echoes_question
from rag.llm import prompts
from rag.llm.model import LanguageModel
from rag.practice.explanation import Utterance
from rag.practice.points import KeyPoint
from rag.text.language import Language, detect_language

_log = logging.getLogger(__name__)
LONGEST = 2400  # characters of an explanation that the embedded LLM reads


class PointVerdict(BaseModel):
    """One key point's verdict."""

    number: int = Field(description="Number of the key point")
    status: Literal["covered", "partly", "missed", "contradicted"]
    quote: str = Field("", description="The learner's words, exactly as written; empty if missed")


class Verdicts(BaseModel):
    """The verdicts on all key points and one follow-up question."""

    verdicts: list[PointVerdict]
    follow_up: str = Field("", description="One interview question on the weakest point")


def point_log_odds(
    model: LanguageModel, point: KeyPoint, counted: Sequence[Utterance]
) -> float | None:
    """log P(yes) − log P(no) that the learner says the point; local models only."""
    text = "\n".join(said.text for said in counted)[:LONGEST]
    language = detect_language(text)
    messages = prompts.says_point_messages(text, point.in_language(language), language)
    yes, no = prompts.SAYS_POINT[language]
    return model.log_odds(messages, yes, no)


def api_verdicts(
    model: LanguageModel, question: str, points: Sequence[KeyPoint], explanation: str
) -> tuple[dict[int, tuple[PointVerdict, Utterance | None]], str]:
    """Verdicts by place of the point (from 0) with the quoted span, and a follow-up question.

    A verdict other than "missed" whose quote is not in the explanation is left out. Empty where
    the model has no structured output.

    Raises:
        ModelError: the model did not answer.
    """
    language = detect_language(question)
    messages = prompts.grading_messages(
        question, [point.in_language(language) for point in points], explanation, language
    )
    reply = model.structured(messages, Verdicts)
    if reply is None:
        return {}, ""
    found: dict[int, tuple[PointVerdict, Utterance | None]] = {}
    for verdict in reply.value.verdicts:
        quote = verdict.quote.strip()
        start = explanation.find(quote) if quote else -1
        said = Utterance(quote, start, start + len(quote)) if start >= 0 else None
        if 1 <= verdict.number <= len(points) and (said or verdict.status == "missed"):
            found[verdict.number - 1] = (verdict, said)
    return found, " ".join(reply.value.follow_up.split())[:300]


def follow_up_question(
    model: LanguageModel, question: str, point: KeyPoint, language: Language
) -> str:
    """An interviewer's question that leads to a point without telling it; "" if none came."""
    messages = prompts.follow_up_messages(question, point.in_language(language), language)
    try:
        text = model.complete(messages, max_tokens=60, grammar=prompts.ONE_LINE)
    except ModelError as error:
        _log.warning("no follow-up question: %s", error)
        return ""
    text = " ".join(text.split()).strip('"“” ')
    asks = bool(text) and text[-1] in "?\uff1f" and detect_language(text) == language
    return text if asks and not echoes_question(text, question) else ""
