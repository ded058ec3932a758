"""Bytes → text: UTF-8, GB18030, Big5, and UTF-16 with or without a byte order mark."""

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from rag.errors import CorpusError
from rag.readers.parts.double_bytes import mended

_SAMPLE = 20_000  # characters that are looked at to tell an encoding
_HEAD = 200_000  # bytes in which a page names its encoding; scripts may stand above
_CHARSET = re.compile(
    rb"""<(?:meta\b[^>]{0,500}?charset|\?xml\b[^>]{0,200}?encoding)\s*=\s*["']?\s*([\w.:-]{1,40})""",
    re.IGNORECASE,
)
_GB = frozenset({"gb2312", "gb_2312-80", "gbk", "gb18030", "x-gbk", "cp936", "ms936"})
_BIG5 = frozenset({"big5", "big5-hkscs", "big5hkscs", "x-big5", "cp950"})
# What a page may declare. Python knows more codecs, some of them costly or no encodings at all.
_DECLARED = re.compile(
    r"iso-?8859-\d{1,2}|latin-?1|us-ascii|windows-125\d|shift_jis|euc-(jp|kr)|koi8-[ru]"
)
_LATIN = re.compile(r"iso-?8859-1|latin-?1|us-ascii|windows-1252")
_FEW = 0.005  # share of bytes that may be wrong
_DOUBLE = ("gb18030", "big5hkscs", "cp950")
_LEVELS = (("gb2312", 0xB0A1, 0xD7F9), ("big5", 0xA440, 0xC67E))  # the frequent characters of each
_LEAST_NAMES = 0.6  # share of them in names; those of another encoding have fewer
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text, and what of it could not be read."""

    text: str
    gaps: tuple[str, ...] = ()


def decode(relative: str, data: bytes) -> Decoded:
    """The file's text, line ends and all as they are (a UTF-8 byte order mark stays in it).

    GB18030, Big5 and UTF-16 without a mark accept almost any bytes, so their results must look
    like text before they are believed. A few wrong bytes lose no note: they are replaced, and said.

    Raises:
        CorpusError: none of the encodings fits.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        found = _lenient(data, "utf-16")
        if found is None:
            raise CorpusError(f"{relative} is damaged UTF-16; save it as UTF-8.")
        return found
    if b"\0" not in data:
        text = _try(data, "utf-8")
        if text is not None:
            return Decoded(text)
        found = _chinese(data)
        if found is not None:
            return found
    candidates = (_try(data, name) for name in ("utf-16-le", "utf-16-be"))
    best = max((text for text in candidates if text), key=_plausible, default=None)
    if best is not None and _plausible(best) > 0.95:
        return Decoded(best)
    found = _lenient(data, "utf-8") or _damaged_chinese(data)
    if found is not None:
        return found
    raise CorpusError(f"{relative} is not UTF-8, UTF-16 or GB18030 text; save it as UTF-8.")


def decode_declared(relative: str, data: bytes) -> Decoded:
    """As `decode`, for HTML and XML, which may name their encoding, rightly or wrongly.

    Raises:
        CorpusError: as `decode`.
    """
    if data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return decode(relative, data)
    match = _CHARSET.search(data, 0, _HEAD)
    name = match.group(1).decode("ascii").lower() if match else ""
    utf8 = _try(data, "utf-8")
    if name in _GB | _BIG5:
        found = _chinese(data, ("big5hkscs", "cp950") if name in _BIG5 else ("gb18030",))
        # Two characters in GBK may be valid UTF-8 by chance; then they are no Chinese there.
        if found is not None and (utf8 is None or not any(map(_is_chinese, utf8))):
            return found
    elif _DECLARED.fullmatch(name) and utf8 is None:
        found = _chinese(data) if _LATIN.fullmatch(name) else None
        if found is not None:
            return found
        text = _try(data, "cp1252" if _LATIN.fullmatch(name) else name)
        if text is not None and "\0" not in text:
            return Decoded(text)
    try:
        return decode(relative, data)
    except CorpusError:
        encoding = "gb18030" if name in _GB else "cp950" if name in _BIG5 else "utf-8"
        if encoding == "utf-8":
            found = _lenient(data, encoding, 10 * _FEW)
        else:
            text, wrong = mended(data, encoding)
            found = _with_gap(text, wrong) if wrong <= max(2, 10 * _FEW * len(data)) else None
        if found is None or not name:
            raise
        return found


def decode_names(names: Sequence[bytes]) -> list[str] | None:
    """File names of one archive that do not say their encoding: UTF-8, GB18030, Big5 or Shift-JIS,
    the same for all, since one program wrote them; None where none of these fits.
    """
    joined = b"\0".join(names)
    best, most = _try(joined, "utf-8") if names else None, 1.0
    if best is None:
        most = _LEAST_NAMES
        for encoding in ("gb18030", "big5hkscs", "cp950"):
            text = _try(joined, encoding)
            # Names are too short for what tells texts apart: each encoding by its own first level.
            if text is not None and (share := _first_level(text, encoding)) > most:
                best, most = text, share
        japanese = _try(joined, "shift_jis")
        if japanese is not None and _is_japanese(japanese):
            best = japanese
    return None if best is None else best.split("\0")


def _is_japanese(text: str) -> bool:
    """Kana among Chinese characters; Chinese read as Japanese has narrow kana in it."""
    foreign = _foreign(text)
    kana = sum("\u3041" <= char <= "\u30fe" for char in foreign)
    return kana >= max(2, 0.2 * len(foreign)) and all(
        "\u3000" <= char <= "\u30ff" or "\u4e00" <= char <= "\u9fff" for char in foreign
    )


