"""A Word document as its reader sees it: no deleted, moved or hidden text, no table of contents."""

from collections.abc import Iterator
from typing import Any

from rag.readers.office.office_text import MC, parsed
from rag.readers.office.word_numbers import W, WordNumbers
from rag.readers.office.word_text import VML, WP, WordText
from rag.readers.parts.pictures import described

_MOST_STYLES = 10  # that build on one another
_PIC = "{http://schemas.openxmlformats.org/drawingml/2006/picture}"
_OPENED = {f"{W}sdt", f"{W}sdtContent", f"{W}customXml", f"{W}ins", f"{W}smartTag", f"{W}moveTo"}
_CHARTEX = "{http://schemas.microsoft.com/office/drawing/2014/chartex}"
_OFFICE = "{urn:schemas-microsoft-com:office:office}"


class WordDocument:
    """One document: its styles, numbers, notes and related parts."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self.body = document.element.body
        numbering = next(
            (rel.target_part for rel in document.part.rels.values()
             if not rel.is_external and rel.reltype.endswith("/numbering")), None
        )  # fmt: skip
        self._numbers = WordNumbers(parsed(numbering) if numbering is not None else None)
        self._words = WordText(document.styles.element)
        self._told: set[tuple[str, str]] = set()  # footnotes
        self.lost_notes = 0  # that are referred to and not there
        self._notes = {kind: self._note_texts(kind) for kind in ("footnote", "endnote")}
        self._fields: list[bool] = []  # open fields; whether each is a table of contents
        self._counted = 0  # in a list that has a style and no numbers of its own

    def text(self, paragraph: Any) -> str:
        """What is shown of a paragraph."""
        return self._words.of(paragraph)

    def style(self, paragraph: Any) -> str:
        """The name of a paragraph's style."""
        found = self._style_of(paragraph)
        if found is None:
            key = paragraph.find(f"{W}pPr/{W}pStyle")
            return (key.get(f"{W}val") or "") if key is not None else ""
        return str(found.name_val or found.get(f"{W}styleId") or "")

    def _style_of(self, paragraph: Any) -> Any:
        found = paragraph.find(f"{W}pPr/{W}pStyle")
        key = found.get(f"{W}val") if found is not None else None
        return self._document.styles.element.get_by_id(key) if key else None

    def heading_level(self, paragraph: Any, style: str) -> int | None:
        """0 for the title, 1 to 6 for headings; by style, what it builds on, or outline."""
        level = _named_level(style)
        if level is not None:
            return level
        properties, found = paragraph.find(f"{W}pPr"), self._style_of(paragraph)
        for _ in range(_MOST_STYLES):
            outline = properties.find(f"{W}outlineLvl") if properties is not None else None
            if outline is not None:
                value = outline.get(f"{W}val")
                return int(value) + 1 if value in set("012345") else None
            if found is None:
                return None
            level = _named_level(str(found.name_val or ""))
            if level is not None:
                return level
            properties = found.find(f"{W}pPr")
            based = found.find(f"{W}basedOn")
            key = based.get(f"{W}val") if based is not None else None
            found = self._document.styles.element.get_by_id(key) if key else None
        return None

    def list_place(self, paragraph: Any, style: str) -> tuple[int | None, str | None]:
        """Depth of a list's item (None: it is in none) and the mark that Word draws before it."""
        number, level = self._numbering_of(paragraph)
        listed = style.lower().startswith("list") and "paragraph" not in style.lower()
        if number == "0":
            return None, None  # taken out of its list
        if number is None and not listed:
            self._counted = 0
            return None, None
        depth = int(style[-1]) - 1 if listed and style[-1] in "23456789" else level
        mark = self._numbers.mark(number, level) if number is not None else None
        if mark is None and "number" in style.lower():
            self._counted += 1
            mark = f"{self._counted}."
        return min(depth, 8), mark

    def _numbering_of(self, paragraph: Any) -> tuple[str | None, int]:
        """List and level, of the paragraph itself or of its style and those that it builds on."""
        number, level = None, None
        properties = paragraph.find(f"{W}pPr")
        style = self._style_of(paragraph)
        for _ in range(10):
            numbering = properties.find(f"{W}numPr") if properties is not None else None
            if numbering is not None:
                found, depth = numbering.find(f"{W}numId"), numbering.find(f"{W}ilvl")
                if number is None and found is not None:
                    number = found.get(f"{W}val")
                if level is None and depth is not None:
                    level = depth.get(f"{W}val")
            if number is not None or style is None:
                break
            properties = style.find(f"{W}pPr")
            based = style.find(f"{W}basedOn")
            key = based.get(f"{W}val") if based is not None else None
            next_style = self._document.styles.element.get_by_id(key) if key else None
            style = next_style if next_style is not style else None
            if properties is None and style is None:
                break
        return number, int(level) if level in set("012345678") else 0

    def is_contents(self, paragraph: Any, style: str) -> bool:
        """A line of a table of contents or of figures: it repeats what stands elsewhere."""
        begun = any(self._fields)
        for part in paragraph.iter(f"{W}fldChar", f"{W}instrText"):
            if part.tag == f"{W}instrText":
                if self._fields and (part.text or "").strip().upper().startswith("TOC"):
                    self._fields[-1] = begun = True
            elif part.get(f"{W}fldCharType") == "begin":
                self._fields.append(False)
            elif part.get(f"{W}fldCharType") == "end" and self._fields:
                self._fields.pop()
        name = style.lower().replace("目录", "toc").strip()
        return begun or name.startswith(("toc", "table of figures", "contents"))

    def footnotes(self, part: Any) -> Iterator[str]:
        """The footnotes and endnotes that a paragraph or a table refers to, each once."""
        for kind, texts in self._notes.items():
            for mark in part.iter(f"{W}{kind}Reference"):
                key = mark.get(f"{W}id") or ""
                if (kind, key) in self._told:
                    continue
                self._told.add((kind, key))
                self.lost_notes += key not in texts
                if texts.get(key):
                    yield texts[key]

    def _note_texts(self, kind: str) -> dict[str, str]:
        for rel in self._document.part.rels.values():
            if not rel.is_external and rel.reltype.endswith(f"/{kind}s"):
                root = parsed(rel.target_part)
                if root is not None:
                    return {
                        note.get(f"{W}id") or "": " ".join(
                            filter(None, (self.text(p).strip() for p in note.iter(f"{W}p")))
                        )
                        for note in root.iter(f"{W}{kind}")
                    }
        return {}

    def related(self, key: str | None) -> Any:
        """A part that the document refers to; None where it is not there."""
        rel = self._document.part.rels.get(key) if key else None
        return rel.target_part if rel is not None and not rel.is_external else None

    def pictures(self) -> int:
        """How many pictures (and charts of the newest kind) nothing describes."""
        count = 0
        for drawing in self.body.iter(f"{W}drawing"):
            told = any(described(part.get("descr")) for part in drawing.iter(f"{WP}docPr"))
            picture = next(drawing.iter(f"{_PIC}pic", f"{_CHARTEX}chart"), None) is not None
            count += picture and not told and not inside(drawing, self.body, f"{MC}Fallback")
        for image in self.body.iter(f"{VML}imagedata"):
            told = any(described(shape.get("alt")) for shape in image.iterancestors(f"{VML}shape"))
            count += not told and not inside(image, self.body, f"{MC}Fallback", f"{W}object")
        return count

    def objects(self) -> int:
        """How many things of other programs stand in it: sheets, old formulas, whole files."""
        things = self.body.iter(f"{_OFFICE}OLEObject", f"{W}altChunk", f"{W}subDoc")
        formulas = (part for part in self.body.iter(f"{W}instrText")
                    if (part.text or "").split()[:1] == ["EQ"])  # fmt: skip
        return sum(1 for part in (*things, *formulas)
                   if not inside(part, self.body, f"{MC}Fallback"))  # fmt: skip

    def comments(self) -> int:
        """How many remarks stand in its margin."""
        return sum(
            len(root.findall(f"{W}comment"))
            for rel in self._document.part.rels.values()
            if not rel.is_external and rel.reltype.endswith("/comments")
            if (root := parsed(rel.target_part)) is not None
        )


