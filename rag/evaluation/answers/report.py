"""The report of `rag eval answers`: JSON for machines, one HTML page with plots for people."""

import html
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rag.errors import UsageError
from rag.evaluation.answers.answer_run import Record, by_kind, summarise
from rag.evaluation.json_files import read_json
from rag.storage.atomic import write_atomic

FIGURES = {
    "questions": "questions",
    "accuracy": "answer accuracy (gold string contained)",
    "accuracy_without_abstention": "… had it not been allowed to abstain",
    "abstention": "abstention on unanswerable questions",
    "false_abstention": "false abstention on answerable ones",
    "gold_note_cited": "answers that cite a gold note",
    "citation_recall": "citation recall (ALCE)",
    "citation_precision": "citation precision (ALCE)",
    "exact_quotes": "quotes that stand in the note at their span",
    "sentences": "sentences given",
    "dropped_sentences": "sentences dropped as unsupported",
    "prompt_tokens": "prompt tokens (mean)",
    "completion_tokens": "completion tokens (mean)",
    "first_token_s": "time to first token, s (median)",
    "total_s": "time to the verified end, s (median)",
}
_SHARES = [
    "accuracy",
    "abstention",
    "false_abstention",
    "citation_recall",
    "citation_precision",
    "gold_note_cited",
]
_STYLE = (
    "body{font:16px/1.5 system-ui,'Noto Sans CJK SC',sans-serif;max-width:70rem;margin:2rem auto;"
    "padding:0 1rem}table{border-collapse:collapse;margin:1rem 0}td,th{border:1px solid #ccc;"
    "padding:.25rem .6rem;text-align:left;vertical-align:top}td.n{text-align:right}"
    "tr.bad td{background:#fff0f0}svg{max-width:100%;height:auto}"
)


def report_data(about: Mapping[str, Any], records: Sequence[Record]) -> dict[str, Any]:
    """Everything that the report holds, ready for JSON."""
    systems = {}
    for system in dict.fromkeys(record.system for record in records):
        own = [record for record in records if record.system == system]
        systems[system] = {**summarise(own), "kinds": by_kind(own)}
    return {"about": dict(about), "systems": systems, "records": [asdict(r) for r in records]}


def write_report(folder: Path, data: Mapping[str, Any]) -> tuple[Path, Path]:
    """Write `report.json` and `report.html` into a folder; their paths."""
    as_json, as_html = folder / "report.json", folder / "report.html"
    write_atomic(as_json, json.dumps(data, ensure_ascii=False, indent=1).encode())
    write_atomic(as_html, render_html(data).encode())
    return as_json, as_html


def read_report(path: Path) -> dict[str, Any]:
    """A `report.json`, or the folder that holds one.

    Raises:
        UsageError: it cannot be read or is no such report.
    """
    data = read_json(path / "report.json" if path.is_dir() else path)
    if not isinstance(data, dict) or "systems" not in data:
        raise UsageError(f"{path} is no report of `rag eval answers`; name its report.json.")
    return data


def table(columns: Mapping[str, Mapping[str, Any]]) -> list[list[str]]:
    """Rows of text: a head, then one figure a row with a cell for each column."""
    rows = [["", *columns]]
    for name, label in FIGURES.items():
        values = [column.get(name) for column in columns.values()]
        if any(value is not None for value in values):
            rows.append([label, *(_cell(value) for value in values)])
    return rows


def columns_of(data: Mapping[str, Any], prefix: str = "") -> dict[str, Mapping[str, Any]]:
    """One column for each system and language of a report."""
    return {
        f"{prefix}{system} {language}": figures
        for system, languages in data["systems"].items()
        for language, figures in languages.items()
        if language != "kinds"
    }


def render_html(data: Mapping[str, Any]) -> str:
    """One page that needs no other file; all texts are escaped."""
    about = ", ".join(f"{name}: {value}" for name, value in data["about"].items())
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>rag eval answers</title>",
        f"<style>{_STYLE}</style><h1>rag eval answers · 回答评测</h1><p>{html.escape(about)}</p>",
        _html_table(table(columns_of(data))),
        _plots(data),
    ]
    for system, languages in data["systems"].items():
        if languages.get("kinds"):
            parts.append(f"<h2>{html.escape(system)}: kinds of questions</h2>")
            parts.append(_html_table(table(languages["kinds"])))
    parts.append("<h2>Every answer</h2><table><tr><th>question<th>answer<th>marks</tr>")
    for record in data["records"]:
        good = record["correct"] is not False and record["abstained"] != record["answerable"]
        marks = (
            f"{record['system']}, {record['kind']}; "
            f"{'answerable' if record['answerable'] else 'unanswerable'}; "
            f"{'abstained' if record['abstained'] else 'answered'}; correct: {record['correct']}; "
            f"recalled {sum(record['recalled'])}/{len(record['recalled'])}"
        )
        cells = "".join(
            f"<td>{html.escape(str(text))}</td>"
            for text in (record["question"], record["answer"], marks)
        )
        parts.append(f"<tr class='{'' if good else 'bad'}'>{cells}</tr>")
    return "".join([*parts, "</table></html>"])


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _html_table(rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{html.escape(text)}" for text in rows[0])
    body = "".join(
        f"<tr><td>{html.escape(row[0])}"
        + "".join(f"<td class='n'>{html.escape(text)}" for text in row[1:])
        for row in rows[1:]
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _plots(data: Mapping[str, Any]) -> str:
    """SVG: bars of the shares and, where there is a confidence, how abstention trades."""
    try:
        import matplotlib
    except ImportError:
        return "<p>For plots: pip install matplotlib</p>"
    matplotlib.use("svg")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4), layout="constrained")
    bars, curve = figure.subplots(1, 2)
    systems = {name: languages["all"] for name, languages in data["systems"].items()}
    width = 0.8 / max(1, len(systems))
    for number, (name, figures) in enumerate(systems.items()):
        heights = [figures[share] or 0.0 for share in _SHARES]
        bars.bar([x + number * width for x in range(len(_SHARES))], heights, width, label=name)
    bars.set_xticks(range(len(_SHARES)), [s.replace("_", "\n") for s in _SHARES], fontsize=8)
    bars.set_ylim(0, 1)
    bars.legend()
    scored = [r for r in data["records"] if r["confidence"] is not None]
    yes = sorted(r["confidence"] for r in scored if r["answerable"])
    no = sorted(r["confidence"] for r in scored if not r["answerable"])
    if yes and no:
        cuts = sorted({0.0, *yes, *no, 1.0})
        curve.plot(
            [sum(p < cut for p in yes) / len(yes) for cut in cuts],
            [sum(p < cut for p in no) / len(no) for cut in cuts],
        )
        curve.set_xlabel("false abstention")
        curve.set_ylabel("abstention on unanswerable")
        curve.set_title("ours, by confidence")
    else:
        curve.set_axis_off()
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg")
    text = buffer.getvalue()
    return text[text.index("<svg") :]
