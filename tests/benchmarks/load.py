"""Many askers at once: `python -m tests.benchmarks.load --llm none --askers 50 --seconds 300`.

Asks one shared assistant from threads, as the web server does, first alone and then together; stops
by itself. Prints answers, refusals by the full queue, errors, p50/p95, throughput and resident
memory before and after, one JSON object a line.

`--http` does the same over HTTP, `/v1/chat/completions` not streamed, one client an asker, with a
`rag serve` of its own over a copy of the notes; each asker has a login and so a place of its own in
the fair queue. `--http URL` asks a server that runs already; there all askers come from one address
and share one place (as a key they give `--key`, or none). Memory is then the server's (`--pid`).
`--reindex` changes a note of the copy and runs `rag index` about every 20 seconds meanwhile.
"""

import argparse
import json
import random
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from pathlib import Path

from rag.assistant import Assistant
from rag.errors import BusyError, RagError
from rag.settings import load_settings
from tests.benchmarks.load_http import Reindexing, Server, asks_over_http, copy_of, free_port
from ui.wording import EXAMPLES

QUESTIONS = [*EXAMPLES["zh"], *EXAMPLES["en"]]
Ask = Callable[[str], object]


def resident_mb(pid: int | None) -> int | None:
    """A process' resident memory; None of one that is not known."""
    if pid is None:
        return None
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS"):
            return round(int(line.split()[1]) / 1024)
    raise AssertionError("unreachable")


def load(
    asks: Callable[[int], Ask], askers: int, seconds: float, pid: int | None
) -> dict[str, object]:
    """Let `askers` threads ask one question after another for `seconds`.

    Args:
        asks: gives the n-th asker's way to ask.
        pid: of the process whose memory is looked at.
    """
    times: list[float] = []
    outcomes: Counter[str] = Counter()
    lock = threading.Lock()
    end = time.monotonic() + seconds

    def run(seed: int) -> None:
        pick, ask = random.Random(seed), asks(seed)
        while time.monotonic() < end:
            began = time.perf_counter()
            try:
                ask(pick.choice(QUESTIONS))
                outcome = "answered"
            except BusyError:
                outcome = "refused"
            except RagError as error:
                outcome = f"error: {error}"
            except Exception as error:
                outcome = f"fault: {type(error).__name__}: {error}"
            took = time.perf_counter() - began
            with lock:
                outcomes[outcome] += 1
                if outcome == "answered":
                    times.append(took)
            if outcome != "answered":
                time.sleep(1.0)  # as a person would who reads "try again in a minute"

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(askers)]
    before, began = resident_mb(pid), time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - began
    ranked = sorted(times) or [float("nan")]
    return {
        "outcomes": dict(outcomes),
        "p50_s": round(statistics.median(ranked), 2),
        "p95_s": round(ranked[int(0.95 * (len(ranked) - 1))], 2),
        "answers_per_s": round(len(times) / took, 2),
        "rss_mb": [before, resident_mb(pid)],
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--llm", default="none")
    parser.add_argument("--askers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--http", nargs="?", const="", metavar="URL")
    parser.add_argument("--key", default="", help="bearer key for --http URL")
    parser.add_argument("--pid", type=int, help="process of --http URL")
    parser.add_argument("--reindex", action="store_true")
    given = parser.parse_args()
    if given.http and given.reindex:
        parser.error("--reindex works on a copy of the notes; leave the URL out")
    settings = load_settings(llm=given.llm)
    with ExitStack() as stack:
        server = None
        if given.reindex or given.http == "":
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="load-")))
            settings = copy_of(settings, folder)
        if given.http:
            asks, pid = asks_over_http(given.http, given.llm, [given.key]), given.pid
        elif given.http == "":
            server = stack.enter_context(Server(settings, free_port(), given.askers))
            asks, pid = asks_over_http(server.url, given.llm, server.keys), server.pid
        else:
            asks, pid = in_process(settings)
        alone = load(asks, 1, min(10.0, given.seconds), pid)
        print(json.dumps({"askers": 1, **alone}, ensure_ascii=False), flush=True)
        reindexing = Reindexing(settings) if given.reindex else None
        with reindexing or nullcontext():
            result = load(asks, given.askers, given.seconds, pid)
        if reindexing is not None:
            result |= {"reindexed": reindexing.done, "reindex_errors": reindexing.errors}
        if server is not None:
            result |= {"log_lines": server.log_lines()}
        print(json.dumps({"askers": given.askers, **result}, ensure_ascii=False), flush=True)


def in_process(settings) -> tuple[Callable[[int], Ask], int]:
    """One shared assistant of this process."""
    import os

    assistant = Assistant(settings)
    if not assistant.has_index():
        assistant.build()
    assistant.warm()

    def asks(number: int) -> Ask:
        return lambda question: assistant.answer(question, asker=f"asker {number}")

    return asks, os.getpid()


if __name__ == "__main__":
    main()
