"""Questions with the sentences that people would answer them by: `data/answer_sentences.jsonl`.

990 questions as people ask them (none of the nugget set's or of the fresh set's); for each a reader
saw the first seven sections found and chose, in the order of telling, what makes the best answer.
A fifth carries the embedded LLM's word on the likeliest sentences: it was not fitted to these.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rag.llm.verdict import Verdict

FILE = Path(__file__).with_name("data") / "answer_sentences.jsonl"
KEY = 60  # characters by which a sentence is known
Key = tuple[str, str]  # note, beginning of the sentence


@dataclass(frozen=True)
class LabelledQuestion:
    """What a reader chose for a question.

    Attributes:
        shown: (note, heading) of the sections that the reader saw.
        answer: sentence → place in the order of telling.
        also: sentences of use in a longer answer.
        verdicts: the LLM's word; {} for questions that it was fitted to.
    """

    question: str
    shown: frozenset[tuple[str, str]]
    answer: dict[Key, int]
    also: frozenset[Key]
    verdicts: dict[Key, Verdict]


def sentence_key(note: str, text: str) -> Key:
    return note, " ".join(text.split())[:KEY]


def read_labelled(path: Path = FILE) -> Iterator[LabelledQuestion]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            data = json.loads(line)
            yield LabelledQuestion(
                data["question"],
                frozenset((note, heading) for note, heading in data["shown"]),
                {(note, text): place for place, (note, text) in enumerate(data["answer"])},
                frozenset((note, text) for note, text in data["also"]),
                {(note, text): Verdict(*odds) for note, text, *odds in data.get("verdicts", [])},
            )
