"""Citations of notes that were renamed or moved open the note where it is now."""

import pytest

from rag.errors import CorpusError
from rag.library.folder_look import FolderLook
from rag.library.whereabouts import NoteMark, moved


def test_a_citation_follows_a_moved_note(assistant, corpus):
    cited = assistant.answer("LoRA 的缺点是什么?").citations[0]
    assert cited.note == "lora.md"
    (corpus / "微调").mkdir()
    (corpus / "lora.md").rename(corpus / "微调" / "低秩.md")
    with pytest.raises(CorpusError):
        assistant.note("lora.md")  # not indexed since: nobody knows
    assistant.build()
    found = assistant.note(cited.note)
    assert found.path == "微调/低秩.md"
    assert found.text[cited.start : cited.end] == cited.quote
    (corpus / "微调" / "低秩.md").rename(corpus / "peft.md")
    assistant.build()
    assert assistant.note("lora.md").path == assistant.note("微调/低秩.md").path == "peft.md"
    (corpus / "lora.md").write_text("# LoRA\n\n另一篇笔记，与从前的无关。\n", "utf-8")
    assistant.build()
    assert assistant.note("lora.md").path == "lora.md"  # a note of that name is that note
    assert assistant.note("微调/低秩.md").path == "peft.md"
    (corpus / "peft.md").unlink()
    assistant.build()
    with pytest.raises(CorpusError):
        assistant.note("微调/低秩.md")


def mark(text, name=""):
    return NoteMark(text, name)


def test_by_text_then_by_id_and_never_by_guess():
    before = {"a.md": mark("1"), "b.md": mark("2", "bee"), "c.md": mark("3"), "d.md": mark("")}
    now = {"x.md": mark("1"), "y.md": mark("9", "bee"), "z.md": mark("3"), "zz.md": mark("3"),
           "e.md": mark("")}  # fmt: skip
    assert moved(before, now, {}) == {"a.md": "x.md", "b.md": "y.md"}  # c is there twice
    assert moved(before, before, {}) == {}
    assert moved(now, {"w.md": mark("1")}, {"a.md": "x.md"}) == {"x.md": "w.md", "a.md": "w.md"}


def test_a_look_of_an_earlier_version_is_read(tmp_path):
    FolderLook({"a.md": (1, 2)}, marks={"a.md": mark("1", "i")}, moved={"b.md": "a.md"}).save(
        tmp_path
    )
    kept = FolderLook.load(tmp_path)
    assert (kept.marks, kept.moved) == ({"a.md": mark("1", "i")}, {"b.md": "a.md"})
    (tmp_path / "files.json").write_text(
        '{"files": {"a.md": [1, 2]}, "gaps": {}, "warnings": [], "asked": false}'
    )
    assert FolderLook.load(tmp_path).files == {"a.md": (1, 2)}
