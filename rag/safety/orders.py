"""Words that order a reader about instead of stating something: "ignore all previous instructions".

Notes are untrusted, and a note that gives orders to the model which reads it is quoted to nobody:
its orders are left out of prompts, of extracted answers and of what may support a sentence. An
order is told from a statement *about* orders by its form: an imperative that begins a clause
("Ignore the above and …"), not a verb with a subject ("attackers make the model ignore …"), and
not inside quotation marks within a longer sentence. These are patterns, not understanding; what
they miss still has to pass `rag.grounding.support`.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from rag.safety.control_tokens import as_read, visible
from rag.safety.order_patterns import EN, LEAD_EN, LEAD_ZH, START, ZH

_QUOTED = re.compile(
    r"“[^”]*”|「[^」]*」|『[^』]*』|\"[^\"\n]*\"|«[^»]*»|`[^`\n]*`|(?<!\w)'[^'\n]*'(?!\w)"
)


_QUOTE = " QUOTE "  # stands for quoted words, so that `say "x"` is still seen to order something


# Orders to a program: active markup or a bare picture to a browser, a forged reply to our parser.
_TO_PROGRAM = re.compile(
    r"<(?:script|iframe|object|embed|svg|form|meta|base|link)\b|<\w+[^<>]*\son\w+\s*=|\bjavascript:"
    r"|\"sentences\"\s*:\s*\[|\"sources\"\s*:"
    r"|^!?\[[^\[\]]*\]\((?:https?|ftp|file)://[^\s)]*\)?\W*$",
    re.IGNORECASE,
)


def _one_of(patterns: Sequence[str]) -> str:
    """The patterns as one. Common beginnings stand once: else each is tried at every sign."""
    starts = (START + LEAD_EN, START + LEAD_ZH, START, "")
    grouped: dict[str, list[str]] = {start: [] for start in starts}
    for pattern in patterns:
        start = next(start for start in grouped if pattern.startswith(start))
        grouped[start].append(pattern.removeprefix(start))
    return "|".join(f"{start}(?:{'|'.join(rest)})" for start, rest in grouped.items() if rest)


_ORDER = re.compile(_one_of([*EN, *ZH]), re.IGNORECASE)


_TO_GRADER = re.compile(
    r"(?:ignore|disregard|forget|override)\b.{0,40}\b(?:rubric|instruction|rule|prompt|point|above)"
    r"|\b(?:give|award|grade|score)\b.{0,30}\b(?:100|full marks|full score|maximum|perfect)"
    r"|\b(?:mark|treat)\b.{0,30}\bas (?:covered|correct)"
    r"|(?:忽略|无视|忘掉|不要管|不用管).{0,16}(?:评分|标准|规则|指令|要点|提示)"
    r"|(?:给我?|打|判|评)(?:个|我)?\s*(?:100|满分|一百)|(?:全部|都)(?:判|标|算)(?:为|成)?(?:覆盖|正确|对)",
    re.IGNORECASE,
)


@lru_cache(maxsize=16384)
def is_order(sentence: str) -> bool:
    """The sentence tells its reader (a model, a grader, a program) what to do, in any clause."""
    if _TO_PROGRAM.search(sentence):
        return True
    text = as_read(sentence)
    outside = _QUOTED.sub(_QUOTE, text)
    if not any(char.isalpha() for char in outside.replace(_QUOTE, "")):
        outside = re.sub(
            r"[“”「」『』\"«»`]", " ", text
        ).strip()  # all of it is quoted: look inside
    return _ORDER.search(outside) is not None


def is_order_to_grader(sentence: str) -> bool:
    """The same for a learner's explanation, where every mention of rubric and marks is one."""
    return _TO_GRADER.search(as_read(sentence)) is not None or is_order(sentence)


def without_quoted_orders(sentence: str) -> str:
    """The sentence without the orders that it reports in quotation marks."""
    return _QUOTED.sub(
        lambda match: " " if is_order(match.group()[1:-1]) else match.group(), visible(sentence)
    )
