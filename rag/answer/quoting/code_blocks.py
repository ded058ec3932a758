"""Code where code is asked for: the block of the likeliest section that has one."""

import re
from collections.abc import Sequence

from rag.grounding.passage import Passage
from rag.search.hit import Hit

_ASKS = re.compile(
    r"手撕|手写|手搓|代码|写一[下个段]|写出来|伪代码"
    r"|\b(?:code|coding|snippet|implement(?:ation)?|write (?:it|me|a|an|the)\b.{0,40}"
    r"\b(?:in|function|class)\b|in (?:python|pytorch|numpy))\b",
    re.IGNORECASE,
)
_BLOCK = re.compile(r"^(```|~~~)[^\n]*\n(?P<code>.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_SECTIONS = 6  # among which it is looked for
_FEWEST, _MOST = 4, 80  # lines


def asks_for_code(question: str) -> bool:
    """The answer is to hold code."""
    return bool(_ASKS.search(question))


def code_block(hits: Sequence[Hit]) -> Passage | None:
    """The first whole block in the first sections found, fences and all."""
    for hit in hits[:_SECTIONS]:
        document = hit.document
        for match in _BLOCK.finditer(document.page_content):
            if _FEWEST <= match["code"].count("\n") <= _MOST:
                start = int(document.metadata["start"])
                end = start + match.end()
                first = start + match.start()
                return Passage(document, match.group(), first, end, hit.score, 0.0)
    return None
