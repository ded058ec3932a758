"""Sentences on siblings of what is asked: R1-Zero for R1, the next row of the table."""

import re
from collections.abc import Sequence

from rag.answer.quoting.candidates import Candidate
from rag.grounding.passage import Passage
from rag.search.names import asked_names, holds_name, mentions

_ROW = re.compile(r"^\s*\|\s*([^|]+?)\s*\|")


def without_siblings(question: str, found: Sequence[Candidate]) -> list[Candidate]:
    """The sentences without those that speak of a sibling of an asked name in its place, wherever
    others speak of the very thing; of a table whose rows are asked for by name, only these rows."""
    names = asked_names(question)
    kept = list(found)
    for name in names:
        holding = [item for item in kept if _holds(item.quote, name)]
        if holding:
            held = set(map(id, holding))
            kept = [
                item for item in kept
                if id(item) in held or not _speaks_of_sibling(item.quote, name, names)
            ]  # fmt: skip
    return _asked_rows(question, kept)


def _holds(quote: Passage, name: str) -> bool:
    return holds_name(f"{quote.context} {quote.text}", name)


def _speaks_of_sibling(quote: Passage, name: str, asked: Sequence[str]) -> bool:
    return any(
        are_siblings(name, other)
        for other in asked_names(f"{quote.context} {quote.text}")
        if other not in asked
    )


def are_siblings(name: str, other: str) -> bool:
    """One is the other with something before or behind it, or with another number."""
    one, two = name.lower(), other.lower()
    if one == two:
        return False
    if one.startswith(two) or two.startswith(one) or one.endswith(two) or two.endswith(one):
        return True
    blotted = [re.sub(r"\d+", "0", text) for text in (one, two)]
    return blotted[0] == blotted[1] and any(char.isalpha() for char in one)


def _asked_rows(question: str, found: Sequence[Candidate]) -> list[Candidate]:
    """All but the other rows of tables of which some row is named in the question."""
    heads = {id(item): head for item in found if (head := row_name(item.quote))}
    asked = {
        (item.quote.note, item.quote.table_header)
        for item in found
        if (head := heads.get(id(item))) and mentions(question, head)
    }
    return [
        item for item in found
        if (head := heads.get(id(item))) is None
        or (item.quote.note, item.quote.table_header) not in asked
        or mentions(question, head)
    ]  # fmt: skip


def row_name(quote: Passage) -> str | None:
    """What a row of a table is about: its first cell; None for any other quote."""
    match = _ROW.match(quote.text)
    return match[1] if match and len(match[1]) > 1 else None
