"""A first index that is published while it grows: what is read so far can be asked."""

import json
import shutil

import pytest

from rag.assistant import Assistant
from rag.cli.ask import search
from rag.cli.common import ready
from rag.errors import CorpusError
from rag.index import pace
from rag.index.local import build_local
from rag.index.pace import EVERY_S, Pace
from rag.index.summary import LOOK


@pytest.fixture
def note_by_note(monkeypatch):
    """Every note is a batch of its own."""
    monkeypatch.setattr(pace, "FIRST", 1)
    monkeypatch.setattr(pace, "GROWTH", 1)


@pytest.fixture
def fresh(settings, embedder):
    """Nothing is indexed yet."""
    made = Assistant(settings)
    made.embedder = embedder
    return made


class Broken(Exception):
    """As if the process were killed there."""


def broken_after(assistant, notes):
    """Build, and stop once so many notes are published."""

    def progress(stage, done, total):
        so_far = assistant.has_index() and assistant.index().so_far
        if so_far and so_far[0] >= notes:
            raise Broken

    with pytest.raises(Broken):
        assistant.build(progress)


def contents(assistant):
    return sorted((d.id, d.page_content) for d in assistant.index().store.documents)


def test_questions_are_answered_from_what_is_read(fresh, note_by_note):
    seen = []

    def progress(stage, done, total):
        if fresh.has_index():
            seen.append((fresh.index().so_far, len(fresh.index().notes)))

    fresh.build(progress)
    assert [so_far for so_far, _ in seen if so_far == (1, 3)]
    assert all(so_far[0] == notes for so_far, notes in seen if so_far)
    assert fresh.index().so_far is None
    assert len(fresh.index().notes) == 3


def test_what_was_killed_answers_and_goes_on(fresh, note_by_note, settings, embedder):
    broken_after(fresh, 1)
    assert not fresh.library.is_whole(fresh.collection())
    answer = fresh.answer("LoRA 的缺点是什么？")
    assert answer.citations
    assert answer.to_dict()["notes_read"] == [1, 3]

    again = Assistant(settings)
    again.embedder = embedder
    report = again.build()
    assert (report.notes, report.added) == (3, 2)
    assert again.library.is_whole(again.collection())
    assert "notes_read" not in again.answer("LoRA 的缺点是什么？").to_dict()


def test_it_ends_as_if_it_were_built_at_one_go(fresh, corpus, note_by_note, tmp_path, embedder):
    broken_after(fresh, 2)
    (corpus / "lora.md").write_text("# LoRA\n\n## 秩\nLoRA 的秩现在写得不同了。\n", "utf-8")
    (corpus / "ppo.md").unlink()
    fresh.build()
    other = Assistant(fresh.settings.model_copy(update={"data_dir": tmp_path / "other"}))
    other.embedder = embedder
    other.build()
    assert contents(fresh) == contents(other)
    assert fresh.index().notes == other.index().notes


def test_a_whole_index_is_replaced_by_a_whole_one_only(assistant, corpus, note_by_note):
    for number in range(4):
        (corpus / f"more{number}.md").write_text(f"# Note {number}\n\nText {number}.\n", "utf-8")
    seen = set()
    assistant.build(lambda stage, done, total: seen.add(len(assistant.index().notes)))
    assert seen == {3}
    assert len(assistant.index().notes) == 7


def test_killed_before_the_look_is_written_the_next_one_finishes_it(
    fresh, note_by_note, monkeypatch
):
    remember = build_local.remember_look

    def killed(*told):
        if fresh.has_index():
            raise Broken
        remember(*told)

    with monkeypatch.context() as patched, pytest.raises(Broken):
        patched.setattr(build_local, "remember_look", killed)
        fresh.build()
    assert fresh.library.status(fresh.collection()).built  # it is summed up
    (fresh.library.index_dir(fresh.collection()) / LOOK).unlink()
    assert not fresh.library.is_whole(fresh.collection())
    ready(fresh)
    assert fresh.index().so_far is None and len(fresh.index().notes) == 3


