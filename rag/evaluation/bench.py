"""What this machine gives: `rag bench`, each figure beside the bare engine's in the same run."""

import os
import platform
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from rag.answer.events import Finished, FirstDraft
from rag.assistant import Assistant
from rag.embedding.sentence_transformer import SentenceTransformerEmbeddings
from rag.errors import RagError
from rag.evaluation.engine_build import built_for, unused
from rag.llm.model import LanguageModel
from rag.llm.verdict import belongs
from rag.processors import usable_cores

QUESTIONS = (
    "LoRA 的 rank 怎么选？", "What is the KV cache and why does it help?", "怎么缓解大模型幻觉",
    "How does DPO differ from PPO?", "ZeRO 三个阶段分别切分什么", "Explain FlashAttention",
    "GQA 和 MQA 的区别", "How do I evaluate a RAG system?", "BPE 是怎么训练的", "what is rope",
)  # fmt: skip
ROUNDS = 3
TEXTS = 96
JUDGED = 6  # sentences that the embedded model is asked about
QUICK = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8", "avx512_bf16",
         "asimd", "asimddp", "i8mm")  # fmt: skip
SLOW_ANSWER_S = 30.0
LEAST_MEMORY_MB = 4_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value.

    Attributes:
        bare: the same work by the engine alone, in the same run; None where there is no such thing.
    """

    name: str
    value: float
    unit: str
    bare: float | None = None


@dataclass(slots=True)
class Bench:
    """What was measured on which machine, and what would change it."""

    processor: str
    features: list[str]
    cores: int
    memory_mb: int
    figures: list[Figure] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)
    engine: list[str] | None = None  # what the embedded model's engine was built for

    def add(self, name: str, value: float, unit: str, bare: float | None = None) -> None:
        rounded = None if bare is None else round(bare, 3)
        self.figures.append(Figure(name, round(value, 3), unit, rounded))


def run_bench(assistant: Assistant, llm: str, progress: Callable[[str], None]) -> Bench:
    """Measure opening, searching, answering, embedding, and the embedded model where it is there.

    Raises:
        RagError: there is no index, or the model cannot be loaded.
    """
    name, flags = processor()
    bench = Bench(name, flags, usable_cores(), machine_memory_mb())
    progress("first answer of a new process")
    bench.add("first answer of a new process, no model", cold_s(), "s")
    progress("answers without a model")
    with _timed() as clock:
        assistant.index()
        assistant.embedder.embed_query("warm up")
    bench.add("index and embedder opened", clock.seconds, "s")
    _answers(assistant, bench)
    progress("embedding")
    _embedding(assistant, bench)
    if llm != "none":
        progress("the embedded model")
        bench.engine = built_for() if llm == "local" or llm.startswith("gguf:") else None
        _model(assistant, llm, bench)
    if peak := peak_memory_mb():
        bench.add("memory of this process, at most", peak, "MB")
    bench.advice += advice_for(bench, assistant.settings.llm_threads, llm)
    return bench


def _answers(assistant: Assistant, bench: Bench) -> None:
    for question in QUESTIONS:
        assistant.answer(question, llm="none")
    seconds = []
    for _ in range(ROUNDS):
        for question in QUESTIONS:
            with _timed() as clock:
                assistant.answer(question, llm="none")
            seconds.append(clock.seconds)
    bench.add("answer without a model, p50", 1000 * statistics.median(seconds), "ms")
    bench.add("answer without a model, p95", 1000 * float(np.percentile(seconds, 95)), "ms")


def _embedding(assistant: Assistant, bench: Bench) -> None:
    store = assistant.index().store
    rows = list(range(0, len(store), max(1, len(store) // TEXTS)))[:TEXTS]
    texts = [document.page_content for document in store.fetch(rows).values()]
    embedder = assistant.embedder
    question = "How is the rank of LoRA chosen?"
    with _timed() as clock:
        for number in range(20):
            embedder.embed_query(f"{question} {number}")
    bench.add("questions embedded", 20 / clock.seconds, "/s")
    if not isinstance(embedder, SentenceTransformerEmbeddings):
        return
    ordered = sorted(texts, key=len)
    model = embedder.model  # loaded before the clock runs
    with _timed() as bare:
        model.encode(ordered, batch_size=32)
    with _timed() as ours:
        embedder.embed_documents(texts)
    bench.add(
        "passages embedded", len(texts) / ours.seconds, "/s", bare=len(texts) / bare.seconds
    )  # fmt: skip


def _model(assistant: Assistant, llm: str, bench: Bench) -> None:
    model = assistant.model(llm)
    if model is None:
        return
    with _timed() as clock:
        model.chat()
    bench.add(f"{llm}: loaded", clock.seconds, "s")
    for question in QUESTIONS[:2]:
        began, draft_s, answer_s = time.perf_counter(), 0.0, 0.0
        for event in assistant.ask(question, llm=llm):
            if isinstance(event, FirstDraft) and not draft_s:
                draft_s = time.perf_counter() - began
            if isinstance(event, Finished):
                answer_s = time.perf_counter() - began
    if draft_s:
        bench.add(f"{llm}: draft", draft_s, "s")
    bench.add(f"{llm}: final answer", answer_s, "s")
    bench.add(f"{llm}: prompt read", _prompt_speed(model), "tokens/s")
    if model.judges:
        sentence = (
            "LoRA freezes the pretrained weights and trains two low-rank matrices, number {}."
        )
        with _timed() as clock:
            for number in range(JUDGED):
                belongs(model, QUESTIONS[0], "LoRA", sentence.format(number))
        bench.add(f"{llm}: one sentence judged", clock.seconds / JUDGED, "s")
    with _timed() as clock:
        reply = model.chat().bind(max_tokens=48).invoke("Count from one to forty in words.")
    usage = getattr(reply, "usage_metadata", None) or {}
    timings = reply.response_metadata.get("timings") or {}
    written = usage.get("output_tokens") or 48
    bench.add(
        f"{llm}: written", written / clock.seconds, "tokens/s",
        bare=timings.get("predicted_per_second"),
    )  # fmt: skip


def _prompt_speed(model: LanguageModel) -> float:
    """Prompt tokens a second of a text that the engine has not read before."""
    text = f"{time.time_ns()}: " + " ".join(QUESTIONS * 4)
    with _timed() as clock:
        reply = model.chat().bind(max_tokens=1).invoke(text)
    usage = getattr(reply, "usage_metadata", None) or {}
    return float(usage.get("input_tokens") or 0) / clock.seconds


def advice_for(bench: Bench, threads: int, llm: str) -> Iterator[str]:
    by_name = {figure.name: figure for figure in bench.figures}
    if threads != bench.cores:
        yield (
            f"The embedded model uses {threads} threads on {bench.cores} cores: unset "
            "RAG_LLM_THREADS. 线程数与核数不符，请取消该设置。"
        )
    if f"{llm}: final answer" in by_name and (idle := unused(bench.features, bench.engine)):
        yield (
            f"The engine does not use this processor's {', '.join(idle)}: `make native` builds one "
            "that does: with AVX-512 VNNI it reads prompts 1.8 times as fast. 引擎没有用上"
            "这些指令，可运行 make native 重新编译：有 AVX-512 VNNI 时读提示快到 1.8 倍。"
        )
    final = by_name.get(f"{llm}: final answer")
    if final and final.value > SLOW_ANSWER_S:
        yield (
            "The embedded model is slow here: `--llm none` answers at once with the notes' own "
            "sentences; a model behind an API (`--llm openai:NAME`) writes. 内置模型在本机较慢，"
            "可用 --llm none 或 API 模型。"
        )
    if bench.memory_mb < LEAST_MEMORY_MB and llm != "none":
        yield "Less than 4 GB of memory: use `--llm none`. 内存不足 4 GB，请用 --llm none。"
    if platform.machine() in {"x86_64", "AMD64"} and "avx2" not in bench.features:
        yield "No AVX2: embedder and model run many times slower. 处理器没有 AVX2，会慢很多。"


class _Clock:
    seconds = 0.0


@contextmanager
def _timed() -> Iterator[_Clock]:
    clock = _Clock()
    began = time.perf_counter()
    yield clock
    clock.seconds = max(time.perf_counter() - began, 1e-9)


def cold_s() -> float:
    """Seconds of `rag ask` as a user starts it."""
    command = [sys.executable, "-m", "rag", "ask", QUESTIONS[0], "--llm", "none", "--json"]
    with _timed() as clock:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RagError(f"`rag ask` failed: {done.stderr.strip() or done.stdout.strip()}")
    return clock.seconds


def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> tuple[str, list[str]]:
    """The processor's name, and which of its features matter here ([] where nothing tells)."""
    try:
        text = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or platform.machine(), []
    name = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    flags = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", text, re.MULTILINE)
    known = set(flags[1].split()) if flags else set()
    return (name[1].strip() if name else platform.machine()), [f for f in QUICK if f in known]


def peak_memory_mb() -> float:
    """Most memory that this process has held; 0 where nothing tells (Windows)."""
    try:
        import resource
    except ImportError:
        return 0.0
    kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kib / (2**20 if sys.platform == "darwin" else 2**10)


def machine_memory_mb() -> int:
    """Memory of the machine; 0 where nothing tells."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    except (AttributeError, ValueError, OSError):
        return 0


def table(bench: Bench) -> Sequence[Sequence[str]]:
    """Rows of text: what, value, bare engine, ratio."""
    rows = [["", "here", "bare engine", "ratio"]]
    for figure in bench.figures:
        bare = "" if figure.bare is None else f"{figure.bare:.3g} {figure.unit}"
        ratio = f"{figure.value / figure.bare:.2f}" if figure.bare else ""
        rows.append([figure.name, f"{figure.value:.3g} {figure.unit}", bare, ratio])
    return rows
