"""Answers, their sources and what can be done next, as safe HTML.

Gradio's Markdown drops `data-` attributes, so what a button is about stands in its class or title.
"""

import re
from collections.abc import Sequence
from html import escape as escape
from itertools import groupby

from rag.answer.answer import Answer, Sentence
from rag.answer.replies import so_far
from rag.grounding.citation import Citation
from rag.grounding.passage import Passage
from rag.text.markup import is_code
from ui.answer_blocks import Table, cells_of, laid
from ui.note_html import clean, inline, note_html
from ui.wording import Language, word

__all__ = [
    "answer_html", "chip", "citations_html", "clean", "draft_html", "escape", "inline",
    "note_html", "passages_html", "quiet", "sentences_html", "unanswered_html",
]  # fmt: skip


_LISTED = re.compile(r"\A\s*(?:[-*+]|\d+[.)])\s+")


def quiet(html: str, tag: str = "p", also: str = "") -> str:
    """Something said beside what matters, in the page's faint ink; `also` names more classes."""
    return f"<{tag} class='{f'quiet {also}'.strip()}'>{html}</{tag}>"


def answer_html(answer: Answer, turn: int, language: Language) -> str:
    """A verified answer; each citation mark is a button that opens its passage."""
    html = sentences_html(answer, turn)
    if answer.nearest:
        items = "".join(
            _button(turn, -number, escape(item.title), "near")
            for number, item in enumerate(answer.nearest, 1)
        )
        html += f"{quiet(word('nearest', language))}<div class='nearest'>{items}</div>"
    if answer.dropped:
        html += quiet(word("dropped", language, n=len(answer.dropped)))
    html += "".join(f"<p>{escape(text)}</p>" for text in answer.lacking)
    if told := so_far(answer):
        html += quiet(escape(told), also="so-far")
    if answer.checked_by == "rules":
        html += quiet(word("by_rules", language))
    if any(sentence.translated for sentence in answer.sentences):
        html += quiet(word("translated", language))
    if answer.withheld:
        items = "".join(
            f"<li>{escape(item.text)} <small>{escape(item.note)}</small></li>"
            for item in answer.withheld
        )
        html += f"{quiet(word('withheld', language))}<ul class='quiet'>{items}</ul>"
    return f"<div class='answer'>{html}{_tools(answer, turn, language)}</div>"


def sentences_html(answer: Answer, turn: int | None = None) -> str:
    """The direct answer, then the points and tables; marks are buttons once it is a turn."""
    found = laid(answer)
    parts = []
    if found.direct and is_code(found.direct.text):
        parts.append(_code(found.direct, answer, turn))
    elif found.direct:
        parts.append(f"<p class='direct'>{_sentence(found.direct, answer, turn)}</p>")
    points = [item for item in found.rest if isinstance(item, Sentence) and not is_code(item.text)]
    listing: list[str] = []
    for item in found.rest:
        if isinstance(item, Table):
            parts += [_list(listing), _table(item, answer, turn)]
            listing = []
        elif is_code(item.text):
            parts += [_list(listing), _code(item, answer, turn)]
            listing = []
        elif len(points) == 1:
            parts.append(f"<p>{_sentence(item, answer, turn)}</p>")
        else:
            listing.append(f"<li>{_sentence(item, answer, turn)}</li>")
    return "".join([*parts, _list(listing)])


def _list(items: Sequence[str]) -> str:
    return f"<ul class='points'>{''.join(items)}</ul>" if items else ""


def _sentence(sentence: Sentence, answer: Answer, turn: int | None) -> str:
    marks = "".join(_mark(n, answer, turn) for n in sentence.citations)
    if sentence.translated:
        marks = quiet(word("translated_mark", answer.language), "small") + marks
    return f"{inline(sentence.text)}{marks}"


def _code(sentence: Sentence, answer: Answer, turn: int | None) -> str:
    marks = "".join(_mark(n, answer, turn) for n in sentence.citations)
    code = _code_html(sentence.text)
    return f"<div class='code-block'>{code}<span class='marks'>{marks}</span></div>"


def _code_html(text: str) -> str:
    """A block on one line of HTML: a blank line would end it for the Markdown around it."""
    code = "&#10;".join(escape(line) for line in text.strip().splitlines()[1:-1])
    return f"<pre class='code'><code>{code}</code></pre>"


def _table(table: Table, answer: Answer, turn: int | None) -> str:
    head = "".join(f"<th>{inline(cell)}</th>" for cell in table.header)
    rows = []
    for row in table.rows:
        first, *rest = row.cells
        cells = "".join(f"<td>{inline(cell)}</td>" for cell in rest)
        rows.append(f"<tr><th>{inline(first)}{_mark(row.n, answer, turn)}</th>{cells}</tr>")
    body = "".join(rows)
    return f"<table class='rows'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _mark(n: int, answer: Answer, turn: int | None) -> str:
    """The small mark of a citation, which says where it leads."""
    if turn is None:
        return f"<span class='cite-soon'>{n}</span>"
    item = next((item for item in answer.citations if item.n == n), None)
    return _button(turn, n, str(n), "mark", _place(item) if item else "")


