"""A grade as safe HTML: points with the learner's words and clickable passages."""

from rag.practice.grades import Grade
from ui.answer_html import escape, inline
from ui.wording import Language, word


def grade_html(grade: Grade, language: Language) -> str:
    """Score, summary, every key point, wrong statements, the follow-up question."""
    done = sum(point.status in {"covered", "maybe"} for point in grade.points)
    count = word("points_count", language, done=done, all=len(grade.points))
    # Without a model nobody scores but the learner, whose ticks come later.
    scored = "" if grade.score is None else f"{grade.score}<small> / 100 · </small>"
    parts = [
        f"<div class='score'>{scored}<small>{count}</small></div><p>{escape(grade.summary)}</p>"
    ]
    parts += [f"<p class='error'>{escape(warning)}</p>" for warning in grade.warnings]
    for point in grade.points:
        said = (
            f"{word('you_said', language)}“{escape(_short(point.said.text))}”"
            if point.said
            else word("not_said", language)
            if point.status == "missed"
            else ""
        )
        kind = point.status.replace(" ", "-")
        parts.append(
            f"<div class='point {kind}'><div class='note-says'><span class='verdict'>"
            f"{word(point.status, language)}</span>{inline(point.text)}"
            f"{_button(point.source.n)}</div><div class='said'>{said}</div></div>"
        )
    if grade.statements:
        parts.append(f"<h4>{word('wrong_statements', language)}</h4>")
    for number, statement in enumerate(grade.statements, 1):
        button = _button(-number) if statement.source else ""
        parts.append(
            f"<div class='point {'contradicted' if statement.source else 'partly'}'>"
            f"<div class='note-says'><span class='verdict'>{word(statement.kind, language)}</span>"
            f"“{escape(_short(statement.said.text))}” {button}</div></div>"
        )
    if grade.follow_up:
        parts.append(f"<p><b>{word('follow_up', language)}</b>{escape(grade.follow_up)}</p>")
    return "".join(parts)


def _button(number: int) -> str:
    label = str(number) if number > 0 else "!"
    return f'<button type="button" class="cite mark cite-p0_{number}">{label}</button>'


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 240 else f"{text[:240]}…"