def _first_level(text: str, encoding: str) -> float:
    """The share of the characters beyond ASCII that are frequent ones of this encoding."""
    foreign = _foreign(text)
    level = _LEVELS[0] if encoding == "gb18030" else _LEVELS[1]
    return sum(_in_level(char, *level) or "\u3000" <= char <= "\u303f" for char in foreign) / max(
        len(foreign), 1
    )


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _lenient(data: bytes, encoding: str, share: float = _FEW) -> Decoded | None:
    """The text, a few wrong bytes replaced by U+FFFD and named; None where they are too many."""
    text = data.decode(encoding, "replace")
    there = data.count("\ufffd".encode(encoding if encoding == "utf-8" else "gb18030"))
    text = _CONTROL.sub("\ufffd", text)
    wrong = text.count("\ufffd") - there
    if wrong > max(2, share * len(data)):
        return None
    return _with_gap(text, wrong)


def _with_gap(text: str, wrong: int) -> Decoded:
    """The text, and that so many places of it are U+FFFD."""
    if wrong <= 0:
        return Decoded(text)
    at = text.find("\ufffd")
    line = text.count("\n", 0, max(at, 0)) + 1
    places = f"{wrong} places" if wrong > 1 else "one place"
    return Decoded(
        text,
        (f"Its bytes are damaged in {places} (first in line {line}), shown as \ufffd; correct it "
         "and save it as UTF-8. 有损坏的字节，已用 \ufffd 代替。",),
    )  # fmt: skip


def _chinese(data: bytes, encodings: tuple[str, ...] = _DOUBLE) -> Decoded | None:
    """The text in the likeliest of some Chinese encodings, if it looks like Chinese in any."""
    texts = ((encoding, _try(data, encoding)) for encoding in encodings)
    fitting = [(encoding, text) for encoding, text in texts
               if text is not None and _looks_chinese(text)]  # fmt: skip
    if not fitting:
        return None
    encoding, text = max(fitting, key=lambda found: _usual(found[1]))
    better, wrong = mended(data, encoding)  # a pair may be broken and all that follows still fit
    return _with_gap(better, wrong) if 0 < wrong <= _most_wrong(data) else Decoded(text)


def _damaged_chinese(data: bytes) -> Decoded | None:
    """As `_chinese`, of text in which a few bytes are wrong."""
    found = [(text, wrong) for text, wrong in (mended(data, encoding) for encoding in _DOUBLE)
             if wrong <= _most_wrong(data) and _looks_chinese(text)]  # fmt: skip
    if not found:
        return None
    return _with_gap(*max(found, key=lambda one: (_usual(one[0]), -one[1])))


def _most_wrong(data: bytes) -> float:
    return max(2, _FEW * len(data))


def _plausible(text: str) -> float:
    """The share of characters that notes are made of; wrongly read bytes are scattered."""
    sample = text[:_SAMPLE]
    good = sum(1 for char in sample if " " <= char <= "~" or char in "\t\n\r\ufeff")
    good += sum(1 for char in sample if char > "~" and _is_chinese(char) and _is_usual(char))
    return good / max(len(sample), 1)


def _looks_chinese(text: str) -> bool:
    """Chinese, not Latin-1 or a binary file that happens to decode.

    Latin-1 letters that pair up with what follows them, and one Chinese encoding read as another,
    give rare characters.
    """
    if _CONTROL.search(text[:_SAMPLE]):
        return False
    foreign = _foreign(text)
    if not foreign or sum(map(_is_chinese, foreign)) < 0.9 * len(foreign):
        return False
    if sum(map(_is_usual, foreign)) < 0.8 * len(foreign):
        return False
    return len(foreign) < 12 or any(char in _COMMON for char in foreign)


def _usual(text: str) -> float:
    foreign = _foreign(text)
    return sum(map(_is_usual, foreign)) / max(len(foreign), 1)


def _foreign(text: str) -> list[str]:
    return list(islice((char for char in text if ord(char) > 127 and char != "\ufffd"), _SAMPLE))


def _is_chinese(char: str) -> bool:
    return (
        "\u3400" <= char <= "\u9fff"
        or "\u3000" <= char <= "\u303f"
        or "\uff00" <= char <= "\uffef"
        or "\U0001f000" <= char <= "\U0003ffff"
        or "\u2460" <= char <= "\u27bf"
        or char in "“”‘’…—·•×→←↑↓≤≥≠≈∑∫√αβγθλμπσ°±÷－"
    )


def _is_usual(char: str) -> bool:
    """Among the frequent characters: level 1 of GB2312 or of Big5, and signs."""
    if not "\u3400" <= char <= "\u9fff":
        return _is_chinese(char) and not "\ue000" <= char <= "\uf8ff"
    return is_frequent(char)


def is_frequent(char: str) -> bool:
    """A character of level 1 of GB2312 or of Big5."""
    return any(_in_level(char, *level) for level in _LEVELS)


def _in_level(char: str, encoding: str, first: int, last: int) -> bool:
    try:
        return first <= int.from_bytes(char.encode(encoding), "big") <= last
    except UnicodeEncodeError:
        return False


_COMMON = set(
    "的一是不了在有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动。,"
    "這為個國時來們於對會發動"
)
