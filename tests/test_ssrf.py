"""Notes cannot make us fetch anything: no link, picture, style, entity or redirect is followed."""

import json
import re
import socket
import threading
import zipfile
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import pytest
from markdown_it import MarkdownIt

from rag.assistant import Assistant
from rag.evaluation import samples
from rag.limits import DEFAULT_LIMITS
from rag.readers import read_bytes
from rag.settings import load_settings
from ui.answer_html import answer_html, citations_html, inline, note_html, passages_html

FACT = "Halberd warms up for 300 steps before its learning rate decays."
SECRET = "root:x:0:0:canary"


class Canary(ThreadingHTTPServer):
    """Counts whoever comes; `/redirect` would lead on to a file."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Reply)
        self.visits = []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Reply(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.visits.append(self.path)
        self.send_response(302 if self.path == "/redirect" else 200)
        self.send_header("Location", "file:///etc/passwd")
        self.end_headers()
        self.wfile.write(SECRET.encode())

    do_POST = do_HEAD = do_GET

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def canary():
    made = Canary()
    yield made
    made.shutdown()


def markup(url, secret):
    """Everything in HTML that a browser or a careless reader would fetch."""
    addresses = [f"{url}/a", f"{url}/redirect", secret, "ftp://127.0.0.1/x", "//127.0.0.1/y",
                 "http://169.254.169.254/latest/meta-data/"]  # fmt: skip
    parts = [f"<p>{FACT}</p>", f'<base href="{url}/base/">']
    for address in addresses:
        parts += [
            f'<a href="{address}">link</a>',
            f'<img src="{address}" srcset="{address} 2x" alt="a picture">',
            f'<iframe src="{address}"></iframe><object data="{address}"></object>',
            f'<embed src="{address}"><video poster="{address}" src="{address}"></video>',
            f'<link rel="stylesheet" href="{address}"><script src="{address}"></script>',
            f'<style>@import "{address}"; p {{ background: url({address}) }}</style>',
            f'<p style="background: url({address})">styled</p><svg><image href="{address}"/></svg>',
            f'<meta http-equiv="refresh" content="0; url={address}">',
            f'<form action="{address}"></form>',
        ]
    return "\n".join(parts)


def with_entity(package, member, url, secret):
    """The package, one member of which declares external entities and a DTD, and uses them."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(package)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == member:
                text = re.sub(r"<!DOCTYPE[^>]*>", "", data.decode("utf-8"))
                head, rest = re.match(r"(\s*(?:<\?xml.*?\?>)?)(.*)", text, re.DOTALL).groups()
                doctype = (
                    f'<!DOCTYPE x SYSTEM "{url}/dtd" [<!ENTITY a SYSTEM "{url}/entity">'
                    f'<!ENTITY b SYSTEM "{secret}"><!ENTITY % c SYSTEM "{url}/param"> %c;]>'
                )
                data = (head + doctype + rest.replace("Halberd", "&a;&b;Halberd", 1)).encode()
            new.writestr(name, data)
    return out.getvalue()


def linked(package, member, url):
    """The package with external relationships (pictures, templates, frames) beside its own."""
    out = BytesIO()
    kinds = ("image", "hyperlink", "attachedTemplate", "frame", "oleObject")
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    more = "".join(
        f'<Relationship Id="rIdX{n}" Type="{base}/{kind}" Target="{url}/rel" '
        'TargetMode="External"/>'
        for n, kind in enumerate(kinds)
    )
    with zipfile.ZipFile(BytesIO(package)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == member:
                data = data.replace(b"</Relationships>", more.encode() + b"</Relationships>")
            new.writestr(name, data)
    return out.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory, canary):
    folder = tmp_path_factory.mktemp("ssrf")
    (folder / "secret.txt").write_text(SECRET)
    secret = (folder / "secret.txt").as_uri()
    notes = folder / "notes"
    notes.mkdir()
    url, page = canary.url, markup(canary.url, secret)
    section = (samples.Section("Halberd", (FACT,)),)
    files = {
        "a.md": f"# Halberd\n\n{FACT}\n\n![a picture]({url}/md.png) [link]({url}/redirect)\n"
        f"![file]({secret}) <{url}/auto> [ref][r]\n\n[r]: {url}/ref\n\n{page}\n".encode(),
        "b.html": f"<html><head><title>H</title></head><body>{page}</body></html>".encode(),
        "c.xhtml.html": f'<?xml version="1.0"?><!DOCTYPE html SYSTEM "{url}/dtd" '
        f'[<!ENTITY a SYSTEM "{url}/e">]><html><body><p>&a;{FACT}</p></body></html>'.encode(),
        "d.docx": linked(samples.docx(section), "word/_rels/document.xml.rels", url),
        "e.docx": with_entity(samples.docx(section), "word/document.xml", url, secret),
        "f.pptx": linked(samples.pptx(section), "ppt/slides/_rels/slide1.xml.rels", url),
        "g.pptx": with_entity(samples.pptx(section), "ppt/slides/slide1.xml", url, secret),
        "j.ipynb": json.dumps(
            {
                "nbformat": 4, "nbformat_minor": 5, "metadata": {},
                "cells": [
                    {"cell_type": "markdown", "metadata": {}, "id": "x", "source": f"# H\n{page}"},
                    {"cell_type": "code", "metadata": {}, "id": "y", "execution_count": 1,
                     "source": f"import urllib.request as u; u.urlopen('{url}/code')",
                     "outputs": [{"output_type": "display_data", "metadata": {},
                                  "data": {"text/html": page}}]},
                ],
            }
        ).encode(),
    }  # fmt: skip
    book = samples.epub(section)
    with zipfile.ZipFile(BytesIO(book)) as package:
        members = package.namelist()
    for number, member in enumerate(m for m in members if m.endswith((".xhtml", ".opf", ".xml"))):
        files[f"k{number}.epub"] = with_entity(book, member, url, secret)
    for name, data in files.items():
        (notes / name).write_bytes(data)
    return folder


