"""What must hold after `soak.py`, and what it asks of /proc."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from rag.assistant import Assistant
from rag.notes.note import Note
from rag.readers.corpus import read_corpus
from rag.settings import load_settings

WARM_S = 25  # of a server; its memory is compared from then on
GROWTH = 1.25


def faults_of(soak: Any) -> Iterator[str]:
    """A sentence for everything that does not hold."""
    done = soak.command("index")
    if done is None or done.returncode:
        yield f"the last rag index: {done and done.stderr[-300:]}"
        return
    yield from _index(soak)
    yield from _databases(soak.data)
    yield from _history(soak)
    yield from _leftovers(soak.data)
    yield from _memory(soak.memory)
    for name in ("server.log", "mcp.log"):
        log = (soak.folder / name).read_text("utf-8", "replace")
        for trace in _traces(log):
            yield f"{name}: {trace[:1500]}"


def _traces(log: str) -> list[str]:
    """What was raised and not told in a sentence. Gradio itself raises where a page goes away while
    it is told something (`sse_stream` forgets a session twice): nothing of ours, nothing lost."""
    traces = re.split(r"^(?=Traceback|ERROR:)", log, flags=re.MULTILINE)
    ours = [trace for trace in traces if "Traceback" in trace and "sse_stream" not in trace]
    return [trace for trace in ours if "CancelledError: Cancelled via cancel scope" not in trace]


def _index(soak: Any) -> Iterator[str]:
    """Every note as it is, every chunk the very words of its span, no chunk without a note."""
    settings = load_settings(corpus=soak.notes, data_dir=soak.data, llm="none")
    assistant = Assistant(settings)
    notes = {
        e.path: e for e in read_corpus(soak.notes, settings.read_limits) if isinstance(e, Note)
    }
    index = assistant.index()
    if index.notes != {path: note.content_hash for path, note in notes.items()}:
        yield f"the index holds other notes than the folder: {index.notes.keys() ^ notes.keys()}"
    for document in index.store.of_notes(list(index.notes)):
        meta = document.metadata
        if notes[meta["note"]].text[meta["start"] : meta["end"]] != document.page_content:
            yield f"{meta['note']}: a chunk is not the text of its span {meta['start']}"
    found = len(index.store)
    held = len(index.store.of_notes(list(index.notes)))
    if found != held:
        yield f"{found - held} chunks belong to no note"
    status = assistant.library.status(assistant.collection())
    odd = [entry for entry in status.entries if entry.state not in {"indexed", "failed"}]
    if odd:
        yield f"the state of the collection is not that of the folder: {odd[:3]}"
    if not assistant.answer("LoRA 是什么？").question:
        yield "no answer"


def _databases(data: Path) -> Iterator[str]:
    for path in data.rglob("*.sqlite"):
        with closing(sqlite3.connect(path)) as database:
            for pragma in ("integrity_check", "foreign_key_check"):
                rows = database.execute(f"PRAGMA {pragma}").fetchall()
                if rows not in ([("ok",)], []):
                    yield f"{path.name}: {pragma} {rows[:2]}"


def _history(soak: Any) -> Iterator[str]:
    """What a command confirmed is there, once."""
    with closing(sqlite3.connect(soak.data / "practice.sqlite")) as database:
        kept = [text for (text,) in database.execute("SELECT explanation FROM attempts")]
        unrated = database.execute("SELECT count(*) FROM attempts WHERE rating IS NULL").fetchone()
    for said in soak.said["attempts"]:
        if kept.count(said) != 1:
            yield f"an attempt that was confirmed is kept {kept.count(said)} times: {said}"
    if unrated[0] > soak.done["practice killed"]:
        yield f"{unrated[0]} attempts without their rating"
    with closing(sqlite3.connect(soak.data / "chats.sqlite")) as database:
        turns: dict[int, list[str]] = {}
        for chat, question in database.execute("SELECT chat, question FROM turns ORDER BY id"):
            turns.setdefault(chat, []).append(question)
    for asked in soak.said["chats"]:
        own = [questions for questions in turns.values() if questions[0] == asked]
        if [len(questions) for questions in own] != [2]:
            yield f"a conversation that was confirmed: {own} for {asked}"


def _leftovers(data: Path) -> Iterator[str]:
    """Nothing of killed builds is left after a build that went through."""
    for folder in (data / "index").iterdir():
        if not folder.is_dir():
            continue
        generations = [p.name for p in folder.iterdir() if re.fullmatch(r"gen-\d+", p.name)]
        if len(generations) > 2:
            yield f"{folder.name}: {len(generations)} generations are kept"
        if folder.name.startswith("notes-") and json.loads(
            (folder / "look.json").read_text("utf-8")
        ):
            odd = [p.name for p in folder.iterdir() if "tmp" in p.name or "building" in p.name]
            if odd:
                yield f"{folder.name}: left over: {odd[:3]}"


def _memory(servers: list[list[float]]) -> Iterator[str]:
    for samples in servers:
        warm = samples[WARM_S:]
        if len(warm) > 20 and warm[-1] > GROWTH * warm[0]:
            yield f"a server grew from {warm[0]:.0f} to {warm[-1]:.0f} MB"


def children(pid: int, alive: bool = False) -> list[int]:
    """The processes below one; with `alive` the process itself, if it runs (no zombie)."""
    try:
        if alive:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            return [] if state == "Z" else [pid]
        tasks = Path(f"/proc/{pid}/task").glob("*/children")  # each thread has its own
        own = [child for task in tasks for child in task.read_text().split()]
    except OSError:
        return []
    return [int(one) for one in own] + [below for one in own for below in children(int(one))]


def resident_mb(pid: int) -> float:
    """Memory of a process; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 1e6
    except OSError:
        return 0.0
