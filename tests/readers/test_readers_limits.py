"""What a hostile file must not do: exhaust memory or time, reach outside, or end a run."""

import io
import os
import struct
import zipfile
import zlib
from dataclasses import replace

import pytest

from rag.assistant import Assistant
from rag.errors import CorpusError
from rag.evaluation.samples import WRITERS, Section, archive, docx, epub, pdf, pptx
from rag.index.chunking import chunk_note
from rag.limits import DEFAULT_LIMITS, ReadLimits
from rag.notes.note import Note, Skipped
from rag.readers import read_bytes
from rag.readers.corpus import find_note, read_corpus, read_file
from rag.settings import load_settings

SECTIONS = [Section(f"H{n}", ("LoRA 冻结预训练权重。",)) for n in range(4)]
BOMB = b"0" * 8_000_000


def refused(name: str, data: bytes, words: str, limits: ReadLimits = DEFAULT_LIMITS) -> None:
    with pytest.raises(CorpusError, match=words) as caught:
        read_bytes(name, data, limits)
    assert name in str(caught.value) and str(caught.value).endswith(".")


def repacked(data: bytes, changes: dict[str, bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        return archive({name: old.read(name) for name in old.namelist()} | changes)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("n.docx", repacked(docx(SECTIONS), {"word/document.xml": BOMB})),
        ("n.pptx", repacked(pptx(SECTIONS), {"ppt/media/image1.png": BOMB})),
        ("n.epub", repacked(epub(SECTIONS), {"OEBPS/c0.xhtml": BOMB})),
    ],
)
def test_bombs_in_documents(name, data):
    assert len(data) < 100_000
    refused(name, data, "as zip bombs do")
    refused(name, data, "unpacks to", replace(DEFAULT_LIMITS, unpacked_bytes=1_000_000))


def test_bombs_in_archives(tmp_path):
    def only(data: bytes, limits: ReadLimits = DEFAULT_LIMITS) -> str:
        (tmp_path / "a.zip").write_bytes(data)
        [entry] = read_file(tmp_path / "a.zip", "a.zip", limits)
        assert isinstance(entry, Skipped)
        return entry.reason

    assert "as zip bombs do" in only(archive({"n.txt": BOMB}))
    many = archive({f"{n}.md": b"x" for n in range(30)})
    assert "holds 30 files; the limit is 20" in only(many, replace(DEFAULT_LIMITS, files=20))
    full = archive({f"{n}.md": b"x" for n in range(3000)})  # refused before it is listed
    assert "holds too many files; the limit is 20" in only(full, replace(DEFAULT_LIMITS, files=20))
    inner = archive({"n.md": b"# x"})
    assert "is an archive in an archive; unpack it." in only(archive({"inner.zip": inner}))
    large = archive({"n.md": os.urandom(50_000).hex().encode()})
    assert "has 100000 bytes" in only(large, replace(DEFAULT_LIMITS, file_bytes=60_000))


def test_a_header_that_lies_about_its_size(tmp_path):
    packed = zlib.compress(BOMB)[2:-4]
    crc = zlib.crc32(BOMB)
    head = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, crc, len(packed), 10, 5, 0)
    local = b"PK\x03\x04" + head + b"n.txt" + packed
    central = b"PK\x01\x02" + struct.pack("<H", 20) + head + b"\0" * 14 + b"n.txt"
    central = central[:42] + struct.pack("<I", 0) + b"n.txt"
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    (tmp_path / "a.zip").write_bytes(local + central + end)
    [entry] = read_file(tmp_path / "a.zip", "a.zip")
    assert isinstance(entry, Skipped)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_methods_that_may_ask_for_any_memory(tmp_path, method):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as package:
        package.writestr("n.md", "# text")
    [entry] = read_file(tmp_path / "a.zip", "a.zip")
    assert isinstance(entry, Skipped) and "unusual method" in entry.reason


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + ']><x xmlns:w="w">&j;</x>'
)
FILE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'


@pytest.mark.parametrize("xml", [LAUGHS, FILE, LAUGHS.replace("?>", ' encoding="utf-16"?>', 1)])
def test_entities(xml):
    data = xml.encode("utf-16" if "utf-16" in xml else "utf-8")
    refused("n.docx", repacked(docx(SECTIONS), {"word/document.xml": data}), "XML entities")
    refused("n.pptx", repacked(pptx(SECTIONS), {"ppt/slides/slide1.xml": data}), "XML entities")
    refused("n.epub", repacked(epub(SECTIONS), {"OEBPS/book.opf": data}), "XML entities")
    page = repacked(epub(SECTIONS), {"OEBPS/c0.xhtml": data})
    note = read_bytes("n.epub", page, DEFAULT_LIMITS)  # read as HTML, which knows no such entity
    assert "root:" not in note.text and len(note.text) < 20_000