def _place(item: Citation) -> str:
    return " › ".join(dict.fromkeys([item.title, *item.heading]))


def _button(turn: int, number: int, label: str, kind: str = "mark", title: str = "") -> str:
    named = f' title="{escape(title)}"' if title else ""
    return f'<button type="button" class="cite cite-{turn}_{number} {kind}"{named}>{label}</button>'


def chip(kind: str, label: str, about: str = "") -> str:
    """A button that page.js acts on: `kind` is its class, `about` what it asks or fills in."""
    named = f' title="{escape(about)}"' if about else ""
    return f'<button type="button" class="chip {kind}"{named}>{escape(label)}</button>'


def _tools(answer: Answer, turn: int, language: Language) -> str:
    """What can be done with an answer: copy it, ask otherwise, go on from it."""
    question = " ".join(answer.question.split())
    small = [chip("edit-this quietly", word("edit_question", language), question)]
    if not answer.abstained:
        small = [
            chip(f"copy-this quietly copy-{turn}_plain", word("copy", language)),
            chip(f"copy-this quietly copy-{turn}_sources", word("copy_sources", language)),
            *small,
        ]
    following: list[str] = []
    if answer.citations:
        topic = answer.citations[0].title
        following = [
            chip("practise-this", word("practise_this", language)),
            chip(
                "ask-this", word("simpler", language),
                word("simpler_ask", language, topic=topic),
            ),
            chip(
                "fill-this", word("compare", language), word("compare_ask", language, topic=topic)
            ),
            chip(f"read-this read-{turn}_1", word("read_note", language)),
        ]  # fmt: skip
    elif answer.nearest:
        following = [chip("to-notes", word("add_notes", language))]
    return (
        f"<div class='tools'>{''.join(small)}</div><div class='chips'>{''.join(following)}</div>"
        if answer.citations or answer.nearest
        else ""
    )


def unanswered_html(question: str, language: Language) -> str:
    """In an answer's place: it was broken off, and can be had again."""
    return (
        f"<div class='answer'>{quiet(word('interrupted', language))}"
        f"<div class='chips'>{chip('ask-this again', word('ask_again', language), question)}"
        f"{chip('edit-this', word('edit_question', language), question)}</div></div>"
    )


def draft_html(text: str, status: str, holds: str = "") -> str:
    """The model's unverified words, visibly a draft, after what already `holds` (HTML)."""
    body = escape(text.strip()).replace("\n", "<br>")
    return (
        f"<div class='answer'>{holds}<div class='draft'>{body}</div>"
        f"{quiet(escape(status), also='doing')}</div>"
    )


def passages_html(passages: Sequence[Passage], language: Language) -> str:
    """The evidence, before anything is written."""
    cards = "".join(
        f"<div class='card'><b>{escape(passage.context)}</b><p>{inline(passage.text)}</p></div>"
        for passage in passages
    )
    return quiet(word("found", language)) + cards


def _quote(item: Citation) -> str:
    """What is cited: a sentence, without the sign of the list it stands in, or a block of code."""
    if is_code(item.quote):
        return _code_html(item.quote)
    return f"<p>{inline(_LISTED.sub('', item.quote, count=1))}</p>"


def citations_html(answer: Answer, turn: int, language: Language) -> str:
    """The quotes an answer rests on, those of one section together; each opens its note."""
    sections: dict[tuple[str, str, str], list[Citation]] = {}
    for item in answer.citations:
        place = (item.collection, item.note, _place(item))
        sections.setdefault(place, []).append(item)
    cards = "".join(
        f"<div class='card'><b>{escape(place)}</b>{_quotes(items, turn)}"
        f"{quiet(escape(note), 'span')}</div>"
        for (_, note, place), items in sections.items()
    )
    return cards or quiet(word("no_sources", language))


def _quotes(items: Sequence[Citation], turn: int) -> str:
    """Each with its mark; rows of one table under its header, which stands there once."""
    parts = []
    for header, group in groupby(items, _header):
        if header:
            heads = "".join(f"<th>{inline(cell)}</th>" for cell in cells_of(header))
            rows = "".join(_row(item, turn) for item in group)
            parts.append(
                f"<table><thead><tr><th></th>{heads}</tr></thead><tbody>{rows}</tbody></table>"
            )
        else:
            parts += [
                f"<div class='quoted'>{_button(turn, item.n, str(item.n))}{_quote(item)}</div>"
                for item in group
            ]
    return "".join(parts)


def _header(item: Citation) -> str:
    return item.table_header if item.quote.strip().startswith("|") else ""


def _row(item: Citation, turn: int) -> str:
    cells = "".join(f"<td>{inline(cell)}</td>" for cell in cells_of(item.quote))
    return f"<tr><td>{_button(turn, item.n, str(item.n))}</td>{cells}</tr>"
