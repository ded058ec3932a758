"""`rag bench` measures this machine, and says what to change."""

import sys
from types import SimpleNamespace

import pytest

from rag.evaluation import bench
from rag.evaluation.bench import Bench, processor, run_bench, table
from rag.evaluation.engine_build import built_for, unused

CPUINFO = """processor\t: 0
model name\t: Some CPU @ 2.0GHz
flags\t\t: fpu sse2 avx2 avx512f avx512_vnni
"""


def test_the_processor_is_named_with_what_matters(tmp_path):
    (tmp_path / "cpuinfo").write_text(CPUINFO)
    assert processor(tmp_path / "cpuinfo") == (
        "Some CPU @ 2.0GHz", ["avx2", "avx512f", "avx512_vnni"],
    )  # fmt: skip
    assert processor(tmp_path / "none")[1] == []


def test_each_figure_is_measured(assistant, monkeypatch):
    monkeypatch.setattr(bench, "QUESTIONS", ("LoRA 的原理是什么?", "键值缓存的代价是什么?"))
    monkeypatch.setattr(bench, "cold_s", lambda: 1.0)
    assistant.build()
    found = run_bench(assistant, "none", lambda stage: None)
    values = {figure.name: figure.value for figure in found.figures}
    assert values["answer without a model, p95"] >= values["answer without a model, p50"] > 0
    assert values["passages embedded"] > 0
    rows = table(found)
    assert len({len(row) for row in rows}) == 1 and len(rows) == len(found.figures) + 1


WHEEL = "CPU : SSE3 = 1 | AVX = 1 | AVX2 = 1 | F16C = 1 | FMA = 1 | LLAMAFILE = 1 | REPACK = 1 | "
NATIVE = f"{WHEEL}AVX512 = 1 | AVX512_VNNI = 1 | AVX512_BF16 = 1 | "


@pytest.mark.parametrize(
    ("flags", "build", "idle"),
    [
        (["avx2"], WHEEL, []),
        (["avx2", "avx512f", "avx512_vnni"], WHEEL, ["avx512f", "avx512_vnni"]),
        (["avx2", "avx512f", "avx512_vnni"], NATIVE, []),
        (["avx2", "avx_vnni"], NATIVE, ["avx_vnni"]),
        (["asimd", "asimddp", "i8mm"], "CPU : NEON = 1 | ARM_FMA = 1 | ", ["asimddp", "i8mm"]),
        (["avx512f"], "", []),
    ],
)
def test_what_the_engine_does_not_use_of_the_processor(monkeypatch, flags, build, idle):
    monkeypatch.setitem(sys.modules, "xllamacpp", SimpleNamespace(get_system_info=lambda: build))
    made = Bench("CPU", flags, 2, 16_000, engine=built_for())
    made.add("local: final answer", 9.0, "s")
    assert unused(flags, made.engine) == idle
    told = " ".join(bench.advice_for(made, 2, "local"))
    assert ("make native" in told) == bool(idle)
    assert all(name in told for name in idle)


@pytest.mark.parametrize(
    ("figures", "threads", "said"),
    [
        ([("local: final answer", 45.0)], 2, "--llm none"),
        ([("local: final answer", 9.0)], 8, "RAG_LLM_THREADS"),
        ([("local: final answer", 9.0)], 2, ""),
    ],
)
def test_advice_is_given_where_something_would_change(figures, threads, said):
    made = Bench("CPU", ["avx2"], 2, 16_000)
    for name, value in figures:
        made.add(name, value, "s")
    told = " ".join(bench.advice_for(made, threads, "local"))
    assert said in told and bool(said) == bool(told)
