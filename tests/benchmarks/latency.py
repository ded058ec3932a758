"""What answering costs above the bare engine: `python -m tests.benchmarks.latency [--limit N]`.

Asks our example questions with the embedded LLM. Every request that an answer sends is recorded
and sent again, byte for byte, straight to llama.cpp by httpx. Before each of the two runs the same
prompt goes through the engine, so that both find the same KV cache. Prints, a question a line, our
times to evidence, first token and verified answer, the bare engine's to first token and end, and
the medians of the ratios.
"""

import argparse
import json
import statistics
import time
from typing import Any

import httpx

from rag.answer.events import Draft, EvidenceFound, Finished
from rag.assistant import Assistant
from rag.settings import load_settings
from ui.wording import EXAMPLES

PRIMER = {"messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 1}


def ours(assistant: Assistant, question: str) -> dict[str, Any]:
    """Seconds of one answer of the product."""
    began = time.perf_counter()
    found: dict[str, Any] = {}
    for event in assistant.ask(question):
        now = time.perf_counter() - began
        if isinstance(event, EvidenceFound):
            found["evidence_s"] = now
        elif isinstance(event, Draft):
            found.setdefault("first_s", now)
        elif isinstance(event, Finished):
            found["total_s"] = now
            found["citations"] = (
                "abstained" if event.answer.abstained else len(event.answer.citations)
            )
    return found


def bare(client: httpx.Client, requests: list[tuple[str, bytes]]) -> dict[str, float]:
    """Seconds of the same requests, sent by hand; tokens a second of the streamed one."""
    began = time.perf_counter()
    found: dict[str, float] = {}
    for url, body in requests:
        tokens = 0
        with client.stream("POST", url, content=body) as reply:
            reply.raise_for_status()
            for line in reply.iter_lines():
                if not line.startswith("data: {"):
                    continue
                choices = json.loads(line[6:])["choices"]
                if choices and choices[0]["delta"].get("content"):
                    tokens += 1
                    found.setdefault("first_s", time.perf_counter() - began)
        if tokens > 1:
            seconds = time.perf_counter() - began - found["first_s"]
            found["tokens_per_s"] = (tokens - 1) / seconds
    found["total_s"] = time.perf_counter() - began
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=int)
    given = parser.parse_args()
    assistant = Assistant(load_settings(llm="local"))
    if not assistant.has_index():
        assistant.build()
    assistant.answer("什么是大模型?")
    model = assistant.model()
    assert model is not None
    chat: Any = model.chat()
    requests: list[tuple[str, bytes]] = []
    chat.root_client._client.event_hooks["request"].append(
        lambda request: requests.append((str(request.url), request.read()))
    )
    key = chat.openai_api_key.get_secret_value()
    client = httpx.Client(
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        limits=httpx.Limits(max_keepalive_connections=0),  # llama.cpp drops idle ones
        timeout=300,
    )
    url = f"{chat.openai_api_base}/chat/completions"
    rows = []
    for question in [*EXAMPLES["zh"], *EXAMPLES["en"]][: given.limit]:
        client.post(url, json=PRIMER).raise_for_status()
        requests.clear()
        mine = ours(assistant, question)
        client.post(url, json=PRIMER).raise_for_status()
        theirs = bare(client, list(requests))
        rows.append((mine, theirs))
        print(json.dumps({"question": question, "ours": mine, "bare": theirs}, ensure_ascii=False))
    answered = [
        (mine, theirs) for mine, theirs in rows if "first_s" in mine and "first_s" in theirs
    ]
    print(
        json.dumps(
            {
                "questions": len(rows),
                "first token, ours / bare": ratio(answered, "first_s"),
                "whole answer, ours / bare": ratio(rows, "total_s"),
                "first token, median s": statistics.median(m["first_s"] for m, _ in answered),
                "whole answer, median s": statistics.median(m["total_s"] for m, _ in rows),
            }
        )
    )


def ratio(rows: list[tuple[dict[str, Any], dict[str, float]]], name: str) -> float:
    """Median over questions of our seconds by the bare engine's."""
    return round(statistics.median(mine[name] / theirs[name] for mine, theirs in rows), 4)


if __name__ == "__main__":
    main()
