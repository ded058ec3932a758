"""Peak memory of `rag index` over many small notes: `python -m tests.benchmarks.memory 1000 10000`.

Each count is a build from nothing in a process of its own, texts embedded for real. `--onto` adds
the notes to an index that holds one already.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

CORPUS = Path(__file__).resolve().parents[2] / "corpus"
BUILD = """
import json, sys, time
from pathlib import Path
from rag.assistant import Assistant
from rag.settings import load_settings

def peak(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024

def stage(name, done, total):
    told.setdefault(f"at_{name}_mb", peak("self"))

settings = load_settings(corpus=Path(sys.argv[1]), data_dir=Path(sys.argv[2]), llm="none")
assistant, told = Assistant(settings), {}
assistant.embedder.embed_query("warm up")
told["before_mb"] = peak("self")
began = time.perf_counter()
report = assistant.build(stage)
told.update(notes=report.notes, chunks=report.chunks, embedded=report.embedded,
            seconds=time.perf_counter() - began, peak_mb=peak("self"))
readers = Path("/proc/self/task").glob("*/children")
told["reader_mb"] = max(peak(pid) for file in readers for pid in file.read_text().split())
print(json.dumps(told))
"""


def write_notes(folder: Path, count: int, length: int) -> None:
    """Different pieces of our own notes' text, one a file."""
    text = "\n".join(path.read_text("utf-8") for path in sorted(CORPUS.rglob("*.md")))
    step = (len(text) - length) // count
    folder.mkdir(exist_ok=True)
    for number in range(count):
        piece = text[number * step : number * step + length].replace("#", "")
        (folder / f"{number:06}.md").write_text(f"# Note {number}\n\n{piece}\n", "utf-8")


def build(notes: Path, data: Path) -> dict[str, float]:
    """Index `notes`; peak megabytes before, as each stage begins, at the end, and of the reader."""
    command = [sys.executable, "-c", BUILD, str(notes), str(data)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {name: round(value, 1) for name, value in told.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", type=int, nargs="*", default=[1000, 10_000])
    parser.add_argument("--length", type=int, default=300, help="characters of a note")
    parser.add_argument("--onto", action="store_true")
    given = parser.parse_args()
    for count in given.counts:
        with tempfile.TemporaryDirectory() as folder:
            notes, data = Path(folder) / "notes", Path(folder) / "data"
            if given.onto:
                write_notes(notes, 1, given.length)
                build(notes, data)
            write_notes(notes, count, given.length)
            print(json.dumps(build(notes, data)), flush=True)
