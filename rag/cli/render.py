"""Answers and hits as text for a terminal."""

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from rag.answer.answer import Answer
from rag.answer.events import Draft, Event, EvidenceFound, Finished, FirstDraft, Verified
from rag.answer.replies import so_far
from rag.doctor import Check
from rag.llm.waiting import Waiting
from rag.notes.note import heading_path
from rag.practice.grades import Grade
from rag.practice.stats import LearningStats
from rag.safety.control_tokens import visible
from rag.search.hit import Hit
from rag.telemetry.logs import redact

BY_RULES = (
    "Checked by rules only, which let false sentences pass: read the quotes. "
    "只由规则核对，可能放过错误的句子，请对照原文。"
)
TRANSLATED = (
    "Some sentences were translated by the model; the quotes are the originals. "
    "有的句子由模型翻译，原文见引用。"
)


def stream_answer(events: Iterable[Event]) -> Answer:
    """Show evidence and draft on a terminal while they come, then the verified answer."""
    console = Console(stderr=True)
    draft, told = "", 0  # the line that the model is at, and the sentences that hold already
    for event in events:
        if isinstance(event, EvidenceFound) and console.is_terminal:
            titles = dict.fromkeys(p.title for p in event.passages)
            console.print(Text("· " + " · ".join(titles), style="dim"))
        elif isinstance(event, Waiting):
            console.print(
                f"waiting, {event.ahead} ahead 排队中，前面还有 {event.ahead} 个", style="dim"
            )
        elif isinstance(event, Draft) and console.is_terminal:
            if not event.text.startswith(draft):  # the line before was checked
                draft = _over(draft)
            sys.stderr.write(event.text[len(draft) :])
            sys.stderr.flush()
            draft = event.text
        elif isinstance(event, Verified) and console.is_terminal:
            draft = _over(draft)
            for sentence in event.answer.sentences[told:]:
                console.print(Text(f"✓ {sentence.text}", style="dim"))
            told = len(event.answer.sentences)
        elif isinstance(event, FirstDraft) and console.is_terminal:
            if not told:
                console.print("first draft 初稿：", style="dim")
                for sentence in event.answer.sentences:
                    console.print(Text(f"  {sentence.text}", style="dim"))
                console.print("choosing better 正在改进 …", style="dim")
                told = len(event.answer.sentences)
        elif isinstance(event, Finished):
            _over(draft)
            print_answer(event.answer)
            return event.answer
    raise AssertionError("the last event is always Finished")


def _over(draft: str) -> str:
    """Leave the line of a draft."""
    if draft:
        sys.stderr.write("\n")
    return ""


def print_answer(answer: Answer) -> None:
    """The answer and the quotes it rests on, or the nearest notes of an abstention."""
    console = Console(soft_wrap=True, highlight=False)
    console.print(Text(answer.text))
    for item in answer.citations:
        place = item.heading_path
        page = f", p. {item.page}" if item.page is not None else ""
        console.print(Text(f"\n[{item.n}] {place} ({item.place}{page})", style="bold"))
        if item.table_header:
            console.print(Text(f"    {item.table_header}", style="dim"))
        console.print(Text(f"    {' '.join(item.quote.split())}", style="dim"))
    for text in answer.lacking:
        print(visible(text))
    if told := so_far(answer):
        console.print(Text(f"\n{told}", style="yellow"))
    if answer.checked_by == "rules":
        console.print(Text(f"\n{BY_RULES}", style="yellow"))
    if any(sentence.translated for sentence in answer.sentences):
        console.print(Text(f"\n{TRANSLATED}", style="dim"))
    if answer.withheld:
        console.print(Text("\nKept out, for it reads like an order 像是指令，没有写进答案："))
        for kept in answer.withheld:
            told = " ".join(visible(kept.text).split())
            console.print(Text(f"  {told} ({kept.note}:{kept.start}-{kept.end})", style="dim"))
    if answer.nearest:
        console.print(Text("\nNearest notes 最接近的笔记："))
        for near in answer.nearest:
            console.print(Text(f"  {near.title} ({near.note})"))


