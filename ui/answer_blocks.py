"""An answer as a reader takes it in: the direct answer, the points, tables of quoted rows."""

import re
from dataclasses import dataclass

from rag.answer.answer import Answer, Sentence, translation_mark
from rag.grounding.citation import Citation
from rag.text.markup import is_code, without_markup

_CELL = re.compile(r"(?<!\\)\|")
_NUMBER = re.compile(r"[\[〔](\d+)[\]〕]")  # as `rag.answer.answer.cited` rewrites it


@dataclass(frozen=True, slots=True)
class Row:
    """A table row of a note, and the citation that it is."""

    cells: tuple[str, ...]
    n: int


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that were quoted from one table, one after the other."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Laid:
    """An answer laid out.

    Attributes:
        direct: the first sentence, which answers by itself; None where a table does.
        rest: points and tables, in the order of the answer.
    """

    direct: Sentence | None
    rest: tuple[Sentence | Table, ...]


def laid(answer: Answer) -> Laid:
    """The layout of an answer, finished or still growing."""
    quoted = {item.n: item for item in answer.citations}
    parts: list[Sentence | Table] = []
    for sentence in answer.sentences:
        row = _row(sentence, quoted)
        if row is None:
            parts.append(sentence)
            continue
        header = cells_of(quoted[row.n].table_header)
        last = parts[-1] if parts else None
        if isinstance(last, Table) and last.header == header:
            parts[-1] = Table(header, (*last.rows, row))
        else:
            parts.append(Table(header, (row,)))
    first = parts[0] if parts else None
    if isinstance(first, Sentence):
        return Laid(first, tuple(parts[1:]))
    return Laid(None, tuple(parts))


def answer_text(answer: Answer, sources: bool = False) -> str:
    """The answer as Markdown that also reads well as plain text.

    Args:
        sources: keep the `[n]`, and list below what they stand for.
    """

    def told(sentence: Sentence) -> str:
        mark = "".join(f"[{n}]" for n in sentence.citations) if sources else ""
        if is_code(sentence.text):
            return f"{sentence.text}\n{mark}"
        return sentence.text + translation_mark(sentence, answer.language) + mark

    found = laid(answer)
    parts = [told(found.direct)] if found.direct else []
    points = [item for item in found.rest if isinstance(item, Sentence) and not is_code(item.text)]
    for item in found.rest:
        if isinstance(item, Sentence):
            bullet = "- " if len(points) > 1 and not is_code(item.text) else ""
            parts.append(bullet + told(item))
        else:
            parts.append(_markdown_table(item, sources))
    if sources and answer.citations:
        parts.append("\n".join(_source(item) for item in answer.citations))
    text = ""
    for before, part in zip(["", *parts], parts, strict=False):
        both = before.startswith("- ") and part.startswith("- ")
        text += ("" if not text else "\n" if both else "\n\n") + part
    return text + "\n"


def _row(sentence: Sentence, quoted: dict[int, Citation]) -> Row | None:
    """The row that a sentence tells in the note's own words; None for any other sentence."""
    item = quoted.get(sentence.citations[0]) if len(sentence.citations) == 1 else None
    if item is None or not item.table_header or not item.quote.strip().startswith("|"):
        return None
    header, cells = cells_of(item.table_header), cells_of(item.quote)
    if len(header) != len(cells) or len(cells) < 2:
        return None
    first, *rest = cells
    facts = [f"{name}: {cell}" for name, cell in zip(header[1:], rest, strict=True) if cell]
    told = without_markup(f"{first} ({'; '.join(facts)})" if facts else first)
    if _NUMBER.sub(r"\1", told) != _NUMBER.sub(r"\1", sentence.text):
        return None  # a model's own words about the row
    return Row(cells, item.n)


def cells_of(row: str) -> tuple[str, ...]:
    """The cells of a Markdown table's line."""
    return tuple(cell.strip() for cell in _CELL.split(row.strip().strip("|")))


def _markdown_table(table: Table, sources: bool) -> str:
    lines = [table.header, tuple("---" for _ in table.header)]
    for row in table.rows:
        mark = f" [{row.n}]" if sources else ""
        lines.append((row.cells[0] + mark, *row.cells[1:]))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _source(item: Citation) -> str:
    place = " › ".join(dict.fromkeys([item.title, *item.heading]))
    page = f", p. {item.page}" if item.page is not None else ""
    return f"[{item.n}] {place} ({item.place}{page}): “{' '.join(item.quote.split())}”"