def test_pages_and_bytes(tmp_path):
    few = replace(DEFAULT_LIMITS, pages=3)
    refused("n.pdf", pdf(SECTIONS), "has 4 pages; the limit is 3", few)
    refused("n.pptx", pptx(SECTIONS), "has 4 slides; the limit is 3", few)
    refused("n.epub", epub(SECTIONS), "has 4 chapters; the limit is 3", few)
    short = replace(DEFAULT_LIMITS, text_chars=20)
    for name, (suffix, write) in WRITERS.items():
        if name not in {"markdown", "text", "zip"}:
            refused(f"n{suffix}", write(SECTIONS), "characters of text", short)
    (tmp_path / "n.md").write_text("x" * 200)
    [entry] = read_file(tmp_path / "n.md", "n.md", replace(DEFAULT_LIMITS, file_bytes=100))
    assert isinstance(entry, Skipped) and entry.reason == "n.md has 200 bytes; the limit is 100."


def test_locked_documents_are_named_as_such():
    refused("n.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "locked by a password")
    drm = (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData>'
        '<CipherData><CipherReference URI="{}"/></CipherData></EncryptedData></encryption>'
    )
    for target, locked in (("OEBPS/c1.xhtml", True), ("OEBPS/font.ttf", False)):
        changes = {"META-INF/encryption.xml": drm.format(target).encode()}
        book = repacked(epub(SECTIONS), changes)
        if locked:
            refused("n.epub", book, "DRM")
        else:
            assert read_bytes("n.epub", book, DEFAULT_LIMITS).title == "Book"


def test_text_without_any_full_stop_is_cut():
    data = (b"x" * 300 + b" ") * 200
    for name, content in {
        "n.txt": data, "n.md": b"```\n" + data + b"\n```", "n.html": b"<pre>" + data + b"</pre>"
    }.items():  # fmt: skip
        note = read_bytes(name, content, DEFAULT_LIMITS)
        chunks = chunk_note(note, len, 220)
        assert max(len(chunk.page_content) for chunk in chunks) <= 1_600
        assert sum(chunk.page_content.count("x") for chunk in chunks) == 60_000


def test_limits_are_settings(monkeypatch):
    monkeypatch.setenv("RAG_MAX_NOTE_PAGES", "7")
    settings = load_settings(max_note_bytes=5, max_unpacked_bytes=6, max_archive_files=8)
    limits = settings.read_limits
    assert (limits.file_bytes, limits.unpacked_bytes, limits.pages, limits.files) == (5, 6, 7, 8)


@pytest.mark.parametrize("name", ["../../evil.md", "/etc/evil.md", "C:\\evil.md", "..\\evil.md",
                                  "a/../../evil.md", "a//evil.md", "./evil.md"])  # fmt: skip
def test_names_that_point_outside_of_an_archive(tmp_path, name):
    corpus = tmp_path / "deep" / "notes"
    corpus.mkdir(parents=True)
    (corpus / "a.zip").write_bytes(archive({name: b"# evil", "good.md": b"# good"}))
    before = sorted(tmp_path.rglob("*"))
    good = [entry.path for entry in read_corpus(corpus) if isinstance(entry, Note)]
    assert good == ["a.zip/good.md"]
    assert sorted(tmp_path.rglob("*")) == before  # nothing was written anywhere
    with pytest.raises(CorpusError):
        find_note(corpus, f"a.zip/{name}")


def test_links_hidden_and_locked_files_in_an_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as package:
        link = zipfile.ZipInfo("link.md")
        link.external_attr = 0o120777 << 16
        package.writestr(link, "/etc/passwd")
        package.writestr("__MACOSX/._n.md", "junk")
        package.writestr(".git/n.md", "junk")
        package.writestr("文件.md", "# 好")
        locked = zipfile.ZipInfo("locked.md")
        package.writestr(locked, "# x")
        locked.flag_bits |= 1
    entries = list(read_corpus(tmp_path))
    paths = [entry.path for entry in entries]
    assert paths == ["a.zip/文件.md", "a.zip/locked.md", "a.zip/link.md"]
    assert "not followed" in entries[2].reason
    assert isinstance(entries[1], Skipped) and "encrypted" in entries[1].reason


def test_a_file_without_a_name_in_an_archive(tmp_path):
    data = archive({"n.md": b"# x", "y": b"z"})
    at = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)  # the second entry's listing
    unnamed = data[: at + 28] + b"\0\0" + data[at + 30 : at + 46] + data[at + 47 :]
    end = unnamed.index(b"PK\x05\x06")
    size = struct.unpack("<I", unnamed[end + 12 : end + 16])[0] - 1
    (tmp_path / "a.zip").write_bytes(
        unnamed[: end + 12] + struct.pack("<I", size) + unnamed[end + 16 :]
    )
    assert zipfile.ZipFile(tmp_path / "a.zip").namelist() == ["n.md", ""]
    assert [entry.path for entry in read_corpus(tmp_path)] == ["a.zip/n.md"]


def test_names_as_chinese_windows_writes_them(tmp_path):
    data = archive({"xxxx.md": "# 好".encode()}).replace(b"xxxx.md", "笔记.md".encode("gbk"))
    (tmp_path / "a.zip").write_bytes(data)
    [entry] = read_corpus(tmp_path)
    assert entry.path == "a.zip/笔记.md"
    assert find_note(tmp_path, entry.path) == entry


