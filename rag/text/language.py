"""Which language a text is in."""

import re
from typing import Literal

Language = Literal["zh", "en"]


CJK = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


_LATIN_WORD = re.compile(r"[A-Za-z]+")


def detect_language(text: str) -> Language:
    """`zh` when Chinese characters weigh at least as much as Latin words."""
    chinese = len(CJK.findall(text))
    latin = len(_LATIN_WORD.findall(text))
    return "zh" if chinese and chinese * 2 >= latin else "en"
