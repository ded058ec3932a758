"""EPUB: chapters in reading order, each read as HTML and kept whole."""

import posixpath
import re
import zipfile
from html import escape
from typing import Any
from urllib.parse import unquote, urlsplit

from rag.errors import CorpusError
from rag.limits import DEFAULT_LIMITS, ReadLimits
from rag.notes.note import Note
from rag.readers.parts.decoding import decode_declared
from rag.readers.parts.pictures import pictures_gap, recordings_gap
from rag.readers.parts.rich_text import RichText
from rag.readers.parts.zip_container import open_package, read_member
from rag.readers.web.html_blocks import parse_html, write_html
from rag.readers.web.html_words import inline_text, undescribed, unread_things

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_ENDS = re.compile(r"</(?:\w+:)?(?:html|body|svg|dtbook)\s*>", re.IGNORECASE)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_TAIL = 2000  # characters at whose end a chapter says that it is over
_PAGES = frozenset({
    "application/xhtml+xml", "text/html", "text/x-oeb1-document", "application/x-dtbook+xml",
    "application/xml", "text/xml", "image/svg+xml",
})  # fmt: skip
_CONTENTS = re.compile(
    r"(?:table of )?contents|toc|list of (?:figures|tables)|目\s*[录錄次]|图表?目录",
    re.IGNORECASE,
)
_LEADS = 0.6  # of a page's letters, that lead to other places of the book
_FEWEST = 2  # such links


def read_epub(relative: str, data: bytes, limits: ReadLimits = DEFAULT_LIMITS) -> Note:
    """A note titled by the book's title."""
    with open_package(relative, data, limits) as package:
        container = _xml(relative, package, _CONTAINER, limits)
        rootfile = container.find(".//{*}rootfile")
        path = rootfile.get("full-path", "") if rootfile is not None else ""
        book = _xml(relative, package, path, limits)
        chapters, unread = _chapters(book, posixpath.dirname(path))
        if len(chapters) > limits.pages:
            raise CorpusError(
                f"{relative} has {len(chapters)} chapters; the limit is {limits.pages}."
            )
        locked = _locked(relative, package, limits)
        if locked & set(chapters):
            raise CorpusError(f"{relative} is protected against copying (DRM) and cannot be read.")
        rich = RichText(relative, limits)
        pictures = recordings = 0
        for number, chapter in enumerate(chapters, 1):
            name = f"Chapter {number} ({posixpath.basename(chapter)[:80]})"
            try:
                decoded = decode_declared(name, _read(name, package, chapter, limits))
            except CorpusError as error:  # one broken chapter does not lose the others
                rich.gap(str(error))
                continue
            rich.gap(*(f"{name}: {gap}" for gap in decoded.gaps))
            page = parse_html(_CDATA.sub(_escaped, decoded.text))
            if page is not None and not _is_contents(page):
                write_html(rich, page)
                pictures += undescribed(page) + len(page.xpath("//svg"))
                recordings += unread_things(page)[1]
            if not _ENDS.search(decoded.text, max(0, len(decoded.text) - _TAIL)):
                state = "is cut off" if decoded.text.strip() else "is empty"
                rich.gap(f"{name} {state}; get the book again. 该章不完整，请重新获取。")
        rich.gap(*unread, pictures_gap(pictures), recordings_gap(recordings))
        rich.gap(_unlisted(book, posixpath.dirname(path), chapters))
    title = book.find(".//{http://purl.org/dc/elements/1.1/}title")
    return rich.note((title.text or "") if title is not None else "")


def _chapters(book: Any, folder: str) -> tuple[list[str], list[str]]:
    """Paths of the chapters inside the package, each once, the table of contents left out; and
    what is said of those that are no pages.
    """
    manifest = {item.get("id"): item for item in book.iterfind(".//{*}manifest/{*}item")}
    paths: list[str] = []
    unread: list[str] = []
    for ref in book.iterfind(".//{*}spine/{*}itemref"):
        item = manifest.get(ref.get("idref"))
        if item is None:
            unread.append(f"A chapter ({(ref.get('idref') or '')[:80]}) is not in the book; get it "
                          "again. 该章缺失，请重新获取。")  # fmt: skip
            continue
        if "nav" in item.get("properties", "").split():
            continue
        href = urlsplit(item.get("href", "")).path
        kind = item.get("media-type", "")
        if kind in _PAGES or href.lower().endswith((".xhtml", ".html", ".htm", ".xml")):
            paths.append(_path(folder, item.get("href", "")))
        else:
            unread.append(f"A chapter ({posixpath.basename(href)[:80]}, {kind[:60]}) is not read; "
                          "convert the book to EPUB 3 or PDF. 该章未读取。")  # fmt: skip
    return list(dict.fromkeys(paths)), list(dict.fromkeys(unread))


