"""The same quantity of the same named thing, told with two values in two notes.

Only what a program can be sure of is taken: a sentence or clause with one named thing, one
quantity word and one number of the fitting unit, or a table row under a column that names the
quantity. Everything else is passed over.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rag.evaluation.corpus.note_parts import NoteParts, numbers_in

ROUNDING = 0.05  # 15T and 15.6T, 128K and 131,072 are the same figure told more or less exactly

# Where two values are both right: (named thing, quantity) → why.
ALLOWED: dict[tuple[str, str], str] = {
    ("llama2", "training tokens"): "Code Llama went on from Llama 2 with 500B more.",
}

_THING = re.compile(
    r"(?<![A-Za-z0-9./-])(?:"
    r"(?:LLaMA|Llama|Qwen|DeepSeek|GLM|ChatGLM|Kimi|MiniMax|Mistral|Mixtral|Gemma|Phi|GPT|gpt-oss"
    r"|BLOOM|Baichuan|PaLM|OPT|OLMo|Gopher|Chinchilla|BERT|T5|ViT|Ascend|昇腾|TPU|RTX)"
    r"(?:[ -]?(?:[A-Zv]?\d+(?:\.\d+)*\w*|base|large|small|Next|Flash|Pro|Large|Small|Scout"
    r"|Maverick|Thinking|[A-Z]\d?|\d+x\d+B))*"
    r"|[ABH]\d{2,3}|GB\d{3}|L40S?|MI\d{3}X"
    r")(?![A-Za-z0-9])"
)
_CLAUSE = re.compile(r"[。；;，！？]|\.\s|,\s|: |：")
_CELL = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class _Quantity:
    """A quantity: the words that name it, in a clause or as a column, and how its value looks.

    Attributes:
        of_chip: it is one of an accelerator, else of a model.
        value, cell: of a clause, and of a table's cell, which may leave words out.
    """

    name: str
    of_chip: bool
    words: re.Pattern[str]
    value: re.Pattern[str]
    cell: re.Pattern[str]


def _quantity(name: str, of_chip: bool, words: str, value: str, cell: str = "") -> _Quantity:
    words_of, value_of = re.compile(words, re.I), re.compile(value, re.I)
    return _Quantity(name, of_chip, words_of, value_of, re.compile(cell or value, re.I))


_CHIP = re.compile(r"(?:[abh]|gb|l|mi)\d|tpu|rtx|ascend|昇腾")
_BIG = r"\d+(?:\.\d+)? ?(?:T|B|万亿|亿|trillion|billion)(?![A-Za-z])"
_COUNT = r"\d[\d,]*(?:\.\d+)?\s?(?:K|万)?(?![A-Za-z/])"
_QUANTITIES = (
    _quantity("memory bandwidth", True, r"带宽|bandwidth", r"\d+(?:\.\d+)? ?TB/s"),
    _quantity("memory", True, r"^显存$|^memory$", r"\d+ ?GB(?![/A-Za-z])"),
    _quantity("BF16 peak", True, r"BF16|FP16", r"\d+(?:\.\d+)? ?TFLOPS"),
    _quantity(
        "training tokens",
        False,
        r"训练|tokens?$|trained|training|saw|用了?约? ?\d",
        _BIG + r"(?= ?(?:个 ?)?(?:training )?token)",
        _BIG,
    ),
    _quantity("vocabulary", False, r"词表|vocabulary", _COUNT),
    _quantity("layers", False, r"层|layers?", r"\d+(?= ?(?:层|layers?))"),
    _quantity("context", False, r"上下文|context", r"\d+(?:\.\d+)? ?[KM](?![A-Za-z])|\d{4,}"),
    _quantity(
        "total parameters",
        False,
        r"总参|total",
        rf"(?:(?<=总参数 )|(?<=总参数约 )){_BIG}|{_BIG}(?= ?(?:总参|(?:in )?total))",
        rf"{_BIG}(?=/)",
    ),
    _quantity(
        "active parameters",
        False,
        r"激活|active",
        rf"(?:(?<=激活 )|(?<=激活约 )){_BIG}|{_BIG}(?= ?(?:激活|active))",
        rf"(?<=/){_BIG}",
    ),
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A value as one note tells it."""

    note: str
    thing: str
    quantity: str
    value: float
    words: str


def claims_in(note: str, parts: NoteParts) -> Iterator[Claim]:
    """What a note tells of named things in clauses and table rows."""
    head: list[str] = []
    for line in parts.words.splitlines():
        if line.startswith("|"):
            cells = [cell.strip() for cell in _CELL.split(line)[1:-1]]
            if not head:
                head = cells
            elif not all(set(cell) <= set(":- ") for cell in cells):
                yield from _row(note, head, cells)
        else:
            head = []
            for clause in _CLAUSE.split(line):
                yield from _clause(note, clause)


def _row(note: str, head: list[str], cells: list[str]) -> Iterator[Claim]:
    thing = _only_thing(cells[0]) if cells else ""
    for name, cell in zip(head[1:], cells[1:], strict=False):
        for each in _of(thing):
            if each.words.search(name):
                yield from _claims(note, thing, each.name, each.cell, cell, f"{name}: {cell}")


def _clause(note: str, clause: str) -> Iterator[Claim]:
    thing = _only_thing(clause)
    for each in _of(thing):
        if each.words.search(clause):
            yield from _claims(note, thing, each.name, each.value, clause, clause)


def _of(thing: str) -> list[_Quantity]:
    """The quantities that a named thing may have; none of no thing."""
    return [each for each in _QUANTITIES if thing and each.of_chip == bool(_CHIP.match(thing))]


def _claims(
    note: str, thing: str, quantity: str, value: re.Pattern[str], text: str, words: str
) -> Iterator[Claim]:
    found = value.findall(_THING.sub(" ", text))
    values = numbers_in(found[0]) if len(found) == 1 else set()
    if len(values) == 1:
        yield Claim(note, thing, quantity, values.pop(), words.strip()[:60])


def _only_thing(text: str) -> str:
    """The one named thing of a text, spelt alike whoever writes it; "" for none or several."""
    found = {re.sub(r"[ -]", "", match[0]).lower() for match in _THING.finditer(text)}
    return found.pop() if len(found) == 1 else ""


def conflicts(claims: Iterable[Claim]) -> Iterator[tuple[str, str]]:
    """Values that differ by more than rounding between two notes: (note, what is wrong)."""
    first: dict[tuple[str, str], list[Claim]] = {}
    for item in claims:
        key = (item.thing, item.quantity)
        for other in first.get(key, []):
            apart = abs(item.value - other.value) > ROUNDING * max(item.value, other.value)
            if apart and key not in ALLOWED and other.note != item.note:
                yield (
                    item.note,
                    f"the {item.quantity} of {item.thing} is another in {other.note}: "
                    f"'{item.words}', there '{other.words}'",
                )
        first.setdefault(key, []).append(item)
