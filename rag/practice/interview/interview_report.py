"""What an interview showed: errors first, what was left out, what to say instead, what next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from rag.practice.after.model_answer import ModelAnswer, model_answer
from rag.practice.grades import PointGrade
from rag.practice.interview.mock_interview import MockInterview
from rag.practice.kept.interviews import Interview
from rag.text.language import Language

NEXT = 3
GOOD = 80  # a score from which a topic need not come first again
_WORDS = {
    "title": ("模拟面试报告", "Mock interview report"),
    "score": ("总分", "Score"),
    "self": ("（自评）", " (self-assessed)"),
    "open": ("未评分", "not judged"),
    "minutes": ("用时 {0} 分钟", "{0} minutes"),
    "errors": ("疑似讲错的（请对照原文）", "What seems wrong (compare with the notes)"),
    "missing": ("漏掉的", "What was left out"),
    "said": ("你说", "You said"),
    "note": ("笔记", "The note"),
    "topics": ("逐题回顾", "Question by question"),
    "better": ("可以这样说（约 {0} 秒）", "Say it like this ({0} s)"),
    "skipped": ("跳过", "skipped"),
    "next": ("接下来练", "Practise next"),
    "unmatched": ("笔记里没有", "Not in your notes"),
    "none": ("没有", "nothing"),
}
_CSS = (
    "body{font:16px/1.6 sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "blockquote{margin:.3rem 0 .8rem 1rem;color:#555}h2{border-bottom:1px solid #ccc}"
    "@media print{body{margin:0;max-width:none}h3{break-after:avoid}li{break-inside:avoid}}"
)


@dataclass(frozen=True, slots=True)
class TopicReport:
    """One topic of an interview.

    Attributes:
        score: the mean of its judged answers; None where none was judged.
        questions: each with its score, None where it was skipped or not judged.
        points: all points that were asked, each with its last status.
    """

    topic: str
    title: str
    score: int | None
    questions: tuple[tuple[str, int | None, bool], ...]
    points: tuple[PointGrade, ...]
    better: ModelAnswer | None

    def with_status(self, *statuses: str) -> list[PointGrade]:
        found = [point for point in self.points if point.status in statuses]
        return sorted(found, key=lambda point: point.weight != "must")


@dataclass(frozen=True, slots=True)
class InterviewReport:
    """The report of one interview; `next_topics` are (key, title)."""

    number: int
    language: Language
    started: str
    seconds: float
    score: int | None
    self_assessed: bool
    topics: tuple[TopicReport, ...]
    next_topics: tuple[tuple[str, str], ...]
    unmatched: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `rag interview report --json`."""
        return {
            "interview": self.number,
            "started": self.started,
            "seconds": round(self.seconds),
            "score": self.score,
            "self_assessed": self.self_assessed,
            "errors": [
                {"topic": topic.topic, **point.to_dict()}
                for topic in self.topics
                for point in topic.with_status("contradicted")
            ],
            "missing": [
                {"topic": topic.topic, **point.to_dict()}
                for topic in self.topics
                for point in topic.with_status("missed", "partly")
            ],
            "topics": [
                {
                    "topic": topic.topic,
                    "title": topic.title,
                    "score": topic.score,
                    "questions": [
                        {"question": text, "score": score, "answered": answered}
                        for text, score, answered in topic.questions
                    ],
                    "better": topic.better.to_dict() if topic.better else None,
                }
                for topic in self.topics
            ],
            "next_topics": [{"topic": key, "title": title} for key, title in self.next_topics],
            "unmatched": list(self.unmatched),
        }

    def markdown(self) -> str:
        """The report as Markdown."""
        lines = [f"# {self._word('title')}", "", self._head(), ""]
        for name, statuses in (("errors", ("contradicted",)), ("missing", ("missed", "partly"))):
            lines += [f"## {self._word(name)}", ""]
            found = [(t, p) for t in self.topics for p in t.with_status(*statuses)]
            lines += [part for t, p in found for part in self._point(t, p)] or [self._word("none")]
            lines += [""]
        lines += [f"## {self._word('topics')}", ""]
        for topic in self.topics:
            lines += [f"### {topic.title} · {self._score(topic.score)}", ""]
            lines += [
                f"- {_line(text)} · {self._score(score) if said else self._word('skipped')}"
                for text, score, said in topic.questions
            ]
            if topic.better is not None:
                lines += ["", f"{self._word('better', topic.better.seconds)}", ""]
                lines += [f"> {_line(topic.better.cited)}", ""]
                lines += [
                    f"- [{item.source.n}] {item.source.place}: “{_line(item.source.quote)}”"
                    for item in topic.better.sentences
                ]
            lines += [""]
        for name, texts in (
            ("next", [title for _, title in self.next_topics]),
            ("unmatched", self.unmatched),
        ):
            if texts:
                lines += [f"## {self._word(name)}", "", *(f"- {_line(text)}" for text in texts), ""]
        return "\n".join(lines).rstrip() + "\n"

    def html(self) -> str:
        """The report as one page to print; nothing in it is taken for markup."""
        from markdown_it import MarkdownIt

        body = MarkdownIt("commonmark", {"html": False}).disable(["image", "link"]).render(
            self.markdown()
        )  # fmt: skip
        title = escape(self._word("title"))
        return (
            f'<!doctype html><html lang="{self.language}"><head><meta charset="utf-8">'
            f"<title>{title}</title><style>{_CSS}</style></head><body>{body}</body></html>\n"
        )

    def _head(self) -> str:
        score = self._score(self.score) + (self._word("self") if self.self_assessed else "")
        minutes = self._word("minutes", max(1, round(self.seconds / 60)))
        return f"{self.started[:10]} · {self._word('score')} {score} · {minutes}"

    def _point(self, topic: TopicReport, point: PointGrade) -> list[str]:
        said = [f"  - {self._word('said')}: “{_line(point.said.text)}”"] if point.said else []
        source = point.source
        return [
            f"- **{_line(topic.title)}**: {_line(point.text)}",
            *said,
            f"  - {self._word('note')} ({source.place}): “{_line(source.quote)}”",
        ]

    def _score(self, score: int | None) -> str:
        return self._word("open") if score is None else f"{score}/100"

    def _word(self, name: str, *values: object) -> str:
        return _WORDS[name][self.language == "en"].format(*values)