def _unlisted(book: Any, folder: str, chapters: list[str]) -> str:
    """What is said of pages that the book holds and does not list."""
    pages = [
        path for item in book.iterfind(".//{*}manifest/{*}item")
        if item.get("media-type") == "application/xhtml+xml"
        and "nav" not in item.get("properties", "").split()
        and (path := _path(folder, item.get("href", ""))) not in chapters
        and not _CONTENTS.fullmatch(posixpath.splitext(posixpath.basename(path))[0])
    ]  # fmt: skip
    if not pages:
        return ""
    names = ", ".join(posixpath.basename(page)[:40] for page in pages[:3])
    more = f" and {len(pages) - 3} more" if len(pages) > 3 else ""
    return (f"Pages that the book holds and does not list ({names}{more}) are not read. "
            "书中未列入目录顺序的页面未读取。")  # fmt: skip


def _path(folder: str, href: str) -> str:
    """Where a file of the book lies inside the package."""
    return posixpath.normpath(f"{folder}/{unquote(urlsplit(href).path)}").lstrip("/")


def _escaped(match: re.Match[str]) -> str:
    """Text that XML takes word for word, as HTML has it."""
    return escape(match[1])


def _is_contents(page: Any) -> bool:
    """A page that says it is the table of contents, and mostly leads to other places."""
    parts = ((part for part in page.iter(*tags)) for tags in (("h1", "h2", "h3", "p"), ("title",)))
    titles = [inline_text(part) for found in parts if (part := next(found, None)) is not None]
    title = next(filter(_CONTENTS.fullmatch, titles), "")
    marked = page.xpath("//*[@*[local-name()='type' or name()='epub:type'][contains(., 'toc')]]")
    if not title and not marked:
        return False
    links = [inline_text(link) for link in page.iter("a") if _is_inside(link.get("href") or "")]
    letters = len("".join(inline_text(page).split())) - len("".join(title.split()))
    return len(links) >= _FEWEST and len("".join("".join(links).split())) >= _LEADS * letters


def _is_inside(href: str) -> bool:
    return bool(href) and not urlsplit(href).scheme


def _locked(relative: str, package: zipfile.ZipFile, limits: ReadLimits) -> set[str]:
    """Files that are encrypted; often only fonts are."""
    if _ENCRYPTION not in package.namelist():
        return set()
    references = _xml(relative, package, _ENCRYPTION, limits).iterfind(".//{*}CipherReference")
    return {unquote(reference.get("URI", "")) for reference in references}


def _read(relative: str, package: zipfile.ZipFile, name: str, limits: ReadLimits) -> bytes:
    info = package.NameToInfo.get(name) or next(
        # Macs and Windows do not tell capitals from small letters, so some books do not, either.
        (info for info in package.infolist() if info.filename.lower() == name.lower()),
        None,
    )
    if info is None:
        raise CorpusError(f"{relative} is damaged: it lacks '{name[:80]}'.")
    if info.file_size > limits.file_bytes:
        raise CorpusError(
            f"{relative} holds a part of {info.file_size} bytes; the limit is {limits.file_bytes}."
        )
    return read_member(relative, package, info)


def _xml(relative: str, package: zipfile.ZipFile, name: str, limits: ReadLimits) -> Any:
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        return fromstring(_read(relative, package, name, limits))
    except DefusedXmlException as error:
        raise CorpusError(f"{relative} defines XML entities, which books never need.") from error
    except (ParseError, ValueError, LookupError) as error:
        raise CorpusError(f"{relative} is damaged: '{name[:80]}' is not XML.") from error