def print_hits(hits: Iterable[Hit]) -> None:
    """Each hit's score, place and beginning."""
    console = Console(soft_wrap=True, highlight=False)
    for hit in hits:
        meta = hit.document.metadata
        place = heading_path([meta["title"], *meta["headings"]])
        console.print(Text(f"{hit.score:.3f}  {place} ({meta['note']})", style="bold"))
        if meta.get("table_header"):
            console.print(Text(f"       {meta['table_header'][:160]}", style="dim"))
        console.print(Text(f"       {' '.join(hit.document.page_content.split())[:160]}"))


MARKS = {
    "covered": "✓", "partly": "~", "missed": "✗", "contradicted": "!", "maybe": "?",
    "not found": "·", "not asked": "–", "disputed": "–",
}  # fmt: skip
# Without a model nothing was judged, only found.
_FOUND = {"covered": "found 找到", "maybe": "maybe 可能", "not found": "not found 没找到"}


def print_grade(grade: Grade) -> None:
    """The score, every key point with the learner's words and the notes', and what was wrong."""
    console = Console(soft_wrap=True, highlight=False)
    score = "" if grade.score is None else f"{grade.score}/100  "
    console.print(Text(f"{score}{grade.summary}", style="bold"))
    for warning in grade.warnings:
        console.print(Text(warning, style="yellow"))
    for number, point in enumerate(grade.points, 1):
        status = _FOUND.get(point.status, point.status) if grade.self_assessed else point.status
        console.print(Text(f"\n{number}. {MARKS[point.status]} {status}: {point.text}"))
        if point.said:
            console.print(Text(f"    you 你: {' '.join(point.said.text.split())}", style="dim"))
        quote = " ".join(point.source.quote.split())
        where = f"[{point.source.n}] {point.source.place}"
        console.print(Text(f"    {where}: {quote}", style="dim"))
    for statement in grade.statements:
        console.print(Text(f"\n{statement.kind}: {' '.join(statement.said.text.split())}"))
        if statement.source:
            console.print(Text(f"    {statement.source.place}: {statement.source.quote}"))
    if grade.follow_up:
        console.print(Text(f"\n→ {grade.follow_up}", style="bold"))


def print_progress(found: LearningStats) -> None:
    """A learner's progress as tables."""
    from rich.table import Table

    console = Console(highlight=False)
    score = "–" if found.mean_score is None else f"{found.mean_score}"
    kept = "–" if found.retention is None else f"{found.retention:.0%}"
    console.print(
        f"practised 已练 {found.practised}/{found.topics}, due 到期 {found.due}, "
        f"attempts 次数 {found.attempts}, mean score 平均分 {score}, retention 记忆保持 {kept}"
    )
    folders = Table("folder 目录", "practised 已练", "topics 主题")
    for name, done, count in found.folders:
        folders.add_row(name, str(done), str(count))
    console.print(folders)
    if found.weakest:
        weak = Table("topic 主题", "weakest key points 薄弱要点", "missed 漏/错", "asked 次数")
        for item in found.weakest:
            weak.add_row(item.place, item.point, str(item.weak), str(item.asked))
        console.print(weak)


def print_checks(checks: Iterable[Check]) -> None:
    """A line a check, in both languages, and what to do below it."""
    console = Console(soft_wrap=True, highlight=False)
    marks = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "red")}
    for check in checks:
        mark, colour = marks[check.status]
        told = check.en if check.en == check.zh else f"{check.en} · {check.zh}"
        console.print(Text(f"{mark} {check.name}: ", style=colour) + Text(redact(told)))
        if check.todo_en:
            console.print(Text(f"    → {redact(f'{check.todo_en} · {check.todo_zh}')}"))