def report_of(mock: MockInterview) -> InterviewReport:
    """The report of an interview as far as it has come."""
    state = mock.state
    language: Language = "en" if state.language == "en" else "zh"
    graded = mock.graded()
    scores_by_attempt = {
        number: grade.score for items in graded.values() for number, grade in items
    }
    topics = []
    for key in dict.fromkeys(item.topic for item in state.rounds):
        rounds = [item for item in state.rounds if item.topic == key]
        grades = [grade for _, grade in graded.get(key, [])]
        points = {point.name: point for grade in grades for point in grade.points}
        merged = replace(grades[0], points=tuple(points.values())) if grades else None
        topics.append(
            TopicReport(
                key, rounds[0].title, _mean([grade.score for grade in grades]),
                tuple(
                    (r.question, scores_by_attempt.get(r.attempt or 0), r.attempt is not None)
                    for r in rounds
                ),
                tuple(points.values()),
                model_answer(merged, mock.coach.index) if merged else None,
            )
        )  # fmt: skip
    return InterviewReport(
        state.id, language, state.started,
        state.spent_s if state.running_since is None else sum(r.seconds for r in state.rounds),
        _mean([topic.score for topic in topics]),
        any(grade.self_assessed for items in graded.values() for _, grade in items),
        tuple(topics), _next_topics(mock, topics), state.unmatched,
    )  # fmt: skip


def _next_topics(mock: MockInterview, topics: Sequence[TopicReport]) -> tuple[tuple[str, str], ...]:
    """The weakest topics of the interview, then what the schedule has next."""
    judged = [topic for topic in topics if topic.score is not None and topic.score < GOOD]
    weak = [(t.topic, t.title) for t in sorted(judged, key=lambda topic: topic.score or 0)]
    skipped = [(t.topic, t.title) for t in topics if not any(said for _, _, said in t.questions)]
    asked = {topic.topic for topic in topics}
    language: Language = "en" if mock.state.language == "en" else "zh"
    later = [
        (topic.key, topic.name(language))
        for topic in mock.coach.timetable.in_order(mock.state.profile)
        if topic.key not in asked
    ]
    return tuple(dict.fromkeys([*weak, *skipped, *later]))[:NEXT]


def overall_score(state: Interview, scores: Mapping[int, int | None]) -> int | None:
    """The score of an interview's report, by the scores of attempts; None: none was given."""
    by_topic: dict[str, list[int | None]] = {}
    for item in state.rounds:
        if item.attempt is not None:
            by_topic.setdefault(item.topic, []).append(scores.get(item.attempt))
    return _mean([_mean(given) for given in by_topic.values()])


def _mean(scores: Sequence[int | None]) -> int | None:
    judged = [score for score in scores if score is not None]
    return round(sum(judged) / len(judged)) if judged else None


def _line(text: str) -> str:
    return " ".join(text.split())