def test_a_note_is_found_only_inside_the_corpus(tmp_path):
    corpus = tmp_path / "notes"
    (corpus / ".hidden").mkdir(parents=True)
    (corpus / ".hidden" / "n.md").write_text("# secret")
    (tmp_path / "outside.md").write_text("# secret")
    (corpus / "link.md").symlink_to(tmp_path / "outside.md")
    (corpus / "folder").symlink_to(tmp_path)
    (corpus / "n.md").write_text("# open")
    (corpus / "key.pem").write_text("secret")
    (corpus / "a.zip").write_bytes(archive({"n.md": b"# zipped", "key.pem": b"secret"}))
    assert find_note(corpus, "n.md").title == "open"
    assert find_note(corpus, "a.zip/n.md").title == "zipped"
    for path in (
        "../outside.md", "link.md", "folder/outside.md", ".hidden/n.md", "/etc/passwd", "", ".",
        "a.zip", "a.zip/", "a.zip/key.pem", "a.zip/../n.md", "n.md/x", "key.pem", "no.md", "n.md\0",
        str(tmp_path / "outside.md"), "sub\\..\\n.md", "x" * 5000,
    ):  # fmt: skip
        with pytest.raises(CorpusError):
            find_note(corpus, path)
    notes = [entry.path for entry in read_corpus(corpus) if isinstance(entry, Note)]
    assert notes == ["a.zip/n.md", "n.md"]


def test_a_file_name_that_is_no_utf8(tmp_path):
    name = os.fsencode(tmp_path) + b"/\xff\xfe.md"
    with open(name, "wb") as file:  # noqa: PTH123  a path of bytes
        file.write(b"# x")
    with open(os.fsencode(tmp_path) + b"/\xff.zip", "wb") as file:  # noqa: PTH123
        file.write(archive({"n.md": b"# x"}))
    for entry in read_corpus(tmp_path):
        assert isinstance(entry, Skipped) and "rename it" in entry.reason
        entry.path.encode("utf-8")
        with pytest.raises(CorpusError):
            find_note(tmp_path, "\udcff.zip/n.md")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("n.html", b"<div>" * 50_000 + b"word"),
        ("n.html", b"<ul><li>" * 20_000 + b"word"),
        ("n.html", b"<nav>x</nav>" + b"<b><i><a href=x>" * 20_000 + b"word"),
        ("n.html", b"<table><tr><td>" * 5_000 + b"word"),
        ("n.md", b"> " * 50_000 + b"word"),
        ("n.md", b"- " * 20_000 + b"word"),
        ("n.md", b"# " + b"[" * 50_000 + b"word"),
        ("n.md", b"| a |\n|---|\n" + b"| x |\n" * 20_000),
        ("n.md", b"$$\n\n" * 30_000 + b"word"),
        ("n.md", b"<!--\n\n" * 30_000 + b"word"),
        ("n.txt", b"a\n" + b" \n" * 100_000 + b"b"),
        ("n.txt", b"\n\n".join(b"t%d\n\nt%d" % (n, n) for n in range(20_000))),
        ("n.ipynb", b"[" * 200_000),
        ("n.ipynb", b'{"cells":' * 100_000),
        ("n.pdf", b"%PDF-1.7\n" + b"1 0 obj\n<<" * 50_000),
        ("n.epub", repacked(epub(SECTIONS), {"OEBPS/c0.xhtml": b"<q>" * 60_000 + b"word"})),
        ("n.docx", repacked(docx(SECTIONS), {"word/document.xml": b"<w:p>" * 60_000})),
    ],
)
def test_deep_and_repetitive_input_ends(name, data):
    """Each took minutes or overflowed a stack in some parser once; here it ends at once."""
    try:
        note = read_bytes(name, data, DEFAULT_LIMITS)
    except CorpusError:
        return
    assert all(note.text[block.start : block.end].strip() for block in note.blocks)


def test_archives_and_pages_reach_the_assistant(tmp_path, embedder):
    corpus = tmp_path / "notes"
    corpus.mkdir()
    (corpus / "talks.zip").write_bytes(
        archive({"2024/deck.pptx": pptx([*SECTIONS, Section("KV cache", ("缓存保存 Key。",))])})
    )
    (corpus / "bad.pdf").write_bytes(b"%PDF-1.4 broken")
    assistant = Assistant(load_settings(corpus=corpus, data_dir=tmp_path / "data", llm="none"))
    assistant.embedder = embedder
    report = assistant.build()
    assert [item.path for item in report.skipped] == ["bad.pdf"]
    hit = assistant.search("KV cache 保存什么", 1)[0]
    meta = hit.document.metadata
    assert (meta["note"], meta["page"]) == ("talks.zip/2024/deck.pptx", 5)
    note = assistant.note(meta["note"])
    assert note.text[meta["start"] : meta["end"]] == hit.document.page_content


def test_a_changed_archive_is_read_anew(tmp_path):
    for number in range(3):
        (tmp_path / "a.zip").write_bytes(archive({"n.md": b"# title %d" % number + b"!" * number}))
        assert find_note(tmp_path, "a.zip/n.md").title == f"title {number}" + "!" * number
