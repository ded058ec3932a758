"""`rag eval nuggets`: ask each system every question, score, lay the answers side by side."""

import html
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

from rag.answer.answer import Answer, Sentence
from rag.assistant import Assistant
from rag.errors import CorpusError, UsageError
from rag.evaluation.answers.plain_recipe import TOP, answer_plainly, plain_store
from rag.evaluation.nuggets.nugget_scores import NuggetRecord, figures, score
from rag.evaluation.nuggets.nugget_set import NuggetQuestion
from rag.index.build_report import BuildProgress
from rag.notes.note import Note
from rag.readers.corpus import read_corpus
from rag.storage.atomic import write_atomic


def ask_all(
    assistant: Assistant, questions: Sequence[NuggetQuestion], spec: str, progress: BuildProgress
) -> list[NuggetRecord]:
    """Our own answers, scored."""
    texts = note_texts(assistant)
    records = []
    for number, item in enumerate(questions, 1):
        answer = assistant.answer(item.question, llm=spec)
        records.append(score(item, answer, texts, f"ours, {spec}"))
        progress("ask", number, len(questions))
    return records


def ask_plainly(
    assistant: Assistant, questions: Sequence[NuggetQuestion], spec: str, progress: BuildProgress
) -> list[NuggetRecord]:
    """Splitter + top 4 + one prompt, with the same model. What it cites are whole chunks, so that
    only what its answers *say* can be compared; its spans are those of the chunks it names."""
    model = assistant.model(spec)
    if model is None:
        return []
    settings = assistant.settings
    notes = [
        entry
        for entry in read_corpus(
            settings.corpus.expanduser(), settings.read_limits, assistant.runtime.readers
        )
        if isinstance(entry, Note)
    ]
    store = plain_store(notes, assistant.embedder, settings.embedding_cache)
    records = []
    for number, item in enumerate(questions, 1):
        found = store.similarity_search(item.question, TOP)
        plain = answer_plainly(
            model, item.question, item.language, [document.page_content for document in found]
        )
        blank = Answer(
            item.question, item.language, (), (), spec, {"total_s": plain.total_s},
            usage=plain.usage,
        )  # fmt: skip
        sentences = tuple(Sentence(text, (), False) for text, _ in plain.sentences)
        answer = replace(blank, sentences=sentences)
        records.append(score(item, answer, lambda path: "", f"plain recipe, {spec}"))
        progress("ask", number, len(questions))
    return records


def note_texts(assistant: Assistant) -> Callable[[str], str]:
    """A note's text by its path; "" where there is none."""

    @cache
    def text(path: str) -> str:
        try:
            return assistant.note(path).text
        except CorpusError:
            return ""

    return text


def lost_quotes(assistant: Assistant, questions: Iterable[NuggetQuestion]) -> list[str]:
    """Quotes of the set that do not stand in the notes (any more)."""
    texts = note_texts(assistant)
    return [
        f"{place.note}: {place.quote[:60]}"
        for item in questions
        for nugget in item.nuggets
        for place in nugget.places
        if place.quote not in texts(place.note)
    ]


def stated_in_notes(questions: Sequence[NuggetQuestion], language: str) -> dict[str, Any]:
    """How many vital nuggets of answerable questions stand in the notes at all."""
    vital = [
        nugget
        for item in questions
        if item.language == language and item.nuggets and not item.missing
        for nugget in item.nuggets
        if nugget.vital
    ]
    held = sum(1 for nugget in vital if nugget.places)
    return {"vital": len(vital), "in_notes": held}


def summary(records: Sequence[NuggetRecord]) -> dict[str, dict[str, Any]]:
    """Figures by system and language."""
    found: dict[str, dict[str, Any]] = {}
    for system in dict.fromkeys(record.system for record in records):
        for language in ("zh", "en"):
            own = [r for r in records if r.system == system and r.language == language]
            if own:
                found[f"{system}, {language}"] = figures(own)
    return found


def write_nugget_report(
    folder: Path, about: dict[str, Any], records: Sequence[NuggetRecord]
) -> Path:
    """`nuggets.json` and `nuggets.html` in a folder; the path of the page."""
    folder.mkdir(parents=True, exist_ok=True)
    data = {
        "about": about, "figures": summary(records), "records": [asdict(r) for r in records],
    }  # fmt: skip
    text = json.dumps(data, ensure_ascii=False, indent=1)
    write_atomic(folder / "nuggets.json", text.encode("utf-8", "surrogatepass"))
    page = folder / "nuggets.html"
    write_atomic(page, _page(about, records).encode("utf-8", "replace"))
    return page


def records_before(path: Path, questions: Sequence[NuggetQuestion]) -> list[NuggetRecord]:
    """What an earlier version answered to the same questions, as `write_nugget_report` kept it;
    its systems are named "before: …".

    Args:
        path: a `nuggets.json`, or its folder.

    Raises:
        UsageError: it cannot be read, or has another form.
    """
    file = path / "nuggets.json" if path.is_dir() else path
    asked = {item.question for item in questions}
    try:
        rows = json.loads(file.read_bytes())["records"]
        known = [NuggetRecord(**{**row, "missed": tuple(row["missed"])}) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{file} is no report of `rag eval nuggets` ({error}).") from error
    return [
        replace(record, system=f"before: {record.system}")
        for record in known
        if record.question in asked and not record.system.startswith("before: ")
    ]


def _page(about: dict[str, Any], records: Sequence[NuggetRecord]) -> str:
    systems = list(dict.fromkeys(record.system for record in records))
    rows = []
    for question in dict.fromkeys(record.question for record in records):
        own = {r.system: r for r in records if r.question == question}
        cells = "".join(f"<td>{_cell(own.get(system))}</td>" for system in systems)
        rows.append(f"<tr><th>{html.escape(question)}</th>{cells}</tr>")
    heads = "".join(f"<th>{html.escape(system)}</th>" for system in systems)
    figures_ = html.escape(json.dumps(summary(records), ensure_ascii=False, indent=1))
    return (
        "<!doctype html><meta charset='utf-8'><title>nuggets</title><style>body{font:15px/1.5 "
        "system-ui,'Noto Sans CJK SC',sans-serif;margin:1rem}td,th{border:1px solid #ccc;padding:"
        ".4rem;vertical-align:top;text-align:left}small{color:#a00}</style>"
        f"<pre>{html.escape(json.dumps(about, ensure_ascii=False))}\n{figures_}</pre>"
        f"<table><tr><th></th>{heads}</tr>{''.join(rows)}</table>"
    )


def _cell(record: NuggetRecord | None) -> str:
    if record is None:
        return ""
    missed = "".join(f"<br>missed: {html.escape(text)}" for text in record.missed)
    return (
        f"{html.escape(record.answer)}<br><b>{record.vital_stated}/{record.vital}</b>"
        f"<small>{missed}</small>"
    )
