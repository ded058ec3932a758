"""“第三步”, "step 3": the item of a numbered list that a question names by its place."""

import re
from collections.abc import Sequence

from rag.answer.quoting.candidates import Candidate
from rag.grounding.passage import Passage
from rag.safety.orders import is_order
from rag.search.hit import Hit

_DIGITS = {char: number for number, char in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
]
_CARDINALS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_WORDS = {word: number for words in (_ORDINALS, _CARDINALS) for number, word in enumerate(words, 1)}
_ZH = re.compile(r"第\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*(?:步|条|点|项|个?步骤|个环节)")
_KIND = r"(?:step|item|point|rule|clause)"
_EN = re.compile(
    rf"\b{_KIND}\s+(?:no\.?\s*)?(\d{{1,2}}|{'|'.join(_CARDINALS)})\b"
    rf"|\b(\d{{1,2}}(?=st|nd|rd|th)|{'|'.join(_ORDINALS)})(?:st|nd|rd|th)?\s+{_KIND}\b",
    re.IGNORECASE,
)
_ITEM = re.compile(r"^[ \t>]*(\d{1,2})[.、)\uff0e][ \t]*(?=\S)[^\n]*", re.MULTILINE)
_SECTIONS = 4  # in which the list is looked for


def asked_place(question: str) -> int | None:
    """The place in a list that a question names, from 1."""
    if match := _ZH.search(question):
        return int(match[1]) if match[1].isdigit() else _chinese(match[1])
    if match := _EN.search(question):
        found = (match[1] or match[2]).lower()
        return int(found) if found.isdigit() else _WORDS[found]
    return None


def item_at(place: int, hits: Sequence[Hit]) -> Candidate | None:
    """That item of the first numbered list in the sections found."""
    for rank, hit in enumerate(hits[:_SECTIONS]):
        document = hit.document
        items = list(_ITEM.finditer(document.page_content))
        if len(items) < 2:
            continue
        for item in items:
            if int(item[1]) == place and not is_order(item.group()):
                start = int(document.metadata["start"])
                span = start + item.start(), start + item.end()
                quote = Passage(document, item.group(), *span, hit.score, 0.0)
                return Candidate(quote, (rank, 0), -1, -1, {})
    return None


def _chinese(text: str) -> int | None:
    """十 to 九十九."""
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS.get(text)
    return 10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0)
