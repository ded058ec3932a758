"""Bytes → text: UTF-8, UTF-16 with a byte order mark, GB18030."""

import codecs

from rag.errors import CorpusError


def decode(relative: str, data: bytes) -> str:
    """The file's text, line ends and all as they are.

    GB18030 accepts almost any bytes, so its result must look like Chinese: no control
    characters, and most of what is not ASCII a CJK character or Chinese punctuation.

    Raises:
        CorpusError: none of the encodings fits.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise CorpusError(f"{relative} is damaged UTF-16; save it as UTF-8.") from error
    if b"\0" not in data:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            pass
        else:
            if _looks_chinese(text):
                return text
    raise CorpusError(f"{relative} is not UTF-8, UTF-16 or GB18030 text; save it as UTF-8.")


def _looks_chinese(text: str) -> bool:
    foreign = [char for char in text if ord(char) > 127]
    if any(ord(char) < 32 and char not in "\t\n\r\f" for char in text):
        return False
    chinese = sum(
        1
        for char in foreign
        if "\u4e00" <= char <= "\u9fff"
        or "\u3000" <= char <= "\u303f"
        or "\uff00" <= char <= "\uffef"
        or char in "“”‘’…—·"
    )
    common = sum(1 for char in foreign if char in _COMMON)
    return bool(foreign) and chinese >= 0.9 * len(foreign) and (common > 0 or len(foreign) < 12)


_COMMON = set("的一是不了在有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动。,")
