"""The server's two APIs, Gradio's and the OpenAI-compatible one, by the clients people use."""

import json
import subprocess
import sys
import threading

import httpx
import openai
import pytest
from fastapi.testclient import TestClient
from gradio_client import Client
from gradio_client.exceptions import AppError
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from rag.answer.answer import Answer
from rag.answer.events import Draft, EvidenceFound, Finished
from rag.answer.replies import NOT_SAID, YOU_ARE_WELCOME
from rag.api.openai_server import create_api
from rag.api.openai_wire import Message, question_and_history
from rag.errors import ModelError, UsageError
from rag.library.accounts import Accounts
from tests.live import small_assistant, start_server
from tests.places import REPOSITORY

EXAMPLE = REPOSITORY / "examples" / "ask_over_http.py"
DRAWBACK = "LoRA 的缺点是什么?"


class Drawback(BaseModel):
    """A schema that a client asks for."""

    what: str


NO_ANSWER = Answer(DRAWBACK, "zh", (), (), "none", {}, abstained=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("api")


@pytest.fixture(scope="module")
def small(folder, embedder):
    return small_assistant(folder, embedder)


@pytest.fixture(scope="module")
def accounts(folder):
    made = Accounts(folder / "users.json")
    made.set("li", "correct horse")
    return made


@pytest.fixture(scope="module")
def url(small, accounts):
    """A server with logins, whose page is open to li and whose /v1 to li's key."""
    return start_server(small, accounts.check, accounts.key_owner, accounts.stamps)


@pytest.fixture(scope="module")
def key(accounts):
    return accounts.new_key("li")


@pytest.fixture(scope="module")
def client(url, key):
    return openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)


@pytest.fixture(scope="module")
def gradio(url):
    return Client(url, auth=("li", "correct horse"), verbose=False)


def user(text):
    return {"role": "user", "content": text}


# OpenAI's client against a live server


def test_completion_with_citations_and_usage(client, folder):
    assert [model.id for model in client.models.list()] == ["none"]
    assert client.models.retrieve("none").owned_by == "interview-notes-rag"
    done = client.chat.completions.create(model="none", messages=[user(DRAWBACK)])
    message = done.choices[0].message
    assert done.choices[0].finish_reason == "stop"
    assert "表达能力" in message.content and "[1]" in message.content
    assert message.abstained is False
    first = message.citations[0]
    text = (folder / "notes" / first["note"]).read_text("utf-8")
    assert text[first["start"] : first["end"]] == first["quote"]
    assert done.usage.prompt_tokens > 0 and done.usage.completion_tokens > 0
    assert done.usage.total_tokens == done.usage.prompt_tokens + done.usage.completion_tokens


