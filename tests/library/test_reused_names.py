"""A collection of a name that was used before is another one: answers, topics and past."""

from typer.testing import CliRunner

from rag.cli.main import app
from rag.evaluation.json_files import read_json_lines
from rag.library.registry import Registry


def fill(assistant, name, file, text):
    made = assistant.library.registry.create(name)
    (made.folder / file).write_text(text, "utf-8")
    assistant.build(name=name)


def test_a_deleted_collection_neither_answers_nor_is_practised(assistant):
    fill(assistant, "papers", "old.md", "# Zebras\n\nThe old secret paper is about zebras.\n")
    assert assistant.search("zebras", collections=["papers"])[0].document.metadata["note"]
    assert [t.note for t in assistant.coach(collections=["papers"]).topics] == ["old.md"]
    assistant.remove_collection("papers")
    fill(assistant, "papers", "new.md", "# Lions\n\nThe new paper is about lions.\n")
    hits = assistant.search("zebras lions", collections=["papers"])
    assert {hit.document.metadata["note"] for hit in hits} == {"new.md"}
    assert [t.note for t in assistant.coach(collections=["papers"]).topics] == ["new.md"]


def test_a_name_whose_first_build_failed_is_free(tmp_path, monkeypatch):
    monkeypatch.setenv("RAG_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "typo").mkdir()
    ran = CliRunner().invoke(app, ["index", str(tmp_path / "typo"), "--collection", "physics"])
    assert ran.exit_code != 0
    assert "physics" not in {c.name for c in Registry(tmp_path / "data", tmp_path).all()}


def test_a_json_line_may_hold_a_line_separator(tmp_path):
    (tmp_path / "q.jsonl").write_text('{"q": "a\u2028b\u0085c"}\n{"q": "d"}\n', "utf-8")
    assert [row["q"] for row in read_json_lines(tmp_path / "q.jsonl")] == ["a\u2028b\u0085c", "d"]
