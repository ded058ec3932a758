"""HTML and MHTML: the main content of a saved page, or the whole of an exported document."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from rag.errors import CorpusError
from rag.limits import DEFAULT_LIMITS, ReadLimits
from rag.notes.note import MOST_GAPS, Note
from rag.readers.parts.decoding import decode_declared
from rag.readers.parts.pictures import pictures_gap, recordings_gap
from rag.readers.parts.rich_text import RichText
from rag.readers.web.html_blocks import parse_html, write_html
from rag.readers.web.html_words import (
    SKIPPED,
    inline_text,
    preformatted,
    undescribed,
    unread_things,
)
from rag.readers.web.page_cards import GAP, promotion_start
from rag.readers.web.saved_page import page_inside

_FURNITURE = (
    "//nav | //footer | //dialog | //*[@aria-hidden='true']"
    "[not(ancestor-or-self::*[contains(@class, 'katex') or contains(@class, 'MathJax')])]"
    " | //*[@role='navigation' or @role='contentinfo' or @role='search'"
    " or @role='banner' or @role='dialog']"
)
_NOISE = "//script | //style | //template | //noscript | //iframe | //svg | //link"
_OPENED = re.compile(r"<(?:html|body)[\s>]", re.IGNORECASE)
_CLOSED = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_IN_A_TAG = re.compile(r"<(?:/?[a-zA-Z][^<>]*)\Z", re.DOTALL)
_CUT_OFF = (
    "The file has no end and may be cut off; save it again. 文件没有结尾，可能不完整，请重新保存。"
)
_MIN_CARDS = 3
_LEAST_LOST = 6  # letters beside each other
_BOXES = frozenset({"div", "section", "ul", "ol", "p", "span", "header", "form", "table"})
_BESIDE = re.compile(
    r"(?:^|[\s_-])(?:comments?|share|sharing|social|related|recommend\w*|newsletter|subscribe"
    r"|subscription|breadcrumbs?|byline|cookies?|promo|advert\w*|ads?|pagination)(?:$|[\s_-])",
    re.IGNORECASE,
)
_MAX_CARD = 400  # characters on a card that leads to another page


def read_html(relative: str, data: bytes, limits: ReadLimits = DEFAULT_LIMITS) -> Note:
    """A note titled by the page's first main heading or its `title`.

    A page with navigation, footers or cards is a web page: trafilatura picks its main content. One
    without them is a document somebody exported, and is kept whole.
    """
    decoded = decode_declared(relative, page_inside(data) or data)
    page = parse_html(decoded.text)
    if page is None:
        raise CorpusError(f"{relative} holds no text.")
    titles = [inline_text(part) for tag in ("h1", "title") for part in page.iter(tag)]
    title = next(filter(None, titles), "")
    drawings, recordings = unread_things(page)
    _drop(page.xpath(_NOISE))
    furniture = page.xpath(_FURNITURE) + _asides(page) + _cards(page)
    _drop(furniture)
    main = _main_content(page) if furniture else None
    rich = RichText(relative, limits)
    rich.gap(*decoded.gaps)
    if _is_cut_off(decoded.text):
        rich.gap(_CUT_OFF)
    content = page if main is None else main
    write_html(rich, content)
    rich.gap(pictures_gap(undescribed(content) + drawings), recordings_gap(recordings))
    note = rich.note(title)
    end = promotion_start(note.text)
    kept = tuple(block for block in note.blocks if block.start < end)
    if end == len(note.text):
        return note
    return replace(
        note, text=note.text[:end].rstrip(), blocks=kept, gaps=(*note.gaps, GAP)[:MOST_GAPS]
    )


def _is_cut_off(text: str) -> bool:
    """It ends within a tag or a comment, or opens a page that nothing closes."""
    if _IN_A_TAG.search(text, max(0, text.rfind("<"))) or "<!--" in text[text.rfind("-->") + 1 :]:
        return True
    return _OPENED.search(text) is not None and _CLOSED.search(text) is None


def _main_content(page: Any) -> Any:
    import trafilatura
    from lxml import html

    found = trafilatura.extract(
        html.tostring(page, encoding="unicode"),
        output_format="html",
        favor_recall=True,
        include_comments=False,
        include_images=True,
        include_formatting=True,
    )
    main = parse_html(found) if found else None
    if main is None or not _loses(main, page):
        return main
    # Whole, but for the furniture: its text is worth more than a line of advertising.
    whole = _article(page)
    content = page if whole is None else whole
    _drop(part for part in list(content.iter()) if _is_beside(part))
    return content


def _article(page: Any) -> Any:
    """What the page says is its content; None where it says nothing."""
    found = page.xpath("//main | //article | //*[@role='main']")
    return max(found, key=lambda part: len("".join(part.itertext())), default=None)


def _asides(page: Any) -> list[Any]:
    """Boxes beside the content: those outside of it, and those that mostly lead elsewhere.

    What stands within the article is a remark, a warning, the footnotes.
    """
    whole = _article(page)
    return [
        box for box in page.xpath("//aside | //*[@role='complementary']")
        if (whole is not None and whole not in box.iterancestors())
        or 2 * sum(_length(link) for link in box.iter("a")) > _length(box)
    ]  # fmt: skip


def _is_beside(part: Any) -> bool:
    names = f"{part.get('class') or ''} {part.get('id') or ''}" if part.tag in _BOXES else ""
    return bool(_BESIDE.search(names))


def _text_lost(main: Any, page: Any) -> bool:
    """Words of the article that did not come out, links and what stands beside it left out."""
    whole = _article(page)
    words = "".join(inline_text(main).split())
    stack = [whole] if whole is not None else []
    while stack:
        part = stack.pop()
        for text in (part.text, *(child.tail for child in part)):
            squeezed = "".join((text or "").split())
            if len(squeezed) >= _LEAST_LOST and squeezed not in words:
                return True
        stack += [child for child in part if isinstance(child.tag, str)
                  and child.tag not in SKIPPED | {"a"} and not _is_beside(child)]  # fmt: skip
    return False


def _loses(main: Any, page: Any) -> bool:
    """Code (its lines and indents), cells of tables or words of the page that did not come out."""
    if any(cell.get("rowspan") or cell.get("colspan") for cell in page.iter("td", "th")):
        return True  # trafilatura does not keep which rows a cell covers
    if _text_lost(main, page):
        return True
    code = "\n".join(preformatted(part) for part in main.iter("pre", "code"))
    if any(_code(part) not in code for part in page.iter("pre")):
        return True
    words = "".join(inline_text(main).split())
    return any(
        "".join(inline_text(cell).split()) not in words
        for table in page.iter("table")
        if len(table.findall(".//tr")) > 1
        for cell in table.iter("td", "th")
    )


def _code(part: Any) -> str:
    return preformatted(part).strip("\n ")


def _length(part: Any) -> int:
    return len(inline_text(part))


def _drop(elements: Iterable[Any]) -> None:
    for element in list(elements):
        if element.getparent() is not None:
            element.drop_tree()


def _cards(page: Any) -> list[Any]:
    """Neighbouring elements that each lead elsewhere by a picture or as a whole, and their heading.

    Figures, table cells and plain links in lists are content, not cards.
    """
    found: list[Any] = []
    for parent in page.iter("div", "section", "ul", "body", "main"):
        run: list[Any] = []
        for child in [*parent, None]:
            if child is not None and _is_card(child):
                run.append(child)
                continue
            if len(run) >= _MIN_CARDS:
                found.extend(run)
                heading = _heading_above(run[0])
                if heading is not None:
                    found.append(heading)
            run = []
    return found


def _is_card(element: Any) -> bool:
    if element.tag not in {"div", "li", "a", "article", "section"}:
        return False
    leads = element.tag == "a" and len(element) > 0
    leads = leads or any(link.find(".//img") is not None for link in element.iter("a"))
    return leads and len(inline_text(element)) <= _MAX_CARD and element.find(".//pre") is None


def _heading_above(card: Any) -> Any:
    """The heading right before the first card, within the box that holds the cards."""
    part = card
    for _ in range(3):
        above = part.getprevious()
        if above is not None:
            heading = above.tag in {"h1", "h2", "h3", "h4", "h5", "h6", "div", "span", "p"}
            return above if heading and len(inline_text(above)) <= 30 else None
        part = part.getparent()
        if part is None or part.tag in {"body", "main", "article"}:
            return None
    return None
