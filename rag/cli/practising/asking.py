"""Asking a learner at the terminal: an explanation of any length, ticks, a rating."""

import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from rag.cli.terminal import AskedLines, ask_text

if TYPE_CHECKING:
    from rag.practice.exercise import Exercise
    from rag.practice.grades import Grade

END = "."
PATIENCE_S = 60.0
_NUMBER = re.compile(r"(~?)\s*(\d+)")


def ask_explanation(
    exercise: "Exercise", draft: str, keep: Callable[[str], None]
) -> tuple[str, int, float | None]:
    """The learner's text until a line with a single "." or Ctrl-D, empty lines among it; how many
    hints were taken; and how long to wait for answers to what comes next (None: for ever).

    Args:
        draft: what was written before; it begins the text.
        keep: is given the text after each line or paste.
    """
    from rag.practice.coach import hint

    say = sys.stderr
    print(
        "Explain; `/hint` for a hint, a line with a single . (or Ctrl-D) ends. "
        "请解释；/hint 提示，单独一行 . （或 Ctrl-D）结束。",
        file=say,
    )
    lines = draft.split("\n") if draft else []
    if draft:
        print(f"(draft 草稿)\n{draft}", file=say)
    hints = 0
    asked = AskedLines("> ", END)
    for line in asked:
        if line.strip() == "/hint":
            point = hint(exercise, hints)
            print(f"  {point.hint}" if point else "  —", file=say)
            hints += point is not None
            continue
        lines.append(line)
        keep("\n".join(lines))
    # After Ctrl-D it may be that nobody sits there: a recorded terminal, a script that has ended.
    patience = PATIENCE_S if asked.cut_off else None
    return "\n".join(lines).strip("\n"), hints, patience


def ask_ticks(
    grade: "Grade", patience_s: float | None = None
) -> tuple[list[int], list[int]] | None:
    """Numbers of the points that the learner says they said, and said in part; None where nobody
    is there to say it."""
    from rag.practice.after.self_assessment import proposed

    ticked = proposed(grade)
    shown = " ".join(map(str, ticked)) or "none 无"
    while True:
        try:
            given = ask_text(
                f"Which did you say? 讲到了哪些？(1 3 ~4; ~ in part 部分, 0 none 无) [{shown}]: ",
                patience_s,
            ).strip()
        except EOFError:
            return None
        if not given:
            return ticked, []
        found = parse_ticks(given)
        if found is not None and all(n <= len(grade.points) for part in found for n in part):
            return found
        print(f"Numbers from 1 to {len(grade.points)}. 请输入要点编号。", file=sys.stderr)


def parse_ticks(text: str) -> tuple[list[int], list[int]] | None:
    """ "1, 3 ~4" → ([1, 3], [4]); "0" → nothing; None for what holds anything but numbers."""
    if _NUMBER.sub("", text).strip(" ,，、;；"):
        return None
    pairs = [(mark, int(number)) for mark, number in _NUMBER.findall(text) if int(number)]
    return [n for mark, n in pairs if not mark], [n for mark, n in pairs if mark]


def ask_rating(suggested: str | None, patience_s: float | None = None) -> str | None:
    """A rating; Enter takes the suggested one."""
    from rag.practice.schedule import RATINGS

    shown = f" [{suggested}]" if suggested else ""
    try:
        prompt = f"Rating 评级 ({'/'.join(RATINGS)}){shown}: "
        given = ask_text(prompt, patience_s).strip().lower()
    except EOFError:
        given = ""
    return given if given in RATINGS else suggested
