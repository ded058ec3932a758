"""Questions with the sentences that people would answer them by: `data/answer_sentences.jsonl`.

990 questions as people ask them (none of the nugget set's or of the fresh sets'); for each a reader
saw the first seven sections found and chose, in the order of telling, what makes the best answer.
A fifth carries the embedded LLM's word on the likeliest sentences: it was not fitted to these.

`data/harder_answer_sentences.jsonl` has 452 more, as they come up at work and in an interview
(taken out of the notes' `also_asked`, chosen by eight other readers). Fitted on them too, the
choice is better there and worse to fresh readers, in English above all; see
`docs/measurements.md`.
"""

from dataclasses import dataclass
from pathlib import Path

from rag.evaluation.json_files import read_json_lines
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


def read_labelled(path: Path = FILE) -> list[LabelledQuestion]:
    """
    Raises:
        UsageError: the file cannot be read.
    """
    return [
        LabelledQuestion(
            data["question"],
            frozenset((note, heading) for note, heading in data["shown"]),
            {(note, text): place for place, (note, text) in enumerate(data["answer"])},
            frozenset((note, text) for note, text in data["also"]),
            {(note, text): Verdict(*odds) for note, text, *odds in data.get("verdicts", [])},
        )
        for data in read_json_lines(path)
    ]