@pytest.mark.parametrize("key", ["embedding", "format"])
def test_a_whole_one_of_another_kind_stays_until_the_new_one_is_whole(assistant, note_by_note, key):
    folder = assistant.library.index_dir(assistant.collection())
    [before] = folder.glob("gen-*")
    manifest = json.loads((before / "manifest.json").read_text("utf-8"))
    manifest[key] = 1 if key == "format" else "another model"
    (before / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    seen = set()
    assistant.build(lambda *told: seen.update(path.name for path in folder.glob("gen-*")))
    assert seen == {before.name} and before.is_dir()
    assert len(assistant.index().notes) == 3


def test_what_cannot_be_finished_answers_from_what_was_read(fresh, corpus, note_by_note, capsys):
    broken_after(fresh, 1)
    shutil.move(corpus, corpus.with_name("elsewhere"))
    assert ready(fresh).search("LoRA")
    assert "笔记未读完" in capsys.readouterr().err


def test_a_search_says_of_how_many_notes_it_is(fresh, note_by_note, monkeypatch, capsys):
    broken_after(fresh, 1)
    monkeypatch.setattr("rag.cli.ask.open_assistant", lambda *options: fresh)
    monkeypatch.setattr("rag.cli.ask.ready", lambda assistant: assistant)
    search("LoRA", json_=True)
    told = capsys.readouterr()
    assert "only 1/3 notes are read yet" in told.err
    assert json.loads(told.out)[0]["note"]
    fresh.build()
    search("LoRA", json_=True)
    assert not capsys.readouterr().err


def test_what_cannot_be_begun_is_an_error(fresh, corpus):
    shutil.move(corpus, corpus.with_name("elsewhere"))
    with pytest.raises(CorpusError):
        ready(fresh)


def test_of_how_many_is_left_out_where_it_is_not_known(fresh, corpus, note_by_note):
    from zipfile import ZipFile

    with ZipFile(corpus.with_suffix(".zip"), "w") as archive:
        for path in sorted(corpus.rglob("*.md")):
            archive.write(path, path.name)
            path.unlink()
    corpus.with_suffix(".zip").rename(corpus / "all.zip")
    told = []

    def progress(stage, done, total):
        if stage == "notes":
            told.append((done, total))
            now = fresh.library.underway(fresh.collection())
            assert now.of in {0, 3}

    fresh.build(progress)
    assert (1, 0) in told and {total for _, total in told} <= {0, 3}


def test_notes_without_text_before_the_first_with_some(fresh, corpus, note_by_note):
    (corpus / "a.md").write_text("", "utf-8")
    (corpus / "b.md").write_text("\n\n", "utf-8")
    fresh.build()
    assert fresh.answer("LoRA 的缺点是什么？").citations


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def read(paced, clock, chunks_each, seconds_each, count=10_000):
    """A batch of notes that take so long each; how many chunks it has."""

    def notes():
        for number in range(count):
            clock.now += seconds_each
            yield number

    found, last = paced.batch(notes(), lambda note: [note] * chunks_each)
    return sum(len(chunks) for _, chunks in found), last


def test_the_first_batch_is_small_and_the_others_take_their_time():
    clock = Clock()
    paced = Pace(clock)
    assert read(paced, clock, 4, 0.001) == (pace.FIRST, False)
    clock.now += pace.FIRST / 8  # eight chunks a second
    paced.published(0.1)
    chunks, _ = read(paced, clock, 1, 0.001)
    assert 0.5 * EVERY_S < chunks / 8 < 1.5 * EVERY_S


def test_publishing_takes_a_tenth_of_the_time_at_most():
    clock = Clock()
    paced = Pace(clock)
    for _ in range(12):
        chunks, _ = read(paced, clock, 1, 0.0001)
        clock.now += chunks / 100 + 6
        paced.published(6)
    assert chunks / 100 > 0.8 * 6 / pace.SHARE


def test_slow_reading_is_published_too():
    clock = Clock()
    paced = Pace(clock)
    chunks, last = read(paced, clock, 1, 4.0)
    assert (chunks, last) == (4, False)  # after 16 s, long before `FIRST`
    assert read(paced, clock, 0, 4.0, count=9) == (0, True)  # nothing to publish in it
