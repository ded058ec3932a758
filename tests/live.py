"""The web server over the small corpus, on a free port of this process."""

import socket
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rag.assistant import Assistant
from rag.settings import load_settings
from tests.conftest import KV, LORA, PPO
from ui.app import serve


def write_corpus(folder: Path) -> Path:
    """The small corpus under `folder`."""
    notes = folder / "notes"
    notes.mkdir(parents=True)
    for name, text in (("lora", LORA), ("kv", KV), ("ppo", PPO)):
        (notes / f"{name}.md").write_text(text, encoding="utf-8")
    return notes


def small_assistant(folder: Path, embedder: Any) -> Assistant:
    """An assistant without an LLM, its corpus written and indexed."""
    notes = write_corpus(folder)
    made = Assistant(load_settings(corpus=notes, data_dir=folder / "data", llm="none"))
    made.embedder = embedder
    made.build()
    return made


def start_server(
    assistant: Assistant,
    check_login: Callable[[str, str], bool] | None = None,
    key_owner: Callable[[str], str | None] | None = None,
    stamps: Callable[[], Mapping[str, str]] | None = None,
    prepare: Callable[[], object] = lambda: None,
) -> str:
    """The address of a server that runs until the tests end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    threading.Thread(
        target=serve,
        args=(assistant, "127.0.0.1", port, False, check_login, key_owner, stamps, prepare),
        daemon=True,
    ).start()
    deadline = time.monotonic() + 240
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return f"http://127.0.0.1:{port}"
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
