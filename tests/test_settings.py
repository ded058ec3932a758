"""Settings: misspelt names, the one file that is read, home folders, keys and addresses, cores."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rag.cli.main import app
from rag.errors import UsageError
from rag.llm.llama_cpp import EngineHost
from rag.llm.specs import load_model
from rag.loopback import is_loopback_url
from rag.processors import usable_cores
from rag.settings import load_settings
from tests.places import REPOSITORY


@pytest.fixture(autouse=True)
def surroundings(monkeypatch, tmp_path):
    """No settings file of the developer, and none of his variables."""
    for name in [name for name in os.environ if name.startswith("RAG_")]:
        monkeypatch.delenv(name)
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


def own(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config" / "interview-notes-rag" / "rag.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("RAG_CORPS", "RAG_CORPUS"), ("RAG_LMM", "RAG_LLM"), ("RAG_LLM_BASEURL", "RAG_LLM_BASE_URL")],
)
def test_a_misspelt_variable_is_refused_with_the_nearest_name(monkeypatch, wrong, right):
    monkeypatch.setenv(wrong, "x")
    with pytest.raises(UsageError, match=f"{wrong} .*{right}\\b"):
        load_settings()


def test_a_misspelt_name_in_the_file_is_refused_with_file_and_name(tmp_path):
    path = own(tmp_path, "chunk_tokenz = 3")
    with pytest.raises(UsageError) as caught:
        load_settings()
    assert "chunk_tokenz" in str(caught.value) and "chunk_tokens" in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_that_is_no_toml_is_named(tmp_path):
    path = own(tmp_path, 'corpus = "notes\n')
    with pytest.raises(UsageError, match=str(path)):
        load_settings()


def test_an_empty_variable_is_not_set(monkeypatch):
    monkeypatch.setenv("RAG_K", "")
    monkeypatch.setenv("RAG_LLM", "")
    assert (load_settings().k, load_settings().llm) == (6, "local")


@pytest.mark.parametrize("given", ["a.org, *.b.org", '["a.org","*.b.org"]', "['a.org', '*.b.org']"])
def test_hosts_with_commas_or_as_json(monkeypatch, given):
    monkeypatch.setenv("RAG_ALLOWED_HOSTS", given)
    assert load_settings().allowed_hosts == ("a.org", "*.b.org")


def test_tilde_is_the_home_folder_in_every_path(tmp_path, monkeypatch):
    home = tmp_path / "家"
    monkeypatch.setenv("HOME", str(home))
    own(tmp_path, 'data_dir = "~/d"\ncache_dir = "~/c"\nlog_file = "~/l"\n')
    monkeypatch.setenv("RAG_CORPUS", "~/notes")
    found = load_settings()
    assert (found.data_dir, found.cache_dir) == (home / "d", home / "c")
    assert (found.corpus, found.log_file) == (home / "notes", home / "l")


def test_a_file_of_the_current_folder_is_not_obeyed(tmp_path):
    (tmp_path / "rag.toml").write_text('llm = "openai:x"\nllm_base_url = "http://127.0.0.1:9/v1"')
    assert (load_settings().llm, load_settings().llm_base_url) == ("local", None)
    told = CliRunner().invoke(app, ["doctor", "--llm", "none", "--json"]).stdout
    checks = {check["name"]: check for check in json.loads(told.splitlines()[0])["checks"]}
    assert checks["settings here"]["status"] == "warn"
    assert str(tmp_path / "rag.toml") in checks["settings here"]["en"]


def test_a_file_that_is_named_is_obeyed_and_its_folders_are_relative_to_it(tmp_path, monkeypatch):
    path = tmp_path / "p" / "mine.toml"
    path.parent.mkdir()
    path.write_text('corpus = "notes"\nk = 3\n')
    monkeypatch.setenv("RAG_CONFIG", str(path))
    assert (load_settings().corpus, load_settings().k) == (path.parent / "notes", 3)
    monkeypatch.setenv("RAG_K", "4")
    assert load_settings().k == 4
    monkeypatch.setenv("RAG_CONFIG", str(tmp_path / "nowhere.toml"))
    with pytest.raises(UsageError, match="does not exist"):
        load_settings()


@pytest.fixture
def no_keys(monkeypatch):
    """None of this machine's own."""
    for name in list(os.environ):
        if name.upper().endswith(("KEY", "TOKEN")):
            monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("said", "variable"),
    [
        # A key that the file gives is passed over where the environment has one.
        ('llm = "openai:x"\nllm_base_url = "http://a.b/v1"\nllm_api_key = "f"', "RAG_LLM_API_KEY"),
        ('embedding_base_url = "http://a.b/v1"\nllm_api_key = "f"', "RAG_LLM_API_KEY"),
        ('llm = "openai:x"\nllm_base_url = "http://a.b/v1"\nllm_api_key = "f"', "rag_llm_api_key"),
        ('store = "http://a.b:19530"', "RAG_STORE_TOKEN"),
        ('store = "https://a.b:19530"\nstore_token = "f"', "RAG_STORE_TOKEN"),
        ('llm = "google_genai:x"\nllm_base_url = "http://a.b"', "GOOGLE_API_KEY"),
        ('llm = "google_genai:x"\nllm_base_url = "http://a.b"', "GEMINI_API_KEY"),
        ('llm = "huggingface:x"\nllm_base_url = "http://a.b"', "HF_TOKEN"),
        ('llm = "ibm:x"\nllm_base_url = "http://a.b"', "WATSONX_APIKEY"),
        ('embedding = "openai:e"\nembedding_base_url = "http://a.b"', "OPENAI_API_KEY"),
    ],
)
def test_no_key_at_all_is_joined_with_an_address_of_a_project_file(
    tmp_path, monkeypatch, no_keys, said, variable
):
    path = tmp_path / "p.toml"
    path.write_text(said)
    monkeypatch.setenv("RAG_CONFIG", str(path))
    assert load_settings()
    monkeypatch.setenv(variable, "secret-key")
    with pytest.raises(UsageError, match=variable.upper()) as caught:
        load_settings()
    assert "secret-key" not in str(caught.value)
    for name in ("RAG_LLM_BASE_URL", "RAG_EMBEDDING_BASE_URL", "RAG_STORE"):
        monkeypatch.setenv(name, "http://my.own:1")
    assert load_settings()


