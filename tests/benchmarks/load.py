"""Many askers at once: `python -m tests.benchmarks.load --llm none --askers 50 --seconds 300`.

Asks one shared assistant from threads, as the web server does, first alone and then together; stops
by itself. Prints answers, refusals by the full queue, errors, p50/p95, throughput and resident
memory before and after, one JSON object a line.
"""

import argparse
import json
import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from rag.assistant import Assistant
from rag.errors import BusyError, RagError
from rag.settings import load_settings
from ui.text import EXAMPLES

QUESTIONS = [*EXAMPLES["zh"], *EXAMPLES["en"]]


def resident_mb() -> float:
    """This process' resident memory."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise AssertionError("unreachable")


def load(ask: Callable[[str], object], askers: int, seconds: float) -> dict[str, object]:
    """Let `askers` threads ask one question after another for `seconds`."""
    times: list[float] = []
    outcomes: Counter[str] = Counter()
    lock = threading.Lock()
    end = time.monotonic() + seconds

    def run(seed: int) -> None:
        pick = random.Random(seed)
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
            if outcome == "refused":
                time.sleep(1.0)  # as a person would who reads "try again in a minute"

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(askers)]
    before, began = resident_mb(), time.monotonic()
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
        "rss_mb": [round(before), round(resident_mb())],
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--llm", default="none")
    parser.add_argument("--askers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=300)
    given = parser.parse_args()
    assistant = Assistant(load_settings(llm=given.llm))
    if not assistant.has_index():
        assistant.build()
    assistant.warm()
    alone = load(assistant.answer, 1, min(10.0, given.seconds))
    print(json.dumps({"askers": 1, **alone}, ensure_ascii=False), flush=True)
    result = load(assistant.answer, given.askers, given.seconds)
    print(json.dumps({"askers": given.askers, **result}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
