"""What follows a grade, as safe HTML: the difference to the last time, and an answer to speak."""

from collections.abc import Sequence

from rag.practice.after.comparison import Comparison
from rag.practice.after.model_answer import ModelAnswer
from ui.answer_html import inline
from ui.grade_html import mark
from ui.wording import Language, word


def after_html(difference: Comparison | None, answer: ModelAnswer, language: Language) -> str:
    """The difference, where there is an earlier attempt; the answer, folded."""
    return (_difference(difference, language) if difference else "") + _spoken(answer, language)


def _difference(found: Comparison, language: Language) -> str:
    head = word("difference", language, day=found.earlier[:10])
    rows = "".join(
        _changed(kind, texts, language)
        for kind, texts in (("gained", found.gained), ("lost", found.lost), ("open", found.open))
    )
    return (
        f"<section class='difference'><h4>{head} <b>{found.before}</b> → <b>{found.now}</b></h4>"
        f"{rows}</section>"
    )


def _changed(kind: str, texts: Sequence[str], language: Language) -> str:
    if not texts:
        return ""
    items = "".join(f"<li>{inline(text)}</li>" for text in texts)
    return f"<p class='changed {kind}'>{word(kind, language)}</p><ul>{items}</ul>"


def _spoken(answer: ModelAnswer, language: Language) -> str:
    if not answer.sentences:
        return ""
    head = word("model_answer", language, n=answer.seconds)
    gap = "" if answer.language == "zh" else " "
    text = gap.join(f"{inline(item.text)}{mark('p0', item.source.n)}" for item in answer.sentences)
    return f"<details class='to-speak'><summary>{head}</summary><p>{text}</p></details>"
