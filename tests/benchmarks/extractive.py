"""What `--llm none` costs above retrieval: `python -m tests.benchmarks.extractive [--limit N]`.

Asks the notes' own questions; prints medians and p95 of bare retrieval (embedding of the question
included) and of the whole cited answer, and the median of their ratios.
"""

import argparse
import json
import statistics
import time

import numpy as np

from rag.assistant import Assistant
from rag.notes.note import Note
from rag.notes.topic import topic_of
from rag.readers.corpus import read_corpus
from rag.settings import load_settings


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=int, default=300)
    given = parser.parse_args()
    assistant = Assistant(load_settings(llm="none"))
    if not assistant.has_index():
        assistant.build()
    notes = [item for item in read_corpus(assistant.settings.corpus) if isinstance(item, Note)]
    every = [question for note in notes for question in topic_of(note).questions]
    picked = [every[n] for n in np.linspace(0, len(every) - 1, given.limit).astype(int)]
    assistant.answer(picked[0])
    bare, whole, cited = [], [], 0
    for question in picked:
        began = time.perf_counter()
        assistant.search(question, 10)
        bare.append(time.perf_counter() - began)
        began = time.perf_counter()
        cited += not assistant.answer(question).abstained
        whole.append(time.perf_counter() - began)
    print(
        json.dumps(
            {
                "questions": len(picked),
                "answered with citations": cited,
                "retrieval p50/p95, ms": [
                    round(1000 * q, 1) for q in np.quantile(bare, [0.5, 0.95])
                ],
                "answer p50/p95, ms": [round(1000 * q, 1) for q in np.quantile(whole, [0.5, 0.95])],
                "answer / retrieval, median": round(
                    statistics.median(w / b for w, b in zip(whole, bare, strict=True)), 2
                ),
            }
        )
    )


if __name__ == "__main__":
    main()
