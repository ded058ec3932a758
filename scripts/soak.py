"""Mixed work with random kills; afterwards every invariant must hold.

    python scripts/soak.py MINUTES [--seed 1] [--keep FOLDER] [--browsers 2]

A server, clients of its OpenAI and Gradio interfaces, an MCP client that also practises, the
command line (index, practice, chat, exports, collections), the Notes page's uploads and deletions,
and somebody who edits, renames and deletes notes work on one data folder. Servers, commands and
uploads are killed (SIGKILL) at random. No language model, and nothing but this machine is asked.
Exit status 1 and a line for each fault; needs the extras `mcp` and `dev`, real browsers Chromium.
"""

import argparse
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from soak_checks import children, faults_of
from soak_work import (
    NOTES,
    RAG,
    ask_mcp,
    ask_openai,
    ask_page,
    browse,
    change_notes,
    chat,
    practise,
    serve,
    use_notes_page,
)

REPOSITORY = Path(__file__).resolve().parents[1]
KILLED_SHARE = 0.15


class Soak:
    """One run: its folder, its clock, what was done and what went wrong."""

    def __init__(self, folder: Path, minutes: float, seed: int, browsers: int = 0) -> None:
        self.folder, self.seed, self.browsers = folder, seed, browsers
        self.notes, self.data = folder / "notes", folder / "data"
        self.ends = time.monotonic() + 60 * minutes
        self.done: Counter[str] = Counter()
        self.faults: list[str] = []
        self.said: dict[str, list[str]] = {"attempts": [], "chats": []}  # what was confirmed
        self.memory: list[list[float]] = []  # megabytes of each server, sampled
        self.server: subprocess.Popen[bytes] | None = None
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        self.environment = {
            **os.environ, "RAG_CORPUS": str(self.notes), "RAG_DATA_DIR": str(self.data),
            "RAG_LLM": "none", "PYTHONPATH": str(REPOSITORY), "NO_PROXY": "127.0.0.1",
        }  # fmt: skip

    @property
    def going_on(self) -> bool:
        return time.monotonic() < self.ends

    def fault(self, text: str) -> None:
        self.faults.append(text)
        print("FAULT", text, flush=True)

    def prepare(self) -> None:
        """A share of our notes, indexed."""
        self.notes.mkdir()
        for path in sorted((REPOSITORY / "corpus").rglob("*.md"))[: NOTES * 12 : 12]:
            shutil.copy(path, self.notes / path.name)
        done = self.command("index")
        if done is None or done.returncode:
            raise SystemExit(f"The notes could not be indexed: {done and done.stderr}")

    def command(
        self, *arguments: str, stdin: str = "", rng: random.Random | None = None
    ) -> subprocess.CompletedProcess[str] | None:
        """`rag …` to its end; with `rng` it may be killed on the way (None)."""
        process = subprocess.Popen(
            [*RAG, *arguments], env=self.environment, cwd=self.folder, encoding="utf-8",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        patience = rng.uniform(0.5, 6) if rng and rng.random() < KILLED_SHARE else 240.0
        try:
            out, err = process.communicate(stdin, timeout=patience)
        except subprocess.TimeoutExpired:
            left = children(process.pid)
            process.kill()
            process.communicate()
            if patience > 200:
                self.fault(f"rag {arguments[0]} did not end in {patience:.0f} s")
            self.done[f"{arguments[0]} killed"] += 1
            self.orphans(left, arguments[0])
            return None
        self.done[arguments[0]] += 1
        if "Traceback" in err:
            self.fault(f"rag {' '.join(arguments)[:80]}: {err[-600:]}")
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def orphans(self, pids: list[int], of: str) -> None:
        """None of a killed process' children may live on."""
        deadline = time.monotonic() + 10
        while left := [pid for pid in pids if children(pid, alive=True)]:
            if time.monotonic() > deadline:
                self.fault(f"{len(left)} processes outlive the {of} that was killed: {left}")
                return
            time.sleep(0.2)

    def run(self) -> None:
        """Everybody at work until the time is over."""
        workers: list[Callable[[Soak, random.Random], None]] = [
            serve, ask_openai, ask_page, ask_page, ask_mcp, change_notes, practise, chat,
            use_notes_page, *[browse] * self.browsers,
        ]  # fmt: skip

        def working(work: Callable[["Soak", random.Random], None], number: int) -> None:
            try:
                work(self, random.Random(self.seed * 100 + number))
            except Exception as error:
                self.fault(f"{work.__name__} broke: {type(error).__name__} {error}")

        threads = [
            threading.Thread(target=working, args=(work, n)) for n, work in enumerate(workers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("minutes", type=float)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder that is left for a look afterwards")
    parser.add_argument("--browsers", type=int, default=0, help="real ones (Chromium), beside")
    given = parser.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="soak-"))
    folder.mkdir(parents=True, exist_ok=True)
    soak = Soak(folder.resolve(), given.minutes, given.seed, given.browsers)
    soak.prepare()
    soak.run()
    for text in faults_of(soak):
        soak.fault(text)
    print(json.dumps(dict(sorted(soak.done.items())), ensure_ascii=False))
    for samples in soak.memory:
        print("server, MB:", [round(mb) for mb in samples[:: max(1, len(samples) // 8)]])
    print(f"{len(soak.faults)} faults")
    if given.keep is None:
        shutil.rmtree(folder)
    return 1 if soak.faults else 0


if __name__ == "__main__":
    sys.exit(main())
