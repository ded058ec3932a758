"""Folders as they are: links, other formats, old times, archives, a disk that is not there."""

import os
import unicodedata
import zipfile

import pytest

from rag.errors import CorpusError
from rag.index.summary import IndexSummary
from rag.library.folder_look import FolderLook, check_nothing_vanished, look_at, noting
from rag.library.registry import Collection
from rag.library.status import status_of
from rag.notes.note import Note, Skipped
from rag.readers.corpus import find_note, read_corpus, scan
from rag.settings import load_settings


def indexed(folder, now=None):
    """The states of a folder's entries, had it been indexed as it is at the first call."""

    def states(then, summary):
        found = status_of(Collection("c", folder), summary, then, look_at(folder))
        return {entry.path: entry.state for entry in found.entries}

    gaps = {}
    entries = list(noting(read_corpus(folder), gaps, {}))
    look = look_at(folder)
    summary = IndexSummary(
        {e.path: e.content_hash for e in entries if isinstance(e, Note)},
        tuple(e for e in entries if isinstance(e, Skipped)), 1, 4e9,
    )  # fmt: skip
    return lambda: states(FolderLook(look.files, gaps), summary)


def test_links_and_other_formats_are_named(tmp_path):
    folder, away = tmp_path / "notes", tmp_path / "away"
    for place in (folder / "sub", away):
        place.mkdir(parents=True)
    (folder / "a.md").write_text("# a\n\ntext")
    (folder / "sub" / "b.md").write_text("# b\n\ntext")
    (away / "c.md").write_text("# c\n\ntext")
    (folder / "again.md").symlink_to(folder / "a.md")
    (folder / "loop").symlink_to(folder)
    (folder / "there").symlink_to(away)
    (folder / "nowhere.md").symlink_to(tmp_path / "none.md")
    for name in ("old.doc", "slides.PPT", "sheet.xlsx", "p.png", "talk.mp3", "x.rar", "m.docm"):
        (folder / name).write_bytes(b"\xd0\xcf\x11\xe0 old")
    entries = {entry.path: entry for entry in read_corpus(folder)}
    assert {p for p, e in entries.items() if isinstance(e, Note)} == {"a.md", "sub/b.md"}
    for name in ("old.doc", "slides.PPT", "sheet.xlsx", "m.docm"):
        assert "is not read; save" in entries[name].reason and name in entries[name].reason
    said = " ".join(scan(folder).remarks)
    for name in ("p.png", "talk.mp3", "x.rar", "there", "nowhere.md"):
        assert name in said
    assert "again.md" not in said and "loop" not in said


def test_a_folder_that_cannot_be_opened_is_named(tmp_path, monkeypatch):
    (tmp_path / "locked").mkdir()
    (tmp_path / "a.md").write_text("text")
    real = os.scandir

    def scandir(path):
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    [entry] = [entry for entry in read_corpus(tmp_path) if isinstance(entry, Skipped)]
    assert entry.path == "locked" and "Permission denied" in entry.reason


@pytest.mark.parametrize("name", ["长" * 84 + ".md", "C# 100%.md", "a?b=c&d#e.md", "e\u0301té.md"])
def test_odd_names_are_read_and_found(tmp_path, name):
    (tmp_path / name).write_text("# 好\n\n内容。")
    [entry] = read_corpus(tmp_path)
    assert entry.path == name and find_note(tmp_path, name) == entry


def test_a_note_from_a_mac_is_found_by_either_spelling(tmp_path):
    (tmp_path / unicodedata.normalize("NFD", "modèle.txt")).write_text("text")
    note = find_note(tmp_path, unicodedata.normalize("NFC", "modèle.txt"))
    assert note.title == unicodedata.normalize("NFC", "modèle")


def test_a_folder_with_a_long_name_has_an_index_folder(tmp_path):
    settings = load_settings(data_dir=tmp_path / "data")
    made = settings.index_dir_of(tmp_path / ("长" * 85))
    made.mkdir(parents=True)
    assert settings.index_dir_of(tmp_path / "notes").name.startswith("notes-")