def _named_level(style: str) -> int | None:
    name = style.lower().replace("标题", "heading ").strip()
    if name == "title":
        return 0
    first, _, number = name.partition(" ")
    if first == "heading" and number.strip()[:1].isdecimal():
        return min(max(int(number.strip()[0]), 1), 6)
    return None


def is_initial(paragraph: Any) -> bool:
    """A large first letter, which Word keeps in a paragraph of its own."""
    frame = paragraph.find(f"{W}pPr/{W}framePr")
    return frame is not None and frame.get(f"{W}dropCap") in {"drop", "margin"}


def body_of(body: Any) -> Iterator[Any]:
    """Paragraphs and tables in reading order; content controls opened, text boxes after theirs."""
    for part in body:
        if part.tag == f"{W}tbl":
            yield part
        elif part.tag == f"{W}p":
            yield part
            for box in part.iter(f"{W}txbxContent"):
                if not inside(box, part, f"{MC}Fallback", f"{W}txbxContent"):
                    yield from body_of(box)
        elif part.tag == f"{MC}AlternateContent":
            yield from body_of(next(iter(part), ()))
        elif part.tag in _OPENED and not _is_contents_part(part):
            yield from body_of(part)


def _is_contents_part(part: Any) -> bool:
    gallery = part.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
    return gallery is not None and "contents" in (gallery.get(f"{W}val") or "").lower()


def inside(part: Any, top: Any, *tags: str) -> bool:
    """An element lies in one of these, itself below `top`."""
    parent = part.getparent()
    while parent is not None and parent is not top:
        if parent.tag in tags:
            return True
        parent = parent.getparent()
    return False
