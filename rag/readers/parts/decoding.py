"""Bytes → text: UTF-8, GB18030, and UTF-16 with or without a byte order mark."""

import codecs
import re
import unicodedata
from itertools import islice

from rag.errors import CorpusError

_SAMPLE = 20_000  # characters that are looked at to tell an encoding
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
# What a page may declare. Python knows more codecs, some of them costly or no encodings at all.
_DECLARED = re.compile(
    r"gb2312|gbk|gb18030|big5|big5hkscs|utf-?8|utf-?16(le|be)?|iso-?8859-\d{1,2}|latin-?1|us-ascii"
    r"|windows-125\d|shift_jis|euc-(jp|kr)|koi8-[ru]"
)


def decode(relative: str, data: bytes) -> str:
    """The file's text, line ends and all as they are (a UTF-8 byte order mark stays in it).

    GB18030 and UTF-16 without a mark accept almost any bytes, so their results must look like
    text before they are believed.

    Raises:
        CorpusError: none of the encodings fits.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise CorpusError(f"{relative} is damaged UTF-16; save it as UTF-8.") from error
    if b"\0" not in data:
        text = _try(data, "utf-8")
        if text is not None:
            return text
        text = _try(data, "gb18030")
        if text is not None and _looks_chinese(text):
            return text
    candidates = (_try(data, name) for name in ("utf-16-le", "utf-16-be"))
    best = max((text for text in candidates if text), key=_plausible, default=None)
    if best is not None and _plausible(best) > 0.95:
        return best
    raise CorpusError(f"{relative} is not UTF-8, UTF-16 or GB18030 text; save it as UTF-8.")


def decode_declared(relative: str, data: bytes) -> str:
    """As `decode`, for HTML and XML, which may name their encoding near their beginning."""
    match = _CHARSET.search(data, 0, 4096)
    if match and not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        name = match.group(1).decode("ascii").lower()
        if _DECLARED.fullmatch(name):
            text = _try(data, "gb18030" if name in {"gb2312", "gbk"} else name)
            if text is not None and "\0" not in text:
                return text
    return decode(relative, data)


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _plausible(text: str) -> float:
    """The share of characters that notes are made of; wrongly read bytes are scattered."""
    sample = text[:_SAMPLE]
    good = sum(1 for char in sample if " " <= char <= "~" or char in "\t\n\r\ufeff")
    good += sum(1 for char in sample if char > "~" and _is_chinese(char) and _in_gb2312(char))
    return good / max(len(sample), 1)


def _looks_chinese(text: str) -> bool:
    """Chinese saved in a GB encoding, not Latin-1 or a binary file that happens to decode.

    Latin-1 letters that pair up with what follows them give characters outside of GB2312.
    """
    if any(ord(char) < 32 and char not in "\t\n\r\f" for char in text[:_SAMPLE]):
        return False
    foreign = list(islice((char for char in text if ord(char) > 127), _SAMPLE))
    if not foreign or sum(map(_is_chinese, foreign)) < 0.9 * len(foreign):
        return False
    if sum(map(_in_gb2312, foreign)) < 0.8 * len(foreign):
        return False
    return len(foreign) < 12 or any(char in _COMMON for char in foreign)


def _is_chinese(char: str) -> bool:
    return (
        "\u4e00" <= char <= "\u9fff"
        or "\u3000" <= char <= "\u303f"
        or "\uff00" <= char <= "\uffef"
        or char in "“”‘’…—·•×→≤≥αβγθλμπσ"
    )


def _in_gb2312(char: str) -> bool:
    if unicodedata.category(char) in {"Co", "Cn"}:
        return False
    try:
        return len(char.encode("gb2312")) == 2
    except UnicodeEncodeError:
        return char in "·•—"


_COMMON = set("的一是不了在有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动。,")
