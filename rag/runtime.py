"""What a process has one of, however many assistants it has."""

from dataclasses import dataclass, field

from rag.llm.llama_cpp import EngineHost, shared_host
from rag.readers.isolation.pool import ReaderPool, shared_readers


@dataclass(frozen=True, slots=True)
class Runtime:
    """The local LLM's engine with the queue before it, and the processes that read notes."""

    host: EngineHost = field(default_factory=EngineHost)
    readers: ReaderPool = field(default_factory=ReaderPool)

    def close(self) -> None:
        """Stop engine and processes; what is asked next starts them again."""
        self.host.close()
        self.readers.close()


def shared_runtime(queue: int = 16) -> Runtime:
    """The one that assistants share if they are not given another.

    Args:
        queue: how many may wait for the engine; the first caller's holds.
    """
    return Runtime(shared_host(queue), shared_readers())
