"""GB18030 and Big5 with a few damaged bytes: what stands beside them is not lost with them.

Where one byte of a pair is gone, all pairs up to the next line end are read askew. Of all ways to
read such a line the cheapest is taken: rare characters cost a little, a byte given up costs more.
"""

import re
from functools import lru_cache

_GIVEN_UP = "\ufffd"
_DROP = 6.0  # one byte; two beside each other cost little more
_DROP_TWO = 8.0
_ASCII = 0.2
_KINDS = {
    "gb18030": ((0xB0A1, 0xD7F9, 0.0), (0xA1A1, 0xA9FE, 0.5), (0xD8A1, 0xF7FE, 3.5)),
    "big5hkscs": ((0xA440, 0xC67E, 0.0), (0xA140, 0xA3FE, 0.5), (0xC940, 0xF9FE, 3.5)),
    "cp950": ((0xA440, 0xC67E, 0.0), (0xA140, 0xA3FE, 0.5), (0xC940, 0xF9FE, 3.5)),
}
_RARE, _FOUR = 4.0, 4.5
_ASKEW = 2  # characters in a row that are rare, where a line may be askew
_FEWER = 0.4  # of the rare characters of a line that fits, where another reading is right
_LONGEST = 200_000  # bytes of a line that is looked into


def mended(data: bytes, encoding: str) -> tuple[str, int]:
    """The text, and how many places of it were given up, each as U+FFFD."""
    lines, lost = [], 0
    askew = _askew(data, encoding)
    for line in data.split(b"\n"):
        text = _strict(line, encoding)
        if text is None or (askew is not None and askew.search(text)):
            if len(line) > _LONGEST:
                read = text if text is not None else line.decode(encoding, "replace")
            else:
                read = _cheapest(line, encoding)
                if text is not None and _rare(read, encoding) > _FEWER * _rare(text, encoding):
                    read = text  # rare words, and not askew
            lost += read.count(_GIVEN_UP) - (text or "").count(_GIVEN_UP)
            text = read
        lines.append(text)
    return "\n".join(lines), max(lost, 0)


def _askew(data: bytes, encoding: str) -> re.Pattern[str] | None:
    """What a line looks like that is read askew from some place on."""
    seen = {char for char in set(data.decode(encoding, "ignore")) if char > "\x7f"}
    rare = sorted(char for char in seen if _cost(char.encode(encoding, "ignore"), encoding) > 0.5)
    return re.compile(f"[{''.join(map(re.escape, rare))}]{{{_ASKEW},}}") if rare else None


def _rare(text: str, encoding: str) -> int:
    return sum(_cost(char.encode(encoding, "ignore"), encoding) > 0.5 for char in text
               if char > "\x7f" and char != _GIVEN_UP)  # fmt: skip


def _strict(line: bytes, encoding: str) -> str | None:
    try:
        text = line.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if re.search("[\x00-\x08\x0e-\x1f]", text) else text


def _cheapest(line: bytes, encoding: str) -> str:
    """The reading of a line that costs least, from its end backwards."""
    size = len(line)
    costs = [0.0] * (size + 1)
    steps = [0] * size  # bytes read as a character; negative: given up
    for at in range(size - 1, -1, -1):
        best, step = costs[at + 1] + _DROP, -1
        if at + 2 <= size and costs[at + 2] + _DROP_TWO < best:
            best, step = costs[at + 2] + _DROP_TWO, -2
        for length in (1, 2, 4):
            if at + length <= size:
                cost = _cost(line[at : at + length], encoding) + costs[at + length]
                if cost <= best:
                    best, step = cost, length
        costs[at], steps[at] = best, step
    parts, at = [], 0
    while at < size:
        step = steps[at]
        parts.append(line[at : at + step].decode(encoding) if step > 0 else _GIVEN_UP)
        at += abs(step)
    return "".join(parts)


@lru_cache(maxsize=100_000)
def _cost(piece: bytes, encoding: str) -> float:
    """What it costs to read these bytes as one character."""
    if len(piece) == 1:
        usual = 0x20 <= piece[0] < 0x7F or piece[0] in b"\t\r\x0b\x0c"
        return _ASCII if usual else float("inf")
    if len(piece) < 2 or piece[0] < 0x81 or (len(piece) == 4 and encoding != "gb18030"):
        return float("inf")
    try:
        char = piece.decode(encoding)
    except UnicodeDecodeError:
        return float("inf")
    if len(char) != 1 or "\ue000" <= char <= "\uf8ff":
        return float("inf")
    if len(piece) == 4:
        return _FOUR
    value = int.from_bytes(piece, "big")
    return next((cost for low, high, cost in _KINDS[encoding] if low <= value <= high), _RARE)
