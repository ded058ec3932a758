"""Short judgements that the embedded LLM was fitted to: four words, read as probabilities.

Out of the box the 1.5B model says yes to nearly everything (kappa .2 against people). A LoRA
adapter, fitted by `rag/evaluation/fit/fit_verdict.py` on the labelled sets in
`rag/evaluation/fit/data/`, makes it a judge of two things: whether a text states a point, and
whether a sentence belongs in the answer to a question. Hu et al. 2021, "LoRA".

The prompts are those of the fit, to the letter. What is the same from one request to the next (the
learner's words, the question) stands first: llama.cpp reads it once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from rag.llm.model import LanguageModel
from rag.safety.control_tokens import harmless

ADAPTER = Path(__file__).with_name("verdict_lora.gguf")
WORDS = ("yes", "half", "wrong", "no")
LONGEST = 2400  # characters of a text that are read
SYSTEM = "You judge what a text says."
_STATES = (
    "Does the answer state the point, in whatever words? Reply yes, half, wrong or no.\n\n"
    "{question}Answer: {text}\n\nPoint: {point}"
)
_BELONGS = (
    "Would a good answer to the question say this sentence? Reply yes, half or no.\n\n"
    "Question: {question}\n\nSentence ({heading}): {sentence}"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Probabilities that add up to 1.

    Attributes:
        yes: the text states the point; the sentence belongs in the answer.
        half: in part, vaguely; it would do no harm.
        wrong: it says something about the point that is not so.
        no: it does not speak of it.
    """

    yes: float
    half: float
    wrong: float
    no: float


def states(model: LanguageModel, text: str, point: str, question: str = "") -> Verdict | None:
    """Whether a text (an answer to `question`, or a passage) states a point; None where the model
    is no judge.

    Raises:
        ModelError: the model cannot be loaded or stops answering.
    """
    return _verdict(model, states_prompt(text, point, question))


def states_prompt(text: str, point: str, question: str = "") -> str:
    """What the model is asked by `states`."""
    asked = f"Question: {_line(question)}\n\n" if question else ""
    told = harmless(text)[:LONGEST].strip()
    return _STATES.format(question=asked, text=told, point=_line(point))


def belongs(model: LanguageModel, question: str, heading: str, sentence: str) -> Verdict | None:
    """Whether a sentence of a note (under `heading`) belongs in the answer to a question.

    Raises:
        ModelError: the model cannot be loaded or stops answering.
    """
    return _verdict(model, belongs_prompt(question, heading, sentence))


def belongs_prompt(question: str, heading: str, sentence: str) -> str:
    """What the model is asked by `belongs`."""
    return _BELONGS.format(
        question=_line(question), heading=_line(heading), sentence=_line(sentence)
    )


def _line(text: str) -> str:
    return " ".join(harmless(text).split())


def _verdict(model: LanguageModel, prompt: str) -> Verdict | None:
    messages: Sequence[BaseMessage] = [SystemMessage(SYSTEM), HumanMessage(prompt)]
    found = model.verdict(messages, WORDS)
    return None if found is None else Verdict(*found)
