"""Text drawn from a file that is not text: written piece by piece, with the span of each block.

The text reads as plain Markdown (`## heading`, `- item`, `| cell |`), so it can be shown like any
note; nothing in it is escaped, so a quote reads as the author wrote it.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.errors import CorpusError
from rag.limits import ReadLimits
from rag.notes.note import MOST_GAPS, Block, BlockKind, Note, file_title
from rag.readers.parts.breaks import sentence_breaks, with_hard_breaks
from rag.readers.parts.markdown_blocks import markdown_blocks
from rag.text.folding import folded

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")


class RichText:
    """Collects headings and blocks in reading order; `note` gives the finished note."""

    def __init__(self, relative: str, limits: ReadLimits) -> None:
        self._relative = relative
        self._limit = limits.text_chars
        self._parts: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        self._path: list[tuple[int, str]] = []
        self._bare: tuple[int, int, int | None] | None = None  # a heading nothing followed yet
        self._first = ""  # heading
        self._gaps: list[str] = []
        self.page: int | None = None

    def gap(self, *sentences: str) -> None:
        """Say what of the file is not read; each sentence once."""
        self._gaps.extend(said for said in sentences if said and said not in self._gaps)

    def heading(self, level: int, text: str) -> None:
        """A heading of level 1 to 6; it becomes part of the path of what follows."""
        text = tidy(text).replace("\n", " ")
        if not text:
            return
        level = min(max(level, 1), 6)
        if self._path and self._path[-1][0] >= level:
            self._keep_bare_heading()
        self._path = [(depth, name) for depth, name in self._path if depth < level]
        self._path.append((level, text))
        self._first = self._first or text
        start = self._write(f"{'#' * level} {text}")
        self._bare = (start + level + 1, self._length, self.page)

    def paragraph(self, text: str) -> None:
        self._block("text", tidy(text))

    def items(
        self,
        items: list[tuple[int, str]],
        ordered: bool = False,
        marks: Sequence[str] | None = None,
        first: int = 1,
    ) -> None:
        """A list: (depth from 0, text) of each item; with `marks` what is drawn before each."""
        kept = [(depth, tidy(text).replace("\n", " ")) for depth, text in items]
        mark = list(marks) if marks is not None else _marks([d for d, _ in kept], ordered, first)
        self._lines(
            "list",
            [
                f"{'  ' * min(d, 8)}{m} {text}"
                for (d, text), m in zip(kept, mark, strict=True)
                if text
            ],
        )

    def table(self, rows: list[list[str]]) -> None:
        """A table; its first row is the header."""
        cells = [[tidy(cell).replace("\n", " ") for cell in row] for row in rows if any(row)]
        if not any(any(row) for row in cells):
            return
        lines = [f"| {' | '.join(row)} |" for row in cells]
        lines.insert(1, "|" + "---|" * len(cells[0]))
        self._lines("table", lines, 2)

    def code(self, text: str, language: str = "") -> None:
        """Code or output, fenced; its line breaks and indents stay."""
        text = _CONTROL.sub("", _BREAKS.sub("\n", text)).strip("\n")
        if text.strip():
            longest = max((len(run) for run in re.findall("`+", text)), default=0)
            fence = "`" * max(3, longest + 1)
            self._lines("code", [fence + language, *text.split("\n"), fence])

    def markdown(self, text: str) -> None:
        """A piece of Markdown, word for word, under the headings so far."""
        text = _CONTROL.sub("", _BREAKS.sub("\n", text)).strip("\n")
        if not text.strip():
            return
        start = self._write(text)
        blocks = markdown_blocks(text, self._path)
        self._first = self._first or next((name for _, name in self._path if name), "")
        for block in blocks:
            self._bare = None
            self._blocks.append(
                replace(
                    block,
                    start=start + block.start,
                    end=start + block.end,
                    breaks=tuple(start + at for at in block.breaks),
                    page=self.page,
                )
            )

    def note(self, title: str) -> Note:
        """The note, titled `title`, else by its first heading, else by its file.

        Raises:
            CorpusError: no text came.
        """
        self._keep_bare_heading()
        text = "".join(self._parts)
        blocks = tuple(self._blocks)
        if not blocks:
            raise CorpusError(f"{self._relative} holds no text.")
        named = tidy(title).replace("\n", " ") or self._first or file_title(self._relative)
        return Note(self._relative, named, text, blocks, gaps=tuple(self._gaps[:MOST_GAPS]))

    def _keep_bare_heading(self) -> None:
        """A heading with nothing under it is text too: a slide may be its title only."""
        if self._bare is None:
            return
        start, end, page = self._bare
        self._bare = None
        above = tuple(name for _, name in self._path[:-1])
        self._blocks.append(Block("text", start, end, above, page=page))

    def _block(self, kind: BlockKind, text: str) -> None:
        if text:
            self._add(kind, self._write(text), sentence_breaks(text, 0, len(text)))

    def _lines(self, kind: BlockKind, lines: list[str], header: int = 1) -> None:
        """A block that may be cut between lines, after the first `header` ones."""
        if not lines:
            return
        start = self._write("\n".join(lines))
        breaks, at = [], 0
        for number, line in enumerate(lines):
            if number >= header:
                breaks.append(at)
            at += len(line) + 1
        self._add(kind, start, tuple(breaks))

    def _add(self, kind: BlockKind, start: int, breaks: tuple[int, ...]) -> None:
        self._bare = None
        headings = tuple(name for _, name in self._path)
        breaks = with_hard_breaks(self._parts[-1], 0, self._length - start, breaks)
        cuts = tuple(start + at for at in breaks)
        self._blocks.append(Block(kind, start, self._length, headings, cuts, self.page))

    def _write(self, text: str) -> int:
        if self._length + len(text) > self._limit:
            raise CorpusError(
                f"{self._relative} holds more than {self._limit} characters of text; split it."
            )
        if self._parts:
            self._parts.append("\n\n")
            self._length += 2
        start = self._length
        self._parts.append(text)
        self._length += len(text)
        return start


def _marks(depths: list[int], ordered: bool, first: int) -> list[str]:
    """Numbers for the items of the outermost level, dashes for the rest."""
    number, made = first - 1, []
    for depth in depths:
        number += not depth
        made.append(f"{number}." if ordered and not depth else "-")
    return made


def tidy(text: str) -> str:
    """One paragraph: no control characters, single spaces, no blank lines, no look-alikes."""
    text = _SPACES.sub(" ", _CONTROL.sub("", _BREAKS.sub("\n", folded(text))))
    return "\n".join(line for line in (part.strip() for part in text.split("\n")) if line)
