"""Where the text of a saved web page stops being the article.

Below the article such pages carry cards: other products, other posts. Saved as text, each card
shows its name twice, once as the picture's alternative text and once as the title, then a line or
two about it. Only a run of several such cards, with different names, that reaches to the end of
the text and follows a real article is taken for promotion. A page whose cards look otherwise keeps
its tail: words such as "related" or "recommended" alone are no proof, since a note may well end
with a list for further reading.
"""

import re
from collections.abc import Sequence

GAP = (
    "What follows the article (cards that lead to other pages) is taken for advertising and not "
    "read. 文末推广卡片未读取。"
)
_MIN_CARDS = 4
_MAX_LINES = 7  # between the name of one card and that of the next
_MAX_NAME = 40
_MIN_ARTICLE = 200  # characters
_MAX_CHECKED = 50  # names looked for in the article
_LINE = re.compile(r"[^\r\n]*\S[^\r\n]*")
_MARK = re.compile(r"^#{1,6} ")
_SENTENCE = re.compile(r"[。！？；.!?;:：]\s*$")


def promotion_start(text: str) -> int:
    """The offset at which the cards begin, their heading included; `len(text)` without any."""
    found = [
        (match.start(), _MARK.sub("", match.group().strip())) for match in _LINE.finditer(text)
    ]
    lines = [line for _, line in found]
    first = _promotion_line(lines)
    return found[first][0] if first < len(found) else len(text)


def _promotion_line(lines: Sequence[str]) -> int:
    """The same as a place in `lines` (stripped, none empty); `len(lines)` without cards."""
    nowhere = len(lines)
    cards = [at for at in range(nowhere - 1) if _is_name(lines, at)]
    run: list[int] = []
    after = nowhere - 1  # what stands below the last card belongs to it
    for at in reversed(cards):
        if after - at > _MAX_LINES + 2:
            break
        run.append(at)
        after = at
    if len(run) < _MIN_CARDS or len({lines[at] for at in run}) < len(run):
        return nowhere
    start = run[-1]
    above = lines[start - 1] if start else ""
    if above and len(above) <= _MAX_NAME and not _SENTENCE.search(above):
        start -= 1  # the heading of the cards
    article = lines[:start]
    names = [lines[at] for at in run[-_MAX_CHECKED:]]
    if sum(map(len, article)) < _MIN_ARTICLE or not any(map(_SENTENCE.search, article)):
        return nowhere
    if sum(any(name in line for line in article) for name in names) > len(names) // 4:
        return nowhere  # the article speaks of them: a glossary, not advertising
    return start


def _is_name(lines: Sequence[str], at: int) -> bool:
    line = lines[at]
    return line == lines[at + 1] and len(line) <= _MAX_NAME and not _SENTENCE.search(line)
