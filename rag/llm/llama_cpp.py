"""The one local LLM engine: llama.cpp's server in this process.

Two engines on two cores spin against one another, so a process has at most one: that of its
`EngineHost`. An engine that stopped answering is discarded, and the next request starts another.
"""

import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from rag.errors import ModelError
from rag.llm.fair_queue import FairQueue
from rag.openmp import wait_briefly

_GGUF_MAGIC = b"GGUF"


_STOP_S = 5.0


class Engine(Protocol):
    """A running server that speaks OpenAI's protocol."""

    path: Path
    adapter: Path | None
    key: str
    base_url: str

    def stop(self) -> None:
        """Stop the server; a request that is being answered breaks off."""


class LlamaCpp:
    """A running llama.cpp server on a loopback port, behind a random key.

    Args:
        adapter: a LoRA adapter (GGUF) for these weights; a request that wants it says so, by
            `{"lora": [{"id": 0, "scale": 1}]}`.
    """

    def __init__(self, path: Path, threads: int, context: int, adapter: Path | None = None) -> None:
        wait_briefly()
        try:
            import xllamacpp
        except ImportError as error:
            raise ModelError(
                "The local LLM needs the package xllamacpp; run `pip install -c constraints.txt "
                '-e ".[local]"` or choose another model with --llm.'
            ) from error
        self.path = path
        self.adapter = adapter
        self.key = secrets.token_urlsafe(24)
        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.n_ctx = context
        params.n_parallel = 1
        params.cpuparams.n_threads = threads
        params.cpuparams_batch.n_threads = threads
        params.hostnames = ["127.0.0.1"]
        params.port = 0
        params.api_keys = [self.key]
        params.n_gpu_layers = 0
        params.verbosity = -1
        params.warmup = False
        params.ui = False
        params.fit_params = False
        params.cache_ram_mib = 0
        if adapter is not None:
            params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(adapter), 1.0)]
            params.lora_init_without_apply = True
        try:
            self._server: Any = xllamacpp.Server(params)
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelError(
                f"The model file {path} cannot be loaded by llama.cpp ({error}); "
                "check that it is a whole GGUF file."
            ) from error
        self.base_url = f"{self._server.listening_address}/v1"

    def stop(self) -> None:
        self._server = None


class EngineHost:
    """Runs one engine at a time, behind one queue.

    Args:
        queue: how many may wait for it.
        start: an engine for a GGUF file, with so many threads, so long a context, an adapter.
    """

    def __init__(
        self, queue: int = 16, start: Callable[[Path, int, int, Path | None], Engine] = LlamaCpp
    ) -> None:
        self.queue = FairQueue(queue)
        self._start = start
        self._engine: Engine | None = None
        self._lock = threading.Lock()

    def engine(self, path: Path, threads: int, context: int, adapter: Path | None = None) -> Engine:
        """The engine, started at the first call; another model takes its place.

        Raises:
            ModelError: the file is missing or no GGUF file, or llama.cpp cannot load it.
        """
        with self._lock:
            running = self._engine
            if running is not None and (running.path, running.adapter) == (path, adapter):
                return running
            try:
                with path.open("rb") as handle:
                    magic = handle.read(4)
            except OSError as error:
                raise ModelError(
                    f"The model file {path} cannot be read ({error.strerror}); check the path."
                ) from error
            if magic != _GGUF_MAGIC:
                raise ModelError(f"{path} is not a GGUF file; name one with --llm gguf:PATH.")
            self._stop()  # free the old one first: two engines would fight for the cores
            self._engine = self._start(path, threads, context, adapter)
            return self._engine

    @property
    def running(self) -> Engine | None:
        """The engine that runs now."""
        return self._engine

    def runs(self, engine: Engine | None) -> bool:
        """This engine is still the one that runs."""
        return engine is not None and self._engine is engine

    def discard(self, engine: Engine | None) -> None:
        """Give up an engine that stopped answering; the next request starts another."""
        with self._lock:
            if self.runs(engine):
                self._stop()

    def close(self) -> None:
        """Stop the engine, if one runs; the next request starts another."""
        with self._lock:
            self._stop()

    def _stop(self) -> None:
        if self._engine is not None:
            # In a thread: an engine that hangs must not take us along.
            stopping = threading.Thread(target=self._engine.stop, daemon=True)
            self._engine = None
            stopping.start()
            stopping.join(timeout=_STOP_S)


_shared: list[EngineHost] = []
_sharing = threading.Lock()


def shared_host(queue: int = 16) -> EngineHost:
    """The host that a process' assistants share (the first caller's queue holds)."""
    with _sharing:
        if not _shared:
            _shared.append(EngineHost(queue))
        return _shared[0]
