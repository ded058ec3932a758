"""What the embedded LLM is fitted to as a judge: prompts and the word that people give as reply.

Three sets, all in `data/`: spoken explanations with a label a key point, claims beside evidence,
and sentences that readers chose for an answer (see `answer_sentences`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.answer.quoting.choosing import scored
from rag.assistant import Assistant
from rag.evaluation.fit.answer_sentences import read_labelled
from rag.evaluation.fit.fit_choosing import collect
from rag.evaluation.json_files import read_json_lines
from rag.llm.verdict import belongs_prompt, states_prompt
from rag.notes.topic import topic_of, twin_of
from rag.text.language import Language

DATA = Path(__file__).with_name("data")
EXPLANATIONS = DATA / "spoken_explanations.jsonl"
PAIRS = DATA / "claim_pairs.jsonl"
CANDIDATES = 24  # likeliest sentences a question
_REPLY = {
    "covered": 0, "supported": 0, "partly": 1, "contradicted": 2, "missed": 3, "not_said": 3,
}  # fmt: skip

Half = Literal["train", "tune", "held"]


@dataclass(frozen=True)
class Example:
    """A prompt (the user's turn) and its reply, as place in `rag.llm.verdict.WORDS`.

    Attributes:
        kind: explanation, pair or sentence.
    """

    prompt: str
    reply: int
    half: Half
    kind: str


def explanations(assistant: Assistant) -> Iterator[Example]:
    """A key point and what a candidate said. Official topics are never trained on."""
    for data in read_json_lines(EXPLANATIONS):
        note = assistant.note(data["topic"])
        topic = topic_of(note, assistant.note(twin_of(data["topic"])))
        language: Language = "en" if data["lang"] == "en" else "zh"
        for point in topic.points:
            if (label := data["labels"].get(point.id)) is None:
                continue
            text = point.text_en if language == "en" and point.text_en else point.text
            prompt = states_prompt(
                data["text"], f"{topic.name(language)}: {text}", data["question"]
            )
            yield Example(prompt, _REPLY[label], data["half"], "explanation")


def pairs() -> Iterator[Example]:
    """A claim and the passage that it is said to rest on."""
    for data in read_json_lines(PAIRS):
        prompt = states_prompt(data["evidence"], data["claim"])
        yield Example(prompt, _REPLY[data["label"]], data["half"], "pair")


def sentences(assistant: Assistant) -> Iterator[Example]:
    """The likeliest sentences of each question, a fifth of the questions held out."""
    labelled = read_labelled()
    cases = collect(assistant, labelled)
    for number, item in enumerate(labelled):
        own = {id(case.candidate): case for case in cases if case.question == number}
        ranked = scored([case.candidate for case in own.values()])
        for place, found in enumerate(ranked):
            case = own[id(found.candidate)]
            if place < CANDIDATES or case.label == 2:
                quote = found.candidate.quote
                prompt = belongs_prompt(item.question, quote.context, quote.text)
                half: Half = "held" if item.verdicts else "train"
                yield Example(prompt, (3, 1, 0)[case.label], half, "sentence")