@pytest.fixture
def offline(monkeypatch):
    """Names are not looked up and nothing but loopback can be connected to."""
    attempts = []
    connect, lookup = socket.socket.connect, socket.getaddrinfo

    def local_only(self, address):
        if isinstance(address, tuple) and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            attempts.append(address)
            raise OSError("no network in this test")
        return connect(self, address)

    def no_names(host, *rest, **more):
        if host not in {"127.0.0.1", "::1", "localhost", None, ""}:
            attempts.append(host)
            raise OSError("no network in this test")
        return lookup(host, *rest, **more)

    monkeypatch.setattr(socket.socket, "connect", local_only)
    monkeypatch.setattr(socket, "getaddrinfo", no_names)
    return attempts


# What makes a browser fetch at once, by itself. Links (`<a href>`) wait for a click.
FETCHES = re.compile(
    r"<(?:img|iframe|object|embed|video|audio|source|link|script|style|image|input|base|meta|svg)\b"
    r"|<[^>]*\s(?:src|srcset|poster|background|style|data)\s*=",
    re.IGNORECASE,
)


def test_indexing_asking_and_showing_fetch_nothing(folder, embedder, canary, offline):
    made = Assistant(load_settings(corpus=folder / "notes", data_dir=folder / "data", llm="none"))
    made.embedder = embedder
    report = made.build()
    names = {path.name for path in (folder / "notes").iterdir()}
    read = names - {skipped.path for skipped in report.skipped}
    assert {"a.md", "b.html", "d.docx", "f.pptx", "j.ipynb"} <= read
    # Every note says the same, which tells nothing apart: answered whatever the signals say.
    answerer = replace(made.answerer(), may_abstain=False)
    *_, last = answerer.ask("For how many steps does Halberd warm up?")
    answer = last.answer
    assert "300 steps" in answer.text
    shown = [answer_html(answer, 0, "en"), citations_html(answer, 0, "en")]
    shown.append(passages_html(made.answerer().evidence(made.search("Halberd")), "en"))
    for name in sorted(read):
        note = made.note(name)
        assert SECRET not in note.text, name
        # Once more in this process, where `offline` watches the parsers.
        data = (folder / "notes" / name).read_bytes()
        assert read_bytes(name, data, DEFAULT_LIMITS) == note
        shown.append(note_html(note.text, 0, 0))
        shown.append(inline(note.text))
    for html in shown:
        assert not FETCHES.search(html)
        assert SECRET not in html
    assert canary.visits == []
    assert offline == []


def test_the_page_reads_no_picture_into_a_note():
    """The page's component takes our HTML for Markdown: that must find nothing to fetch either."""
    picture = "![x](https://evil.example/p.png?q=1)"
    for text in (
        picture,
        f"\\{picture}",
        f"    a\n\n    {picture}\n",
        f"- item\n\n  ```\n  a\n\n  {picture}\n\n\n  {picture}\n  ```\n",
        f"> ```\n> a\n>\n> {picture}\n> ```\n",
        f"| a |\n|---|\n| {picture} |\n",
        f"[{picture}](https://evil.example)",
        "<img src='https://evil.example/p.png'>",
        "&lt;img src='https://evil.example/p.png'&gt;",
        "[![x]](https://evil.example)\n\n[![x]]: https://evil.example/p.png",
    ):
        for html in (note_html(text, 0, 0), note_html(text, 0, len(text)), inline(text)):
            again = MarkdownIt("commonmark", {"html": True}).enable("table").render(html)
            assert not FETCHES.search(again), text


def test_the_canary_sings(canary):
    """The test above could fail: a visit is counted."""
    with socket.create_connection(("127.0.0.1", canary.server_port), timeout=20) as visitor:
        visitor.sendall(b"GET /seen HTTP/1.0\r\n\r\n")
        assert visitor.recv(100)
    assert canary.visits.pop() == "/seen"
