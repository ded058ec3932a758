"""`rag eval answers`, `nuggets` and `compare`: how good are answers?"""

from pathlib import Path
from typing import Annotated

import typer

from rag.cli.common import (
    Corpus,
    Json,
    Llm,
    load_model,
    open_assistant,
    print_json,
    print_table,
    ready,
)


def answers(
    file: Annotated[
        Path,
        typer.Argument(
            help="JSON lines: {query, answer, positive, negative} as RGB has them, or "
            "{question, answerable, gold: [{note, quote}], answer?}."
        ),
    ],
    llm: Llm = None,
    corpus: Corpus = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Ask this many, evenly drawn.")] = None,
    baseline: Annotated[bool, typer.Option(help="Ask the plain recipe too. 对照基线")] = False,
    noise: Annotated[float, typer.Option(min=0, max=1, help="RGB: negatives' share.")] = 0.6,
    passages: Annotated[int, typer.Option(min=1, help="RGB: passages shown.")] = 5,
    out: Annotated[Path | None, typer.Option(help="Folder of records and report.")] = None,
    fresh: Annotated[bool, typer.Option(help="Forget an earlier, broken-off run.")] = False,
    json_: Json = False,
) -> None:
    """Accuracy, abstention, citation recall and precision, tokens and times. 回答评测

    A broken-off run goes on where it stopped. Writes report.json and report.html.
    """
    from rag.cli.progress_bars import console, index_progress
    from rag.evaluation.answers.answer_run import Runner, run_folder
    from rag.evaluation.answers.answer_set import read_answer_set, sample
    from rag.evaluation.answers.report import columns_of, report_data, table, write_report

    questions = sample(read_answer_set(file, noise, passages), limit)
    assistant = open_assistant(corpus, llm)
    spec = assistant.settings.llm
    folder = out or run_folder(assistant.settings.data_dir, file, spec, noise, passages)
    folder.mkdir(parents=True, exist_ok=True)
    if fresh:
        (folder / "records.jsonl").unlink(missing_ok=True)
    load_model(assistant, assistant.settings.local_llm_writes)
    runner = Runner(assistant, questions)
    with index_progress() as progress:
        runner.prepare(folder, progress)
        records = runner.run(folder / "records.jsonl", spec, baseline, progress)
    about = {"file": file.name, "llm": spec, "noise": noise, "questions": len(questions)}
    data = report_data(about, records)
    _, page = write_report(folder, data)
    if json_:
        print_json({name: value for name, value in data.items() if name != "records"})
    else:
        print_table(table(columns_of(data)))
    console.print(f"report 报告： {page}", markup=False, soft_wrap=True)


def nuggets(
    file: Annotated[
        Path,
        typer.Argument(
            help="JSON lines: {question, lang, nuggets: [{text, vital, note, quote}]}; `quotes` "
            "for several places, `half` tune or held."
        ),
    ],
    llm: Llm = None,
    corpus: Corpus = None,
    half: Annotated[str, typer.Option(help="tune, held or all.")] = "held",
    limit: Annotated[int | None, typer.Option(min=1, help="Ask the first so many.")] = None,
    baseline: Annotated[bool, typer.Option(help="Ask the plain recipe too. 对照基线")] = False,
    before: Annotated[
        Path | None, typer.Option(help="nuggets.json of an earlier version, beside it. 与旧版对照")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of records and report.")] = None,
    json_: Json = False,
) -> None:
    """Vital facts stated, useful sentences, wrong and right refusals. 要点召回评测

    Writes nuggets.json and nuggets.html with the answers side by side.
    """
    from rag.cli.progress_bars import console, index_progress
    from rag.errors import UsageError
    from rag.evaluation.nuggets import nugget_run
    from rag.evaluation.nuggets.nugget_set import read_nuggets

    if half not in {"tune", "held", "all"}:
        raise UsageError("--half is tune, held or all.")
    questions = read_nuggets(file, "" if half == "all" else half)[:limit]
    earlier = nugget_run.records_before(before, questions) if before else []
    assistant = open_assistant(corpus, llm)
    spec = assistant.settings.llm
    ready(assistant)
    load_model(assistant, assistant.settings.local_llm_writes)
    lost = nugget_run.lost_quotes(assistant, questions)
    for text in lost:
        console.print(f"not in the notes: {text}", markup=False, soft_wrap=True)
    with index_progress() as progress:
        records = nugget_run.ask_all(assistant, questions, spec, progress)
        if baseline:
            records += nugget_run.ask_plainly(assistant, questions, spec, progress)
    records += earlier
    about = {
        "file": file.name, "half": half, "llm": spec, "lost_quotes": len(lost),
        "stated_in_notes": {lang: nugget_run.stated_in_notes(questions, lang)
                            for lang in ("zh", "en")},
    }  # fmt: skip
    folder = out or assistant.settings.data_dir / "nuggets"
    page = nugget_run.write_nugget_report(folder, about, records)
    figures = nugget_run.summary(records)
    if json_:
        print_json({**about, "figures": figures})
    else:
        names = list(next(iter(figures.values()), {}))
        rows = [["", *figures], *([n, *(str(f[n]) for f in figures.values())] for n in names)]
        print_table(rows)
    console.print(f"report 报告： {page}", markup=False, soft_wrap=True)


def compare(
    first: Annotated[Path, typer.Argument(help="A report.json, or its folder.")],
    second: Annotated[Path, typer.Argument(help="Another.")],
) -> None:
    """Two reports of `rag eval answers` side by side. 对比两次评测"""
    from rag.evaluation.answers.report import columns_of, read_report, table

    columns = {**columns_of(read_report(first), "A: "), **columns_of(read_report(second), "B: ")}
    print_table(table(columns))