def test_what_a_project_file_may_have_beside_a_key(tmp_path, monkeypatch, no_keys):
    path = tmp_path / "p.toml"
    monkeypatch.setenv("RAG_CONFIG", str(path))
    monkeypatch.setenv("RAG_STORE_TOKEN", "secret-key")
    path.write_text('store = "milvus.db"\nllm_base_url = "http://a.b"')  # a file gets no token
    assert load_settings().store == "milvus.db"
    monkeypatch.delenv("RAG_STORE_TOKEN")
    monkeypatch.setenv("OPENAI_API_KEY", "secret-key")
    path.write_text('llm_base_url = "http://a.b"\nllm_api_key = "f"')  # its own key goes there
    assert load_settings(llm="openai:x").llm_api_key.get_secret_value() == "f"
    path.write_text('llm_base_url = "http://a.b"')  # and the caller's own word counts
    assert load_settings(llm_base_url="http://c.d").llm_base_url == "http://c.d"


@pytest.mark.parametrize("variable", ["RAG_LLM_API_KEY", "OPENAI_API_KEY"])
def test_a_key_of_the_environment_goes_to_no_address_of_a_project_file(
    tmp_path, monkeypatch, no_keys, variable
):
    path = tmp_path / "p.toml"
    path.write_text('llm = "openai:x"\nllm_base_url = "http://127.0.0.1:9/v1"\n')
    monkeypatch.setenv("RAG_CONFIG", str(path))
    assert load_settings().llm_base_url == "http://127.0.0.1:9/v1"
    monkeypatch.setenv(variable, "secret-key")
    with pytest.raises(UsageError, match=variable) as caught:
        load_settings()
    assert "secret-key" not in str(caught.value)
    monkeypatch.setenv("RAG_LLM_BASE_URL", "http://127.0.0.1:9/v1")  # the user's own word
    assert load_settings().llm_base_url
    monkeypatch.delenv("RAG_LLM_BASE_URL")
    monkeypatch.delenv(variable)
    own(tmp_path, path.read_text())
    monkeypatch.delenv("RAG_CONFIG")
    monkeypatch.setenv(variable, "secret-key")  # and the user's own file
    assert load_settings().llm_base_url


def test_nothing_of_this_machine_goes_through_a_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    given = {"llm": "openai:x", "llm_api_key": "k", "embedding": "openai:e"}
    here = load_settings(
        **given,
        llm_base_url="http://127.0.0.1:8/v1",
        embedding_base_url="http://localhost:8/v1",
    )
    chat = load_model(here, EngineHost()).chat()
    assert chat.root_client._client.trust_env is False
    assert chat.root_async_client._client.trust_env is False
    from rag.embedding.load import load_embeddings

    assert load_embeddings(here)._client.http_client.trust_env is False
    assert not is_loopback_url("https://api.example.org/v1") and is_loopback_url("http://[::1]:8/")


def test_threads_are_the_physical_cores(tmp_path):
    cpus = sorted(os.sched_getaffinity(0))
    for number in cpus:
        (tmp_path / f"cpu{number}").write_text("0-1\n")
    assert usable_cores(f"{tmp_path}/cpu{{}}", tmp_path / "none") == 1
    assert usable_cores(f"{tmp_path}/no{{}}", tmp_path / "none") == len(cpus)
    (tmp_path / "max").write_text("150000 100000\n")
    assert usable_cores(f"{tmp_path}/no{{}}", tmp_path / "max") == 1
    assert load_settings().llm_threads == usable_cores()


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rag", *arguments],
        capture_output=True, encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environment},
    )  # fmt: skip


def test_an_unusable_data_folder_is_one_right_sentence(tmp_path, corpus):
    (tmp_path / "file").write_text("")
    given = {"RAG_DATA_DIR": str(tmp_path / "file" / "x"), "RAG_CORPUS": str(corpus)}
    for command in (
        ["index"], ["ask", "LoRA 是什么", "--llm", "none"], ["chats", "list"],
        ["index", str(corpus), "--collection", "a"],
    ):  # fmt: skip
        done = run(*command, **given)
        assert done.returncode == 1, command
        assert "Traceback" not in done.stderr and "free some space" not in done.stderr
        assert "RAG_DATA_DIR" in done.stderr


def test_chinese_goes_out_as_utf8_whatever_the_locale(tmp_path, corpus):
    given = {"RAG_DATA_DIR": str(tmp_path / "数据"), "RAG_CORPUS": str(corpus), "RAG_LLM": "none"}
    done = run(
        "ask", "LoRA 的缺点是什么？", PYTHONIOENCODING="ascii", HOME=str(tmp_path / "家"), **given
    )
    assert done.returncode == 0, done.stderr
    assert "表达能力" in done.stdout
