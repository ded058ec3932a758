"""A file that hangs, crashes or devours memory costs itself, and nothing else."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from rag.errors import CorpusError, RagError
from rag.evaluation.samples import WRITERS, Section, archive
from rag.limits import DEFAULT_LIMITS
from rag.notes.note import Content, Note, Skipped
from rag.readers import read_bytes
from rag.readers.corpus import contents_of, find_note, read_corpus, read_file
from rag.readers.isolation import parent as isolated
from rag.settings import load_settings

SLOW = b"".join(b"- %d\n" % n for n in range(200_000))  # a long list: over 5 seconds and 350 MB
BRIEF = replace(DEFAULT_LIMITS, seconds=0.5)


@pytest.fixture
def hostile(monkeypatch):
    """Workers whose `.txt` files do harm (see tests/hostile_worker.py); none stay behind."""
    isolated._close_idle()
    monkeypatch.setattr(isolated, "_MODULE", "tests.readers.hostile_worker")
    yield
    isolated._close_idle()


def reasons(folder: Path, limits=BRIEF) -> dict[str, str]:
    """What was said of each file; nothing where it was read."""
    return {
        entry.path: entry.reason if isinstance(entry, Skipped) else ""
        for entry in read_corpus(folder, limits)
    }


def test_a_file_or_member_over_time_is_left_out_and_the_rest_read(tmp_path):
    (tmp_path / "a.zip").write_bytes(archive({"1.md": b"# 1", "2.md": SLOW, "3.md": b"# 3"}))
    (tmp_path / "b.md").write_text("# b")
    found = reasons(tmp_path)
    late = found.pop("a.zip/2.md")
    assert late.startswith("a.zip/2.md took longer than 0.5 s to read; split it, or raise RAG_MAX_")
    assert found == {"a.zip/1.md": "", "a.zip/3.md": "", "b.md": ""}
    with pytest.raises(CorpusError, match="took longer"):
        find_note(tmp_path, "a.zip/2.md", BRIEF)


def test_a_file_over_time_does_not_take_its_time_at_every_look(tmp_path, monkeypatch):
    (tmp_path / "n.md").write_bytes(SLOW + b"- b")
    assert "took longer" in reasons(tmp_path)["n.md"]
    began = time.monotonic()
    assert "took longer" in reasons(tmp_path)["n.md"]
    assert time.monotonic() - began < 0.4
    (tmp_path / "n.md").write_text("# shorter")
    assert reasons(tmp_path) == {"n.md": ""}
    monkeypatch.setattr(isolated, "_AGAIN_S", 0.0)
    (tmp_path / "n.md").write_bytes(SLOW + b"- b")
    began = time.monotonic()
    assert "took longer" in reasons(tmp_path)["n.md"]
    assert time.monotonic() - began > 0.4


def test_a_note_that_waits_for_its_reader_is_in_time(tmp_path):
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text("# title\n" + "text. " * 60_000)  # more than a socket holds
    entries = read_corpus(tmp_path, replace(DEFAULT_LIMITS, seconds=0.6))
    assert isinstance(next(entries), Note)
    time.sleep(0.7)  # as while chunks are embedded
    assert isinstance(next(entries), Note)


CRASH = "makes its reader crash; save it again or in another format. "
HARM = {
    "abort": CRASH,
    "leave": CRASH,
    "killed": "needs more than 500 MB of memory",
    "memory": "needs more than 500 MB of memory",
    "noise": CRASH,
    "long": CRASH,
    "short": CRASH,
    "no json": CRASH,
    "types": CRASH,
    "no reason": CRASH,
    "endless reason": CRASH,
    "outside": CRASH,
    "break outside": CRASH,
    "other": "is damaged or no .txt file (ValueError)",
    "extra path": "",
}


def test_what_a_worker_may_do(tmp_path, hostile):
    for word in HARM:
        (tmp_path / f"{word}.txt").write_text(word)
        (tmp_path / f"{word}.txt.md").write_text(f"# after {word}")
    entries = list(read_corpus(tmp_path, replace(DEFAULT_LIMITS, memory_bytes=500_000_000)))
    assert [entry.path for entry in entries] == sorted(path.name for path in tmp_path.iterdir())
    found = {entry.path: entry for entry in entries}
    for word, said in HARM.items():
        harmed, after = found[f"{word}.txt"], found[f"{word}.txt.md"]
        assert isinstance(after, Note) and after.title == f"after {word}"
        if said:
            assert isinstance(harmed, Skipped) and harmed.reason.startswith(f"{word}.txt {said}")
            assert len(harmed.reason.splitlines()) == 1
        else:
            assert isinstance(harmed, Note)


def test_a_real_file_that_wants_too_much_memory(tmp_path):
    (tmp_path / "n.ipynb").write_bytes(b'{"cells":[' + b"[]," * 3_000_000 + b"[]]}")
    (tmp_path / "o.md").write_text("# o")
    found = reasons(tmp_path, replace(DEFAULT_LIMITS, memory_bytes=200_000_000))
    assert found.pop("n.ipynb").startswith("n.ipynb needs more than 200 MB of memory to read")
    assert found == {"o.md": ""}


def test_workers_know_no_secrets(tmp_path, hostile, monkeypatch):
    monkeypatch.setenv("RAG_LLM_API_KEY", "sk-very-secret")
    (tmp_path / "n.txt").write_text("environment")
    [entry] = read_corpus(tmp_path)
    assert isinstance(entry, Note) and "PYTHONPATH" in entry.text and "secret" not in entry.text


def test_a_process_that_is_limited_itself(tmp_path):
    (tmp_path / "n.md").write_text("# title of n")
    code = (
        "import resource, sys; from pathlib import Path; "
        "from rag.readers.corpus import read_corpus; "
        "resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000,) * 2); "
        "print([entry.title for entry in read_corpus(Path(sys.argv[1]))])"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True)
    assert done.stdout == "['title of n']\n"


def test_a_worker_that_cannot_start_is_no_fault_of_the_notes(tmp_path, monkeypatch, capfd):
    (tmp_path / "n.md").write_text("# n")
    monkeypatch.setattr(isolated, "_MODULE", "rag.no_such_module")
    isolated._close_idle()
    with pytest.raises(RagError, match="does not start"):
        find_note(tmp_path, "n.md")
    assert "no_such_module" in capfd.readouterr().err  # the interpreter's own words help


def running(process: subprocess.Popen[str]) -> list[int]:
    """The children of a process."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(number) for number in children.split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_no_orphan_is_left_and_ctrl_c_is_quiet(tmp_path, sent):
    (tmp_path / "n.md").write_bytes(SLOW * 5)
    command = "from rag.cli.main import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", command, "corpus", "check", "--no-questions", "--corpus", tmp_path],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    end = time.monotonic() + 20
    while not (workers := running(process)) and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(0.3)  # it is reading now
    assert len(workers) == 1 and alive(workers[0])
    assert os.getpgid(workers[0]) != process.pid  # the terminal's Ctrl-C goes past it
    if sent == signal.SIGINT:
        os.killpg(process.pid, sent)
    else:
        process.kill()
    out, err = process.communicate(timeout=10)
    end = time.monotonic() + 4  # it would go on reading for longer
    while alive(workers[0]) and time.monotonic() < end:
        time.sleep(0.02)
    assert not alive(workers[0])
    assert process.returncode != 0 and out == "" and "Traceback" not in err


