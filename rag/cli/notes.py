"""`rag corpus …`: is the corpus sound?"""

from typing import Annotated

import typer

from rag.cli.common import Corpus, Json, open_assistant, print_json, ready

app = typer.Typer(help="Look after a folder of notes. 笔记库检查", no_args_is_help=True)


@app.callback()
def corpus_group() -> None:
    """Look after a folder of notes. 笔记库检查"""


@app.command()
def check(
    corpus: Corpus = None,
    questions: Annotated[
        bool, typer.Option("--questions/--no-questions", help="Also search each note's questions.")
    ] = True,
    least: Annotated[
        float, typer.Option(min=0, max=1, help="Share of questions that must find their note.")
    ] = 0.85,
    json_: Json = False,
) -> None:
    """Check front matter, links, names, key points, lengths, values told twice, the order of study,
    and that questions find their note."""
    from collections.abc import Sequence
    from dataclasses import asdict

    import numpy as np

    from rag.cli.progress_bars import index_progress
    from rag.embedding.vector_cache import embed_cached
    from rag.errors import CorpusError
    from rag.evaluation.corpus.corpus_check import (
        NEAR,
        check_notes,
        check_path,
        rank_questions,
    )
    from rag.evaluation.corpus.note_parts import chinese_characters, parts_of
    from rag.notes.note import Note, Skipped
    from rag.notes.study_path import FILE
    from rag.notes.topic import TWIN
    from rag.readers.corpus import read_corpus

    assistant = open_assistant(corpus, "none")
    folder = assistant.settings.corpus.expanduser()
    entries = list(read_corpus(folder, assistant.settings.read_limits, assistant.runtime.readers))
    notes = [entry for entry in entries if isinstance(entry, Note)]

    def embed(texts: Sequence[str]) -> np.ndarray:
        cache = assistant.settings.embedding_cache
        return embed_cached(texts, assistant.embedder, cache, optional=True)[0]

    problems = [asdict(problem) for problem in check_notes(notes, embed)]
    if (folder / FILE).is_file():
        problems += [asdict(item) for item in check_path(assistant.note(FILE), notes)]
    problems += [
        {"note": e.path, "text": e.reason}
        for e in entries
        if isinstance(e, Skipped) and not e.by_choice
    ]
    ranks = []
    if questions:
        assistant.build()
        retriever = ready(assistant).retriever(10)
        with index_progress() as progress:
            ranks = rank_questions(notes, retriever.search, progress)
    shares = {}
    for language in ("zh", "en"):
        own = [item.rank for item in ranks if item.language == language]
        for name, most in (("rank_1", 1), (f"top_{NEAR}", NEAR)):
            shares[f"{language}_{name}"] = (
                round(sum(1 for r in own if r and r <= most) / len(own), 4) if own else None
            )
    lost = [asdict(item) for item in ranks if not item.rank or item.rank > NEAR]
    bodies = {note.path: parts_of(note) for note in notes}
    characters = sum(chinese_characters(parts.body) for parts in bodies.values())
    english = sum(len(p.body) for path, p in bodies.items() if path.endswith(TWIN))
    if json_:
        report = {
            "notes": len(notes),
            "chinese_characters": characters,
            "english_characters": english,
            "code_blocks_run": sum(
                block.info == "python" for parts in bodies.values() for block in parts.code
            ),
            "problems": problems,
        }
        print_json({**report, "questions": len(ranks), **shares, "lost": lost})
    else:
        for item in problems:
            print(f"{item['note']}: {item['text']}")
        for item in lost:
            print(f"{item['note']}: found at rank {item['rank'] or '>10'} by: {item['question']}")
        print(f"{len(notes)} notes, {characters} Chinese characters, {len(problems)} problems")
        if ranks:
            print(f"{len(ranks)} questions; " + ", ".join(f"{k} {v}" for k, v in shares.items()))
    found = 1 - len(lost) / len(ranks) if ranks else 1.0
    if problems or found < least:
        raise CorpusError(
            f"The corpus has {len(problems)} problems and {found:.0%} of its questions find their "
            "note; repair what is listed above."
        )
