"""Time to evidence, first token and verified answer: `python -m tests.benchmarks.latency`.

Asks our example questions with the embedded LLM, after one question that warms it.
"""

import statistics
import time

from rag.answers import Draft, EvidenceFound, Finished
from rag.assistant import Assistant
from rag.settings import load_settings
from ui.text import EXAMPLES

if __name__ == "__main__":
    assistant = Assistant(load_settings())
    if not assistant.has_index():
        assistant.build()
    assistant.answer("什么是大模型?")
    rows = []
    for question in [*EXAMPLES["zh"], *EXAMPLES["en"]]:
        began = time.perf_counter()
        evidence = first = 0.0
        for event in assistant.ask(question):
            now = time.perf_counter() - began
            if isinstance(event, EvidenceFound):
                evidence = now
            elif isinstance(event, Draft):
                first = first or now
            elif isinstance(event, Finished):
                answer = event.answer
        rows.append((evidence, first, time.perf_counter() - began))
        usage = answer.usage or {}
        print(
            f"evidence {evidence:6.3f} s, first token {first:6.2f} s, answer {rows[-1][2]:6.2f} s, "
            f"{usage.get('prompt_tokens', 0)} prompt + {usage.get('completion_tokens', 0)} tokens, "
            f"{'abstained' if answer.abstained else len(answer.citations)} citations: {question}"
        )
    print("median", *(f"{statistics.median(column):.3f} s" for column in zip(*rows, strict=True)))
