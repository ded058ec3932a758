"""`rag eval …`: measurements as commands."""

from pathlib import Path
from typing import Annotated

import typer

from rag.cli_common import Corpus, Json, open_assistant, print_json

app = typer.Typer(help="Measure retrieval, answers and speed. 评测", no_args_is_help=True)


@app.command()
def retrieval(
    file: Annotated[Path, typer.Argument(help="Questions and contexts in SQuAD's format.")],
    passages: Annotated[
        Path | None,
        typer.Option(help="The same data set in another language: search its contexts instead."),
    ] = None,
    json_: Json = False,
) -> None:
    """Recall@1, recall@5 and MRR@10 of the retriever beside the bare lists. 检索评测"""
    from dataclasses import asdict

    from rag.evaluation.retrieval import across, evaluate_retrieval, read_squad
    from rag.progress import index_progress

    data = read_squad(file)
    if passages is not None:
        data = across(data, read_squad(passages))
    assistant = open_assistant()
    cache = assistant.settings.data_dir / "index" / "embeddings.sqlite"
    with index_progress() as progress:
        scores = evaluate_retrieval(data, assistant.embedder, cache, progress)
    if json_:
        print_json({name: asdict(score) for name, score in scores.items()})
        return
    print(f"{len(data.questions)} questions, {len(data.contexts)} contexts")
    print(f"{'':8}{'recall@1':>10}{'recall@5':>10}{'MRR@10':>10}")
    for name, score in scores.items():
        values = (score.recall_at_1, score.recall_at_5, score.mrr_at_10)
        print(f"{name:8}" + "".join(f"{value:10.4f}" for value in values))


@app.command()
def ingest(corpus: Corpus = None, json_: Json = False) -> None:
    """Passages a second of a whole `rag index` against the bare embedder. 建库速度"""
    from dataclasses import asdict

    from rag.embedding import SentenceTransformerEmbeddings
    from rag.errors import UsageError
    from rag.evaluation.ingest import measure_ingest
    from rag.progress import index_progress

    assistant = open_assistant(corpus, "none")
    if not isinstance(assistant.embedder, SentenceTransformerEmbeddings):
        raise UsageError("Only a local embedding model can be measured; unset RAG_EMBEDDING.")
    settings = assistant.settings
    with index_progress() as progress:
        speed = measure_ingest(
            settings.corpus.expanduser(), assistant.embedder, settings.chunk_tokens, progress
        )
    if json_:
        print_json({**asdict(speed), "ratio": round(speed.ratio, 4)})
        return
    print(f"{speed.notes} notes, {speed.passages} passages")
    print(f"bare embedder  {speed.passages / speed.raw_s:8.1f} passages/s")
    print(f"rag index      {speed.passages / speed.ingest_s:8.1f} passages/s  ({speed.ratio:.0%})")
    print(f"again          {speed.again_s:8.2f} s, nothing changed")
