"""A first index that is published while it grows: what is read so far can be asked."""

import pytest

from rag.assistant import Assistant
from rag.index import pace
from rag.index.pace import EVERY_S, Pace


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
