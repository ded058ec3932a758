"""EPUB: chapters in reading order, each read as HTML and kept whole."""

import posixpath
import re
import zipfile
from typing import Any
from urllib.parse import unquote, urlsplit

from rag.errors import CorpusError
from rag.limits import DEFAULT_LIMITS, ReadLimits
from rag.notes.note import Note
from rag.readers.parts.decoding import decode_declared
from rag.readers.parts.html_blocks import parse_html, write_html
from rag.readers.parts.rich_text import RichText
from rag.readers.parts.zip_container import open_package, read_member

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_ENDS = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_TAIL = 2000  # characters at whose end a chapter says that it is over
_PAGES = frozenset({"application/xhtml+xml", "text/html"})


def read_epub(relative: str, data: bytes, limits: ReadLimits = DEFAULT_LIMITS) -> Note:
    """A note titled by the book's title."""
    with open_package(relative, data, limits) as package:
        container = _xml(relative, package, _CONTAINER, limits)
        rootfile = container.find(".//{*}rootfile")
        path = rootfile.get("full-path", "") if rootfile is not None else ""
        book = _xml(relative, package, path, limits)
        chapters = _chapters(book, posixpath.dirname(path))
        if len(chapters) > limits.pages:
            raise CorpusError(
                f"{relative} has {len(chapters)} chapters; the limit is {limits.pages}."
            )
        locked = _locked(relative, package, limits)
        if locked & set(chapters):
            raise CorpusError(f"{relative} is protected against copying (DRM) and cannot be read.")
        rich = RichText(relative, limits)
        for number, chapter in enumerate(chapters, 1):
            name = f"Chapter {number} ({posixpath.basename(chapter)[:80]})"
            try:
                decoded = decode_declared(name, _read(name, package, chapter, limits))
            except CorpusError as error:  # one broken chapter does not lose the others
                rich.gap(str(error))
                continue
            rich.gap(*(f"{name}: {gap}" for gap in decoded.gaps))
            page = parse_html(decoded.text)
            if page is not None:
                write_html(rich, page)
            if not _ENDS.search(decoded.text, max(0, len(decoded.text) - _TAIL)):
                state = "is cut off" if decoded.text.strip() else "is empty"
                rich.gap(f"{name} {state}; get the book again. 该章不完整，请重新获取。")
    title = book.find(".//{http://purl.org/dc/elements/1.1/}title")
    return rich.note((title.text or "") if title is not None else "")


def _chapters(book: Any, folder: str) -> list[str]:
    """Paths of the chapters inside the package, each once, the table of contents left out."""
    manifest = {
        item.get("id"): item
        for item in book.iterfind(".//{*}manifest/{*}item")
        if item.get("media-type") in _PAGES and "nav" not in item.get("properties", "").split()
    }
    spine = [manifest.get(ref.get("idref")) for ref in book.iterfind(".//{*}spine/{*}itemref")]
    hrefs = [urlsplit(item.get("href", "")).path for item in spine if item is not None]
    return list(
        dict.fromkeys(posixpath.normpath(f"{folder}/{unquote(h)}").lstrip("/") for h in hrefs)
    )


def _locked(relative: str, package: zipfile.ZipFile, limits: ReadLimits) -> set[str]:
    """Files that are encrypted; often only fonts are."""
    if _ENCRYPTION not in package.namelist():
        return set()
    references = _xml(relative, package, _ENCRYPTION, limits).iterfind(".//{*}CipherReference")
    return {unquote(reference.get("URI", "")) for reference in references}


def _read(relative: str, package: zipfile.ZipFile, name: str, limits: ReadLimits) -> bytes:
    try:
        info = package.getinfo(name)
    except KeyError:
        raise CorpusError(f"{relative} is damaged: it lacks '{name[:80]}'.") from None
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
