"""A grade as safe HTML: points with the learner's words and clickable passages."""

from rag.practice.grades import Grade
from ui.answer_html import escape, inline
from ui.wording import Language, word


def grade_html(grade: Grade, language: Language) -> str:
    """Score, summary, every key point, wrong statements, the follow-up question."""
    score = "" if grade.score is None else f"<div class='score'>{grade.score}/100</div>"
    parts = [f"{score}<p>{escape(grade.summary)}</p>"]
    parts += [f"<p class='error'>{escape(warning)}</p>" for warning in grade.warnings]
    for point in grade.points:
        said = (
            f"<p class='quiet'>{word('you_said', language)}“{escape(_short(point.said.text))}”</p>"
            if point.said
            else ""
        )
        parts.append(
            f"<div class='point {point.status}'><span class='chip'>"
            f"{word(point.status, language)}</span>{inline(point.text, typeset=False)} "
            f"{_button(point.source.n)}{said}</div>"
        )
    if grade.statements:
        parts.append(f"<h4>{word('wrong_statements', language)}</h4>")
    for number, statement in enumerate(grade.statements, 1):
        button = _button(-number) if statement.source else ""
        parts.append(
            f"<div class='point {'contradicted' if statement.source else 'partly'}'>"
            f"<span class='chip'>{word(statement.kind, language)}</span>"
            f"“{escape(_short(statement.said.text))}” {button}</div>"
        )
    if grade.follow_up:
        parts.append(f"<p><b>{word('follow_up', language)}</b>{escape(grade.follow_up)}</p>")
    return "".join(parts)


def _button(number: int) -> str:
    label = f"[{number}]" if number > 0 else "[!]"
    return f'<button type="button" class="cite cite-p0_{number}">{label}</button>'


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 240 else f"{text[:240]}…"
