"""Whether a page's text layer is text: letters in an order that languages have."""

import re

from rag.readers.parts.decoding import is_frequent

_CJK = re.compile(r"[\u4e00-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
_WORD = re.compile(r"[a-z]{2,}")
_MIXED = re.compile(r"[A-Za-z\d][$#&%@~!?+*'\"^`]+[A-Za-z\d]|[$#&%@~!?+*'\"^`]{2,}[A-Za-z\d]"
                    r"|[$#&%@~!?+*`^][A-Za-z\d(]|[A-Za-z\d(-][$#&@~*`^]")  # fmt: skip
_FIGURE = re.compile(r"[-+$€¥£~(]?\d[\d.,:/%]*[)%]?")
_CLEAN = re.compile(r"[(\"'“]?[A-Za-z]+(?:['’-][A-Za-z]+)*[.,;:!?)\"'”]*")
_MOST_STRANGE = 0.25  # share of letters of no script
_LEAST_LETTERS = 40  # too few tell nothing
_LEAST_PAIRS = 0.16  # English, French, German and Spanish have .35 to .50, a cipher about .08
_LEAST_USUAL = 0.5  # of Chinese characters, in the first level of GB2312 or Big5
_LEAST_CHINESE = 4  # characters
_LEAST_WORD = 3  # letters, of the longest word
_USUAL_PAIRS = (
    "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve "
    "co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur la el ta di ei ie ge un"
)
_PAIRS = frozenset(_USUAL_PAIRS.split())


def is_text(text: str, letters: int, strange: int, code: bool = False) -> bool:
    """Not glyph names, private-use characters, or a font's own cipher; code has odd signs too."""
    if letters and strange > _MOST_STRANGE * letters:
        return False
    lower = text.lower()
    pairs = [word[at : at + 2] for word in _WORD.findall(lower) for at in range(len(word) - 1)]
    if len(pairs) >= _LEAST_LETTERS and sum(p in _PAIRS for p in pairs) < _LEAST_PAIRS * len(pairs):
        return False
    tokens = text.split()
    if len(tokens) >= 12 and not code and not re.search(r"[^\x00-\u02ff\u2000-\u22ff]", text):
        figures = sum(bool(_FIGURE.fullmatch(token)) for token in tokens)
        clean = sum(bool(_CLEAN.fullmatch(token)) for token in tokens)
        odd = sum(bool(_MIXED.search(token)) for token in tokens)
        if odd > 0.3 * (len(tokens) - figures) and clean < 0.15 * (len(tokens) - figures):
            return False
    chinese = _CJK.findall(text)
    if len(chinese) >= 20 and not _KANA.search(text):
        return sum(map(is_frequent, chinese)) >= _LEAST_USUAL * len(chinese)
    return True


def holds_words(text: str) -> bool:
    """At least half of what OCR found are words; of letters that it guessed from signs few are."""
    chinese = _CJK.findall(text)
    if len(chinese) >= _LEAST_CHINESE:
        return sum(map(is_frequent, chinese)) >= _LEAST_USUAL * len(chinese)
    if _KANA.search(text):
        return True
    tokens = [token for token in text.split() if not _FIGURE.fullmatch(token)]
    words = [token for token in tokens if _CLEAN.fullmatch(token) and len(token.strip(".,;:")) > 1]
    return len(words) >= max(1, 0.5 * len(tokens)) and max(map(len, words)) >= _LEAST_WORD