def test_an_archive_is_what_is_in_it(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as package:
        package.writestr("b.md", "# b\n\ntext")
        package.writestr("bad.md", b"\x00\xff\x00\x01")
        package.writestr("old.doc", b"\xd0\xcf")
    states = indexed(tmp_path)
    assert states() == {
        "a.zip/b.md": "indexed", "a.zip/bad.md": "failed", "a.zip/old.doc": "failed"
    }  # fmt: skip
    (tmp_path / "a.zip").unlink()
    assert states() == {"a.zip/b.md": "gone"}


def test_changes_are_seen_whatever_the_time_says(tmp_path):
    for name in ("a.md", "b.md", "empty.md"):
        (tmp_path / name).write_text("" if name == "empty.md" else "text")
    states = indexed(tmp_path)
    assert states() == {"a.md": "indexed", "b.md": "indexed", "empty.md": "failed"}
    (tmp_path / "a.md").write_text("other")
    os.utime(tmp_path / "a.md", (1e9, 1e9))  # as `cp -p` and `git checkout` leave it
    os.utime(tmp_path / "b.md", (1e9, 1e9))
    (tmp_path / "empty.md").unlink()
    assert states() == {"a.md": "changed", "b.md": "changed"}
    (tmp_path / "b.md").rename(tmp_path / "c.md")
    assert states() == {"a.md": "changed", "b.md": "gone", "c.md": "new"}


def test_half_the_notes_do_not_vanish_without_a_question(tmp_path):
    before = FolderLook({f"sub/{n}.md": (1, 1) for n in range(6)} | {"a.md": (1, 1)})
    with pytest.raises(CorpusError, match="sub"):
        check_nothing_vanished(before, FolderLook({"a.md": (1, 1)}))
    moved = FolderLook({f"new/{n}.md": (1, 1) for n in range(6)} | {"a.md": (1, 1)})
    check_nothing_vanished(before, moved)
    check_nothing_vanished(FolderLook(before.files, asked=True), FolderLook({"a.md": (1, 1)}))
    before.save(tmp_path)
    assert FolderLook.load(tmp_path) == before


def test_half_of_the_notes_of_a_folder_without_subfolders_do_not_vanish_either():
    before = FolderLook({f"{n}.md": (n, 1) for n in range(8)})
    with pytest.raises(CorpusError, match="5 of 8 notes are gone; the index"):
        check_nothing_vanished(before, FolderLook({f"{n}.md": (n, 1) for n in range(3)}))
    renamed = FolderLook({f"new{n}.md": (n, 1) for n in range(4)})
    with pytest.raises(CorpusError, match="4 of 8"):
        check_nothing_vanished(before, renamed)
    check_nothing_vanished(before, FolderLook({f"{n}.md": (n, 1) for n in range(5)}))


def test_a_link_to_a_hidden_place_is_named(tmp_path):
    (tmp_path / ".store").mkdir()
    (tmp_path / ".store" / "real.md").write_text("text")
    (tmp_path / "a.md").write_text("text")
    (tmp_path / "seen.md").symlink_to(tmp_path / ".store" / "real.md")
    (tmp_path / "all").symlink_to(tmp_path / ".store")
    [said] = scan(tmp_path).remarks
    assert "all, seen.md" in said and "hidden" in said


def test_files_of_systems_and_programs_are_nobodys(tmp_path):
    (tmp_path / "a.md").write_text("text")
    for name in ("Thumbs.db", "desktop.ini", "~$a.docx", ".~lock.a.docx#", "a.md~", "x.tmp"):
        (tmp_path / name).write_text("x")
    found = scan(tmp_path)
    assert [path.name for path in found.files] == ["a.md"]
    assert found.remarks == () and found.unread == () and found.others == ()


def test_what_came_after_the_index_and_is_not_read_is_named(tmp_path):
    (tmp_path / "a.md").write_text("text")
    states = indexed(tmp_path)
    for n in range(5):
        (tmp_path / f"p{n}.png").write_bytes(b"x")
    (tmp_path / "late.doc").write_bytes(b"x")
    assert states() == {"a.md": "indexed", "late.doc": "failed"}
    found = status_of(Collection("c", tmp_path), None, FolderLook(), look_at(tmp_path))
    assert {entry.path: entry.state for entry in found.entries} == {
        "a.md": "new", "late.doc": "failed"
    }  # fmt: skip
    assert found.others == tuple(f"p{n}.png" for n in range(5)) and "2 more" in found.warnings[0]


def test_an_archive_names_what_is_not_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as package:
        for name in ("a.md", "b.doc", "p.png", "q.jpg", "talk.mp3", "code.py", "t.csv", "LIES",
                     "__MACOSX/._a.md", ".hid/x.md", "Thumbs.db", "sub/"):  # fmt: skip
            package.writestr(name, "text")
        link = zipfile.ZipInfo("link.md")
        link.external_attr = 0o120777 << 16
        package.writestr(link, "a.md")
        with pytest.warns(UserWarning):
            package.writestr("a.md", "another text")
    entries = list(read_corpus(tmp_path))
    assert [e.path for e in entries if isinstance(e, Note)] == ["a.zip/a.md"]
    said = " ".join(e.reason for e in entries if isinstance(e, Skipped))
    for name in ("b.doc", "p.png", "q.jpg", "talk.mp3", "code.py", "t.csv", "LIES", "link.md"):
        assert f"a.zip/{name}" in said, name
    assert "a.zip/a.md: of files with one name" in said
    assert "MACOSX" not in said and ".hid" not in said and "Thumbs" not in said


def test_what_is_not_here_or_only_a_link_is_named(tmp_path):
    (tmp_path / "a.md").write_text("Text.")
    for name in (".灯塔.md.icloud", "lamp.gdoc", "lamp.url"):
        (tmp_path / name).write_bytes(b"x")
    os.mkfifo(tmp_path / "pipe.md")
    found = scan(tmp_path)
    said = {item.path: item.reason for item in found.unread}
    assert "iCloud" in said["灯塔.md"] and "Google" in said["lamp.gdoc"]
    assert "only a link" in said["lamp.url"] and "pipe.md" in found.remarks[0]
    assert [path.name for path in found.files] == ["a.md"]


def test_kin_of_markdown_is_read_as_such(tmp_path):
    for suffix in ("mdx", "qmd", "Rmd", "mkd"):
        (tmp_path / f"{suffix}.{suffix}").write_text("# T\n\nThe lamp is lit.")
    notes = [note for note in read_corpus(tmp_path) if isinstance(note, Note)]
    assert len(notes) == 4 and {note.title for note in notes} == {"T"}
