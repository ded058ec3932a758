"""Progress where nobody sees a bar."""

from rag.cli.progress_lines import EVERY_S, ProgressLines


def told(steps):
    """The lines that steps of (seconds, stage, done, total) make."""
    lines, now = [], [0.0]
    progress = ProgressLines(lines.append, lambda: now[0])
    for seconds, *step in steps:
        now[0] = seconds
        progress(*step)
    return lines


def test_a_line_now_and_then_with_what_is_left():
    lines = told((0.5 * n, "notes", n, 100) for n in range(61))
    assert len(lines) == int(30 / EVERY_S)
    assert lines[0].endswith(": 10/100")
    assert "60/100, about 20 s left 约剩 20 秒" in lines[-1]


def test_what_is_done_soon_says_nothing():
    assert told([(0, "read", 1, 3), (1, "read", 3, 3)]) == []


def test_notes_in_all_go_before_their_parts():
    lines = told([(0, "read", 1, 9), (6, "notes", 1, 9), (12, "embed", 5, 32), (13, "notes", 2, 9)])
    assert [line.partition(":")[0] for line in lines] == ["indexing notes 建索引"] * 2


def test_what_an_earlier_build_read_is_no_work_of_this_one():
    lines = told((0.5 * n, "notes", 900 + n, 1000) for n in range(51))
    assert "950/1000, about 25 s left" in lines[-1]