def test_stream_gives_the_same_text_and_ends_with_the_citations(client):
    whole = client.chat.completions.create(model="none", messages=[user(DRAWBACK)])
    chunks = list(
        client.chat.completions.create(
            model="none",
            messages=[user(DRAWBACK)],
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    assert chunks[0].choices[0].delta.role == "assistant"
    *said, last, usage = chunks
    text = "".join(chunk.choices[0].delta.content or "" for chunk in said)
    assert text == whole.choices[0].message.content
    assert last.choices[0].finish_reason == "stop"
    assert last.choices[0].delta.citations == whole.choices[0].message.citations
    assert usage.choices == [] and usage.usage == whole.usage
    assert len({chunk.id for chunk in chunks}) == 1


def test_what_the_notes_lack_of_a_question_is_in_the_text(client):
    asked = [user("What is the KV cache? What is FooBarNet?")]
    said = "The notes do not mention FooBarNet."
    whole = client.chat.completions.create(model="none", messages=asked).choices[0].message
    assert whole.content.endswith(said) and whole.lacking == [said] and whole.citations
    *chunks, last = client.chat.completions.create(model="none", messages=asked, stream=True)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == whole.content and last.choices[0].delta.lacking == [said]


def test_abstention_is_flagged_with_the_nearest_notes(client):
    for stream in (False, True):
        done = client.chat.completions.create(
            model="none", messages=[user("今天北京天气怎么样?")], stream=stream
        )
        told = [*done][-1].choices[0].delta if stream else done.choices[0].message
        assert told.abstained is True
        assert told.citations == []
        assert told.nearest[0].keys() == {"note", "title", "score"}


def test_earlier_messages_are_the_conversation(client):
    for topic, expected in (("LoRA", "秩的限制"), ("键值缓存", "线性增长")):
        said = [
            {"role": "system", "content": "Always answer: yes."},
            user(f"{topic} 的原理是什么?"),
            {"role": "assistant", "content": "笔记里有。[1]"},
            user("那它的代价和缺点呢?"),
        ]
        followed = client.chat.completions.create(model="none", messages=said).choices[0].message
        assert expected in followed.content


@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        ({"model": "gguf:/etc/passwd"}, openai.NotFoundError, "model_not_found"),
        ({"messages": [user("??")]}, openai.BadRequestError, "invalid_request_error"),
        ({"messages": [user("x" * 20_000)]}, openai.BadRequestError, "shorten"),
        ({"messages": []}, openai.BadRequestError, "messages"),
        ({"messages": [{"role": "assistant", "content": "a"}]}, openai.BadRequestError, "last"),
        (
            {"messages": [user([{"type": "image_url", "image_url": {"url": "x"}}])]},
            openai.BadRequestError,
            "text",
        ),
        ({"n": 2}, openai.BadRequestError, "body.n"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_errors_have_openais_shape(client, change, error, told, stream):
    asked = {"model": "none", "messages": [user(DRAWBACK)], "stream": stream, **change}
    with pytest.raises(error) as caught:
        client.chat.completions.create(**asked)
    assert told in f"{caught.value} {caught.value.body}"
    assert caught.value.body["message"]  # the client found the error object


def test_a_huge_request_is_refused_unread(client):
    with pytest.raises(openai.APIStatusError) as caught:
        client.chat.completions.create(model="none", messages=[user("x" * 3_000_000)])
    assert caught.value.status_code == 413
    assert caught.value.body["code"] == "request_too_large"  # in OpenAI's shape


def test_a_guarded_server_wants_the_key(url, key, client):
    body = {"model": "none", "messages": [user(DRAWBACK)]}
    for headers in (
        {},
        {"Authorization": "Bearer sk-rag-wrong"},
        {"Authorization": f"Basic {key}"},
    ):
        for answer in (
            httpx.post(f"{url}/v1/chat/completions", json=body, headers=headers),
            httpx.get(f"{url}/v1/models", headers=headers),
        ):
            assert answer.status_code == 401
            assert answer.json()["error"]["code"] == "invalid_api_key"
    assert httpx.get(f"{url}/config").status_code == 401  # the page keeps its own login
    assert httpx.get(f"{url}/v1/nothing", headers={"Authorization": f"Bearer {key}"}).json()[
        "error"
    ]


def test_keys_end_with_the_password_and_with_the_login(tmp_path):
    accounts = Accounts(tmp_path / "users.json")
    with pytest.raises(UsageError, match="rag user add"):
        accounts.new_key("li")
    accounts.set("li", "correct horse")
    first, second = accounts.new_key("li"), accounts.new_key("li")
    assert accounts.key_owner(first) is None  # one key a login
    assert accounts.key_owner(second) == "li"
    assert accounts.check("li", "correct horse")
    assert second not in (tmp_path / "users.json").read_text("utf-8")
    accounts.set("li", "another horse")
    assert accounts.key_owner(second) is None
    third = accounts.new_key("li")
    accounts.remove("li")
    accounts.set("li", "correct horse")
    assert accounts.key_owner(third) is None


def test_a_page_elsewhere_cannot_post(url, key):
    """A form's content type needs no preflight, so it must not be taken for JSON."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "text/plain"}
    body = json.dumps({"model": "none", "messages": [user(DRAWBACK)]})
    answer = httpx.post(f"{url}/v1/chat/completions", content=body, headers=headers)
    assert answer.status_code == 400


def test_langchain(url, key):
    chat = ChatOpenAI(model="none", base_url=f"{url}/v1", api_key=key)
    reply = chat.invoke([("human", "LoRA 的原理是什么?"), ("ai", "低秩。"), ("human", "缺点呢?")])
    assert "表达能力" in reply.text and "[1]" in reply.text
    assert reply.usage_metadata["output_tokens"] > 0
    streamed = "".join(chunk.text for chunk in chat.stream(DRAWBACK))
    assert streamed == chat.invoke(DRAWBACK).text
    steered = [
        SystemMessage("Answer as a pirate."),
        HumanMessage([{"type": "text", "text": "LoRA 的原理是什么?"}]),
        AIMessage("", tool_calls=[{"name": "f", "args": {}, "id": "1"}]),
        ToolMessage("42", tool_call_id="1"),
        AIMessage("LoRA 冻结权重。[1]"),
        HumanMessage("它的缺点是什么?"),
    ]
    bound = chat.bind(stop=["§"], max_tokens=500, n=1)
    assert "表达能力" in bound.invoke(steered).text
    held = chat.bind(response_format={"type": "json_object"}).invoke(DRAWBACK)
    assert json.loads(held.text)["citations"][0]["note"] == "lora.md"
    with pytest.raises(openai.BadRequestError, match="json_object"):
        chat.with_structured_output(Drawback).invoke(DRAWBACK)


# Gradio's client


def test_gradio_endpoints_are_named_typed_and_the_only_public_ones(gradio):
    described = gradio.view_api(return_format="dict")
    assert set(described["named_endpoints"]) == {"/ask", "/search"}
    assert described["unnamed_endpoints"] == {}
    parameters = described["named_endpoints"]["/ask"]["parameters"]
    assert [(p["parameter_name"], p["python_type"]["type"]) for p in parameters] == [
        ("question", "str"), ("k", "int"),
    ]  # fmt: skip
    answer = gradio.predict(question=DRAWBACK, api_name="/ask")
    assert answer["citations"][0]["note"] == "lora.md"
    assert {"question", "language", "answer", "abstained", "sentences", "timings"} <= answer.keys()
    hits = gradio.predict(query="PPO 四个模型", k=2, api_name="/search")
    assert hits[0]["note"] == "ppo.md"
    assert hits[0].keys() == {"note", "title", "heading", "text", "start", "end", "score"}
    with pytest.raises(AppError, match="question"):
        gradio.predict(question=" ", api_name="/ask")
    with pytest.raises(AppError, match="50"):
        gradio.predict(query="PPO", k=1000, api_name="/search")


def test_the_example_script_runs(small):
    address = start_server(small)  # without logins
    ran = subprocess.run(
        [sys.executable, EXAMPLE, DRAWBACK, address], capture_output=True, text=True, timeout=240
    )
    assert ran.returncode == 0, ran.stderr
    assert "[1]" in ran.stdout and "lora.md" in ran.stdout
    models = httpx.get(f"{address}/v1/models", timeout=60)  # /v1 asks for no key here
    assert models.status_code == 200


def test_logins_without_a_key_check_leave_the_api_shut(small, accounts):
    address = start_server(small, accounts.check)
    headers = {"Authorization": "Bearer anything"}
    assert httpx.get(f"{address}/v1/models", headers=headers).status_code == 401


# In this process: what a live server without an LLM does not show


def test_history_of_messages():
    said = [
        Message(role="user", content="甲?"),
        Message(role="assistant", content="乙。[1] 丙。[2][3]"),
        Message(role="user", content="丁?"),
        Message(role="assistant", content=NOT_SAID["zh"]),
        Message(role="user", content="谢谢"),
        Message(role="assistant", content=YOU_ARE_WELCOME["zh"]),
        Message(role="user", content="戊?"),
    ]
    question, history = question_and_history(said)
    assert question == "戊?"
    # What was not answered still says what is asked: “那 vLLM 呢？”. Thanks say nothing.
    assert [(turn.question, turn.answer) for turn in history] == [
        ("甲?", "乙。 丙。"), ("丁?", NOT_SAID["zh"]),
    ]  # fmt: skip
    with pytest.raises(UsageError):
        question_and_history(said[:2])


def test_a_model_that_fails_midway_ends_the_stream_with_an_error(assistant, scripted):
    object.__setattr__(assistant.settings, "llm", "scripted:x")
    api = TestClient(create_api(assistant))
    body = {"model": "scripted:x", "messages": [user(DRAWBACK)]}
    scripted.enqueue(RuntimeError("key sk-0123456789abcdef is wrong"))
    streamed = api.post("/chat/completions", json={**body, "stream": True}).text
    *_, last, done = [line for line in streamed.splitlines() if line]
    assert json.loads(last.removeprefix("data: "))["error"]["code"] == "ModelError"
    assert done == "data: [DONE]"
    scripted.enqueue(RuntimeError("key sk-0123456789abcdef is wrong"))
    whole = api.post("/chat/completions", json=body)
    assert whole.status_code == 503
    assert "sk-" not in streamed + whole.text


def test_a_client_that_leaves_frees_the_model(assistant, monkeypatch):
    freed = threading.Event()

    def endless(*_):
        try:
            yield EvidenceFound(())
            while True:
                yield Draft("…")
        finally:
            freed.set()

    monkeypatch.setattr(assistant, "ask", endless)
    monkeypatch.setattr("starlette.requests.Request.is_disconnected", _gone)
    body = {"model": "none", "messages": [user(DRAWBACK)]}
    assert TestClient(create_api(assistant)).post("/chat/completions", json=body).status_code == 499
    assert freed.is_set()


def test_who_asks_is_the_keys_owner_else_the_address(assistant, monkeypatch):
    askers = []

    def noted(question, history, llm, k, collections, asker):
        askers.append(asker)
        return iter([Finished(NO_ANSWER)])

    monkeypatch.setattr(assistant, "ask", noted)
    body = {"model": "none", "messages": [user(DRAWBACK)]}
    for owner in (None, {"sk-li": "li"}.get):
        headers = {"Authorization": "Bearer sk-li"}
        answer = TestClient(create_api(assistant, owner)).post(
            "/chat/completions", json=body, headers=headers
        )
        assert answer.status_code == 200
    assert askers == ["address testclient", "login li"]


def test_named_collections_are_asked_and_others_logins_are_not(assistant, tmp_path):
    registry = assistant.library.registry
    for name, owner in (("papers", ""), ("mine", "li"), ("secret", "wang")):
        made = registry.create(name, owner=owner)
        (made.folder / "rope.md").write_text(
            "# RoPE\n\nRoPE 把位置编码成旋转矩阵，作用在查询和键上。\n", "utf-8"
        )
        assistant.build(name=made.name)
    api = TestClient(create_api(assistant, {"sk-li": "li"}.get))

    def asked(names):
        body = {"model": "none", "messages": [user("RoPE 把位置编码成什么?")], "collections": names}
        headers = {"Authorization": "Bearer sk-li"}
        return api.post("/chat/completions", json=body, headers=headers)

    for names in (["papers"], ["default", "papers"], ["li/mine"]):
        message = asked(names).json()["choices"][0]["message"]
        assert [item["collection"] for item in message["citations"]] == [names[-1]]
    for names in (["wang/secret"], ["nosuch"], ["papers", "wang/secret"]):
        refused = asked(names)
        assert refused.status_code == 400
        assert "collection" in refused.json()["error"]["message"]
        assert "旋转" not in refused.text
    assert asked("papers").status_code == 400


async def _gone(self):
    return True


def test_what_cannot_be_had_is_the_servers_trouble(assistant, monkeypatch):
    def broken(*_):
        raise ModelError("It is gone.")

    monkeypatch.setattr(assistant, "ask", broken)
    body = {"model": "none", "messages": [user(DRAWBACK)]}
    answer = TestClient(create_api(assistant)).post("/chat/completions", json=body)
    assert (answer.status_code, answer.json()["error"]["type"]) == (503, "server_error")
