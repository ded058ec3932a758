"""Explanation → grade: every key point judged, cited and quoted; wrong statements apart."""

import time
from collections.abc import Generator, Sequence

import numpy as np

from rag.embedding.embedder import Embedder
from rag.grounding.citation import Citation
from rag.grounding.disagreement import contradiction
from rag.grounding.passage import Passage
from rag.grounding.support import Embed, judge
from rag.index.opened import WordIndex
from rag.llm.model import LanguageModel
from rag.practice.exercise import Exercise
from rag.practice.explanation import ParsedExplanation, Utterance, read_explanation
from rag.practice.grades import Grade, PointGrade, Statement, StatementKind, score_of
from rag.practice.judging import CREDIT, Judging, judged_points
from rag.practice.llm_judge import follow_up_question
from rag.practice.matching import Match, match_points
from rag.practice.points import KeyPoint
from rag.text.language import Language, detect_language
from rag.text.markup import without_markup
from rag.text.words import content_words

SHORTEST_STATEMENT = 4  # content words


def grade(
    exercise: Exercise,
    explanation: str,
    embedder: Embedder,
    lexical: WordIndex,
    model: LanguageModel | None,
) -> Grade:
    """Hold an explanation against an exercise's key points. Errors as in `grading`."""
    steps = grading(exercise, explanation, embedder, lexical, model)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: Grade = end.value
            return result


def grading(
    exercise: Exercise,
    explanation: str,
    embedder: Embedder,
    lexical: WordIndex,
    model: LanguageModel | None,
) -> Generator[Judging, None, Grade]:
    """The grade of an explanation, and on the way the points that stand already.

    Raises:
        ModelError: the LLM cannot be loaded or stopped answering.
    """
    began = time.perf_counter()

    def embed(texts: list[str]) -> np.ndarray:
        return np.asarray(embedder.embed_documents(texts), np.float32)

    points = exercise.points
    stated = [text for point in points for text in point.variants()]
    reading = read_explanation(explanation, exercise.question, stated)
    matches = match_points(points, reading.counted, explanation, exercise.title, lexical.idf, embed)
    graded, follow_up = yield from judged_points(exercise, reading, explanation, matches, model)
    judged = model is not None and (model.judges or not model.local)
    # A judge of points has said what is wrong; sentences are not held against notes by rules too.
    statements = (
        [] if judged else _statements(exercise, reading.counted, _used(graded, matches), embed)
    )
    weakest = _weakest(graded)
    if weakest is not None and not follow_up:
        if model is not None and model.local:
            follow_up = follow_up_question(
                model, exercise.question, points[weakest], exercise.language
            )
        follow_up = follow_up or _plain_follow_up(exercise, points[weakest], graded[weakest])
    score = score_of(tuple(graded))
    return Grade(
        topic=exercise.topic,
        title=exercise.title,
        question=exercise.question,
        language=exercise.language,
        points=tuple(graded),
        statements=tuple(statements),
        score=score,
        summary=_summary(graded, exercise.language),
        follow_up=follow_up,
        llm=model.spec if model else "none",
        warnings=_warnings(reading, exercise.language),
        seconds=time.perf_counter() - began,
        collection=exercise.collection,
    )


def _used(graded: Sequence[PointGrade], matches: Sequence[Match]) -> list[Utterance]:
    """What states a key point. A run may hold a wrong sentence between the right ones: of a run
    only those sentences that help to state the point count."""
    used: list[Utterance] = []
    for item, match in zip(graded, matches, strict=True):
        if item.said is not None and item.status != "missed":
            used.extend(match.stating if item.said == match.said else [item.said])
    return used


def _statements(
    exercise: Exercise, counted: Sequence[Utterance], used: Sequence[Utterance], embed: Embed
) -> list[Statement]:
    """What no key point accounts for and the notes contradict or do not support."""
    passages = [
        Passage(d, d.page_content, d.metadata["start"], d.metadata["end"], 0.0, 0.0)
        for d in exercise.documents
    ]
    found: list[Statement] = []
    for said in counted:
        if any(item.start <= said.start and said.end <= item.end for item in used):
            continue
        words = set(content_words(without_markup(said.text)))
        if len(words) < SHORTEST_STATEMENT:
            continue
        near = sorted(
            passages, key=lambda p: -len(words & set(content_words(f"{p.context} {p.text}")))
        )[:3]
        same = [p for p in near if detect_language(p.text) == detect_language(said.text)]
        verdicts = [(judge(said.text, p, embed), p) for p in (same or near)]
        if any(verdict.supported for verdict, _ in verdicts):
            continue
        kind: StatementKind = "unsupported"
        source: Citation | None = None
        for verdict, passage in verdicts:
            quote = passage.narrowed(verdict.start, verdict.end)
            if same and contradiction(said.text, quote.text):
                kind, source = "contradicted", Citation.of(len(found) + 1, quote)
                break
        found.append(Statement(said, kind, source))
    return found


def _weakest(graded: Sequence[PointGrade]) -> int | None:
    order = {"contradicted": 0, "missed": 1, "partly": 2}
    open_ = [place for place, item in enumerate(graded) if item.status in order]
    return min(open_, key=lambda place: (order[graded[place].status], place), default=None)


def _plain_follow_up(exercise: Exercise, point: KeyPoint, graded: PointGrade) -> str:
    """The follow-up without an LLM: it names the place, not the answer."""
    if graded.status == "contradicted" and graded.said:
        quote = " ".join(graded.said.text.split())[:80]
        if exercise.language == "zh":
            return f"你说“{quote}”，真的是这样吗？请说明理由。"
        return f"You said “{quote}” — is that really so, and why?"
    hint = point.hint
    if exercise.language == "zh":
        return f"关于“{exercise.title}”，请具体讲讲“{hint}”这一部分。"
    return f"On {exercise.title}: could you go deeper into the part “{hint}”?"


def _summary(graded: Sequence[PointGrade], language: Language) -> str:
    counts = {name: sum(1 for g in graded if g.status == name) for name in CREDIT}
    weakest = _weakest(graded)
    if language == "zh":
        first = (
            f"共 {len(graded)} 个要点：讲全 {counts['covered']} 个，"
            f"讲到一部分 {counts['partly']} 个，"
            f"漏掉 {counts['missed']} 个，疑似讲错 {counts['contradicted']} 个。"
        )
        if weakest is None:
            return first + "没有需要补的要点，可以试试更难的追问。"
        return first + f"最该补的是：{graded[weakest].text.rstrip('。')}。"
    first = (
        f"Of {len(graded)} key points you covered {counts['covered']}, touched {counts['partly']}, "
        f"missed {counts['missed']} and seem to have got {counts['contradicted']} wrong. "
    )
    if weakest is None:
        return first + "Nothing is left to repair; try a harder question."
    return first + f"Work on this first: {graded[weakest].text.rstrip('.')}."


def _warnings(reading: ParsedExplanation, language: Language) -> tuple[str, ...]:
    zh = language == "zh"
    found = []
    if reading.keyword_lists:
        found.append(
            "罗列关键词不算解释，请用完整的句子。"
            if zh
            else "A list of keywords explains nothing; use whole sentences."
        )
    if reading.repeats_question:
        found.append("重复题目的句子不计分。" if zh else "Repeating the question earns nothing.")
    if reading.instructions:
        found.append(
            "写给评分者的指令不计分。" if zh else "Instructions to the grader are ignored."
        )
    if not (reading.counted or reading.keyword_lists):
        found.append("没有可评分的内容。" if zh else "There is nothing to grade.")
    return tuple(found)
