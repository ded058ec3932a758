"""What the load benchmark needs over HTTP: a server of its own, its clients, notes that change."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import httpx

from rag.assistant import Assistant
from rag.errors import BusyError, ModelError
from rag.library.accounts import Accounts
from rag.settings import Settings

REINDEX_EVERY_S = 20.0
START_S = 300.0
_RAG = [sys.executable, "-c", "from rag.cli.main import main; main()"]


def copy_of(settings: Settings, folder: Path) -> Settings:
    """Settings over a copy of the notes, indexed, that may be changed at will.

    Embeddings are copied, so that nothing is embedded twice.
    """
    shutil.copytree(settings.corpus, folder / "notes")
    made = settings.model_copy(update={"corpus": folder / "notes", "data_dir": folder / "data"})
    if settings.embedding_cache.exists():
        made.embedding_cache.parent.mkdir(parents=True)
        shutil.copy(settings.embedding_cache, made.embedding_cache)
    Assistant(made).build()
    return made


def environment(settings: Settings) -> dict[str, str]:
    """For a command over these settings."""
    return {
        **os.environ, "RAG_CORPUS": str(settings.corpus), "RAG_DATA_DIR": str(settings.data_dir),
        "RAG_CACHE_DIR": str(settings.cache_dir), "RAG_LLM": settings.llm,
    }  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`rag serve --login` as a process of its own, with a login and a key for each asker."""

    def __init__(self, settings: Settings, port: int, askers: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        accounts = Accounts(settings.data_dir / "users.json")
        self.keys = []
        for number in range(askers):
            accounts.set(f"asker-{number}", "only for this run")
            self.keys.append(accounts.new_key(f"asker-{number}"))
        self._command = [*_RAG, "serve", "--login", "--port", str(port)]
        self._settings = settings

    def __enter__(self) -> Self:
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8")
        self._process = subprocess.Popen(
            self._command, env=environment(self._settings), stdout=self._log, stderr=self._log
        )
        self.pid = self._process.pid
        self._ready()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._log.close()

    def log_lines(self) -> dict[str, int]:
        """How many lines the server wrote since it started; those of its own log by level."""
        self._log.seek(0)
        counts: Counter[str] = Counter()
        for line in self._log:
            level = line.partition('"level": "')[2].partition('"')[0]
            counts[level or "other"] += 1
        return dict(counts)

    def _ready(self) -> None:
        """Wait until models are loaded: a first question was answered."""
        ask = asks_over_http(self.url, self._settings.llm, self.keys)(0)
        deadline = time.monotonic() + START_S
        while True:
            try:
                ask("What is LoRA?")
                return
            except httpx.ConnectError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self._log.seek(0)
                    raise SystemExit(
                        f"rag serve did not start: {self._log.read()[-2000:]}"
                    ) from None
                time.sleep(0.3)


def asks_over_http(
    url: str, llm: str, keys: Sequence[str]
) -> Callable[[int], Callable[[str], object]]:
    """The n-th asker's way to ask: a client of its own, with the n-th key (or the last one)."""

    def asks(number: int) -> Callable[[str], object]:
        key = keys[min(number, len(keys) - 1)]
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        client = httpx.Client(base_url=url, headers=headers, timeout=600)

        def ask(question: str) -> object:
            body = {"model": llm, "messages": [{"role": "user", "content": question}]}
            reply = client.post("/v1/chat/completions", json=body)
            if reply.is_success:
                return reply.json()["choices"][0]["message"]["content"]
            error = reply.json()["error"]
            if error["code"] == BusyError.__name__:
                raise BusyError(error["message"])
            raise ModelError(f"HTTP {reply.status_code}: {error['message']}")

        return ask

    return asks


class Reindexing:
    """Changes a note and indexes again, every now and then, until the block ends."""

    def __init__(self, settings: Settings) -> None:
        self.done = 0
        self.errors: list[str] = []
        self._settings = settings
        self._note = min(settings.corpus.rglob("*.md"))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(REINDEX_EVERY_S / 2):
            with self._note.open("a", encoding="utf-8") as note:
                note.write(f"\n这是第 {self.done + 1} 次补充的一句话。\n")
            ran = subprocess.run(
                [*_RAG, "index"], env=environment(self._settings), capture_output=True, text=True
            )
            if ran.returncode == 0 and " 1 changed" in ran.stdout:
                self.done += 1
            else:
                self.errors.append((ran.stderr or ran.stdout)[-300:])
            self._stop.wait(REINDEX_EVERY_S / 2)
