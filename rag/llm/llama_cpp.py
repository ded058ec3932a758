"""The one local LLM engine: llama.cpp's server in this process.

Two engines on two cores spin against one another, so a process has at most one. An engine that
stopped answering is discarded, and the next request starts another.
"""

import secrets
import threading
from pathlib import Path
from typing import Any

from rag.errors import ModelError
from rag.llm.fair_queue import FairQueue
from rag.openmp import wait_briefly

_GGUF_MAGIC = b"GGUF"


_STOP_S = 5.0


class Engine:
    """A running llama.cpp server on a loopback port, behind a random key."""

    def __init__(self, path: Path, threads: int, context: int) -> None:
        wait_briefly()
        try:
            import xllamacpp
        except ImportError as error:
            raise ModelError(
                "The local LLM needs the package xllamacpp; run `pip install -c constraints.txt "
                '-e ".[local]"` or choose another model with --llm.'
            ) from error
        self.path = path
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
        try:
            self._server: Any = xllamacpp.Server(params)
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelError(
                f"The model file {path} cannot be loaded by llama.cpp ({error}); "
                "check that it is a whole GGUF file."
            ) from error
        self.base_url = f"{self._server.listening_address}/v1"

    def stop(self) -> None:
        """Stop the server; a request that is being answered breaks off."""
        self._server = None


_lock = threading.Lock()


_engine: Engine | None = None


_queue: FairQueue | None = None


def shared_queue(limit: int = 16) -> FairQueue:
    """The queue before the process' one engine (the first caller's limit holds)."""
    global _queue
    with _lock:
        if _queue is None:
            _queue = FairQueue(limit)
        return _queue


def shared_engine(path: Path, threads: int, context: int) -> Engine:
    """The process' one engine, started at the first call; another model takes its place.

    Raises:
        ModelError: the file is missing or no GGUF file, or llama.cpp cannot load it.
    """
    global _engine
    with _lock:
        if _engine is not None and _engine.path == path:
            return _engine
        try:
            with path.open("rb") as handle:
                magic = handle.read(4)
        except OSError as error:
            raise ModelError(
                f"The model file {path} cannot be read ({error.strerror}); check the path."
            ) from error
        if magic != _GGUF_MAGIC:
            raise ModelError(f"{path} is not a GGUF file; name one with --llm gguf:PATH.")
        _discard()  # free the old one first: two engines would fight for the cores
        _engine = Engine(path, threads, context)
        return _engine


def is_current(engine: Engine) -> bool:
    """The process' engine is still this one."""
    return _engine is engine


def discard(engine: Engine) -> None:
    """Give up an engine that stopped answering; the next `shared_engine` starts another."""
    with _lock:
        if _engine is engine:
            _discard()


def _discard() -> None:
    global _engine
    if _engine is not None:
        # In a thread: an engine that hangs must not take us along.
        stopping = threading.Thread(target=_engine.stop, daemon=True)
        _engine = None
        stopping.start()
        stopping.join(timeout=_STOP_S)
