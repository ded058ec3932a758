"""`rag eval …`: measurements as commands."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from rag.cli import evaluate_answers
from rag.cli.common import Corpus, Json, Llm, open_assistant, print_json, print_table, ready

if TYPE_CHECKING:
    from rag.evaluation.scale.scale_run import Cost

app = typer.Typer(help="Measure retrieval, answers and speed. 评测", no_args_is_help=True)
app.command()(evaluate_answers.answers)
app.command()(evaluate_answers.nuggets)
app.command()(evaluate_answers.compare)


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

    from rag.cli.progress_bars import index_progress
    from rag.evaluation.retrieval import across, evaluate_retrieval, read_squad

    data = read_squad(file)
    if passages is not None:
        data = across(data, read_squad(passages))
    assistant = open_assistant()
    cache = assistant.settings.embedding_cache
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

    from rag.cli.progress_bars import index_progress
    from rag.embedding.sentence_transformer import SentenceTransformerEmbeddings
    from rag.errors import UsageError
    from rag.evaluation.ingest import measure_ingest

    assistant = open_assistant(corpus, "none")
    if not isinstance(assistant.embedder, SentenceTransformerEmbeddings):
        raise UsageError("Only a local embedding model can be measured; unset RAG_EMBEDDING.")
    settings = assistant.settings
    with index_progress() as progress:
        speed = measure_ingest(
            settings.corpus.expanduser(), assistant.embedder, settings.chunk_tokens, progress
        )
    if json_:
        ratios = {"ratio": round(speed.ratio, 4), "cpu_ratio": round(speed.cpu_ratio, 4)}
        print_json({**asdict(speed), **ratios})
        return
    print(f"{speed.notes} notes, {speed.passages} passages")
    print(f"bare embedder  {speed.passages / speed.raw_s:8.1f} passages/s")
    print(
        f"rag index      {speed.passages / speed.ingest_s:8.1f} passages/s  "
        f"({speed.ratio:.0%}; {speed.cpu_ratio:.0%} by processor time)"
    )
    print(f"again          {speed.again_s:8.2f} s, nothing changed")


@app.command()
def scale(
    passages: Annotated[
        list[int] | None, typer.Option(min=100, help="A size; give it several times. 规模")
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(help="auto, flat, hnsw, ivf or ivfpq; several times to compare. 索引类型"),
    ] = None,
    questions: Annotated[int, typer.Option(min=1, help="Questions asked.")] = 100,
    check: Annotated[int, typer.Option(min=0, help="Synthetic passages really embedded.")] = 32,
    out: Annotated[Path | None, typer.Option(help="Folder of indexes, JSON and plot.")] = None,
    corpus: Corpus = None,
    json_: Json = False,
) -> None:
    """Build time, bytes a passage, recall and latency of 1e3 to 1e6 synthetic passages. 规模评测

    Ratios are to bare faiss.IndexFlatIP and bare bm25s in the same run. Writes scale.json and
    scale.png.
    """
    from dataclasses import asdict
    from importlib.util import find_spec

    from rag.cli.progress_bars import console, index_progress
    from rag.errors import UsageError
    from rag.evaluation.scale.scale_run import measure, model_fidelity, real_base, write_report
    from rag.index.local.faiss_kinds import KINDS, KindName

    if find_spec("bm25s") is None:
        raise UsageError(
            "`rag eval scale` measures bm25s too, which is not installed; run "
            '`pip install -c constraints.txt -e ".[eval]"`. 评测还要测 bm25s，请先安装。'
        )
    kinds = kind or ["auto"]
    if unknown := set(kinds) - {"auto", *KINDS}:
        raise UsageError(f"There is no index kind '{unknown.pop()}'; use auto, {', '.join(KINDS)}.")
    assistant = open_assistant(corpus, "none")
    settings, embedder = assistant.settings, assistant.embedder
    folder = out or settings.data_dir / "scale"
    folder.mkdir(parents=True, exist_ok=True)
    cache = settings.embedding_cache
    costs: list[Cost] = []
    with index_progress() as progress:
        base = real_base(settings.corpus.expanduser(), embedder, settings.chunk_tokens, cache,
                         questions, progress)  # fmt: skip
        near = model_fidelity(base, embedder, cache, check) if check else None
        about = {"base_chunks": len(base.chunks), "questions": len(base.questions),
                 "modelled_to_real_cosine": near}  # fmt: skip
        sizes = passages or [1000, 10_000, 100_000]
        for cost in measure(base, sizes, cast("list[KindName]", kinds), folder, embedder, progress):
            costs.append(cost)
            write_report(folder, about, costs)
    path, picture = write_report(folder, about, costs)
    if json_:
        print_json({**about, "costs": [{**asdict(c), "ratio": c.ratio} for c in costs]})
    else:
        _print_costs(costs)
        if near:
            print(
                f"modelled vector to real one: cosine {near[0]:.3f} (to a wrong one {near[1]:.3f})"
            )
    console.print(f"report 报告： {picture or path}", markup=False, soft_wrap=True)


def _print_costs(costs: "list[Cost]") -> None:
    measures: tuple[tuple[str, int, Callable[[Cost], float]], ...] = (
        ("build vectors, s", 1, lambda c: c.vectors_s),
        ("build BM25, s", 1, lambda c: c.words_s),
        ("write chunks, s", 1, lambda c: c.table_s),
        ("open, s", 2, lambda c: c.open_s),
        ("vectors + BM25, B/passage", 0, lambda c: c.mapped_bytes),
        ("resident, B/passage", 0, lambda c: c.resident_bytes),
        ("text, B/passage", 0, lambda c: c.text_bytes),
        ("chunk table, B/passage", 0, lambda c: c.table_bytes),
        ("recall@10", 3, lambda c: c.recall_at_10),
        ("dense p50, ms", 2, lambda c: c.dense[0]),
        ("dense p95, ms", 2, lambda c: c.dense[1]),
        ("BM25 p50, ms", 2, lambda c: c.lexical[0]),
        ("BM25 p95, ms", 2, lambda c: c.lexical[1]),
        ("fused p50, ms", 2, lambda c: c.fused[0]),
        ("fused p95, ms", 2, lambda c: c.fused[1]),
        ("bare IndexFlatIP p50, ms", 2, lambda c: c.bare_flat[0]),
        ("bare bm25s p50, ms", 2, lambda c: c.bare_bm25s[0]),
        ("fused / bare sum", 2, lambda c: c.ratio),
    )
    rows = [["", *(f"{c.passages} {c.kind}" for c in costs)]]
    rows += [[name, *(f"{value(c):.{digits}f}" for c in costs)] for name, digits, value in measures]
    print_table(rows)


@app.command()
def formats(
    files: Annotated[int, typer.Option(min=1, help="Files of each format.")] = 20,
    json_: Json = False,
) -> None:
    """Files a second of every format that can be read, from generated files. 各格式读取速度"""
    from dataclasses import asdict

    from rag.cli.progress_bars import index_progress
    from rag.evaluation.formats import measure_formats

    with index_progress() as progress:
        speeds = measure_formats(files, progress)
    if json_:
        print_json(
            [
                {**asdict(s), "files_per_s": round(s.files_per_s, 2), "mb_per_s": s.mb_per_s}
                for s in speeds
            ]
        )
        return
    rows = [["format", "files/s", "files/CPU-s", "MB/s", "characters/s"]]
    for s in speeds:
        rates = (s.files_per_s, s.files / s.cpu_s, s.mb_per_s, s.chars / s.seconds)
        rows.append([s.format, *(f"{rate:.1f}" for rate in rates)])
    print_table(rows)


def bench(corpus: Corpus = None, llm: Llm = None, json_: Json = False) -> None:
    """Measure this machine: answers, embedding, the model; say what to change. 本机测速"""
    from dataclasses import asdict

    from rag.evaluation.bench import run_bench, table

    assistant = open_assistant(corpus, llm)
    ready(assistant)
    spec = assistant.settings.llm
    found = run_bench(assistant, spec, lambda stage: print(f"… {stage}", file=sys.stderr))
    if json_:
        print_json(asdict(found))
        return
    features = ", ".join(found.features) or "no known features"
    print(f"{found.processor} ({features}); {found.cores} cores, {found.memory_mb} MB")
    print_table([list(row) for row in table(found)])
    for line in found.advice:
        print(f"- {line}")