def test_notes_are_the_same_as_in_this_process(tmp_path):
    section = Section("LoRA 低秩", ("LoRA 冻结权重,只训练两个矩阵。秩取 8。", "x < y & z"))
    for name, (suffix, write) in WRITERS.items():
        path = tmp_path / f"{name}{suffix}"
        path.write_bytes(write([section] * 3))
        for item, note in zip(
            contents_of(path, path.name, DEFAULT_LIMITS), read_file(path, path.name), strict=True
        ):
            assert isinstance(item, Content)
            assert read_bytes(item.path, item.data, DEFAULT_LIMITS) == note, name


def test_front_matter_is_plain_data(tmp_path):
    (tmp_path / "n.md").write_text(
        "---\ntitle: t\ndate: 2024-01-02\ntags: [a, 1, 1.5, null]\n3: {2024-01-02: x}\n---\ntext\n"
    )
    (tmp_path / "o.md").write_text('---\ntitle: "\\uD800"\n---\ntext\n')  # half a character
    first, second = read_corpus(tmp_path)
    assert isinstance(first, Note) and isinstance(second, Note)
    assert first.meta == {
        "title": "t", "date": "2024-01-02", "tags": ["a", 1, 1.5, None], "3": {"2024-01-02": "x"}
    }  # fmt: skip
    assert second.title == "o" and second.meta == {}
    for entry in (first, second):
        data = (tmp_path / entry.path).read_bytes()
        assert read_bytes(entry.path, data, DEFAULT_LIMITS) == entry


def test_a_reading_that_is_given_up_confuses_no_later_one(tmp_path):
    for number in range(4):
        (tmp_path / f"{number}.md").write_text(f"# title {number}")
    entries = read_corpus(tmp_path)
    next(entries)
    entries.close()
    assert find_note(tmp_path, "3.md").title == "title 3"


def test_many_threads_read_at_once(tmp_path):
    for number in range(8):
        (tmp_path / f"{number}.md").write_text(f"# title {number}")
    wrong: list[str] = []

    def read(number: int) -> None:
        for _ in range(5):
            note = find_note(tmp_path, f"{number}.md")
            if (note.path, note.title) != (f"{number}.md", f"title {number}"):
                wrong.append(note.title)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    assert [entry.path for entry in read_corpus(tmp_path)] == [f"{n}.md" for n in range(8)]
    for thread in threads:
        thread.join()
    assert wrong == [] and len(isolated._idle) <= 2


def test_limits_are_settings(monkeypatch):
    monkeypatch.setenv("RAG_MAX_READ_S", "7")
    limits = load_settings(max_read_memory_bytes=900_000_000).read_limits
    assert (limits.seconds, limits.memory_bytes) == (7.0, 900_000_000)
