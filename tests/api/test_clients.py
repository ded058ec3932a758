"""What real clients of /v1 send beside plain questions: chores, stops, limits, JSON, CORS."""

import json

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient as PageClient

from rag.answer.replies import WELCOME
from rag.api.client_tasks import task_reply
from rag.api.openai_server import create_api
from rag.api.openai_wire import Message, question_and_history
from tests.live import small_assistant
from ui.guard import guards

HISTORY = "<chat_history>\nUSER: LoRA 是什么？\nASSISTANT: 一种微调方法。[1]\n</chat_history>"
TITLE = (
    "### Task:\nGenerate a concise, 3-5 word title with an emoji summarizing the chat history.\n"
    '### Output:\nJSON format: { "title": "your concise title here" }\n### Chat History:\n'
)
QUESTION = "LoRA 的缺点是什么?"


@pytest.fixture(scope="module")
def small(tmp_path_factory, embedder):
    return small_assistant(tmp_path_factory.mktemp("clients"), embedder)


@pytest.fixture(scope="module")
def api(small):
    return TestClient(create_api(small), base_url="http://127.0.0.1")


def post(api, messages=None, **more):
    messages = messages or [{"role": "user", "content": QUESTION}]
    return api.post("/chat/completions", json={"model": "none", "messages": messages, **more})


def content(response):
    assert response.status_code == 200, response.text
    return response.json()["choices"][0]["message"]["content"]


def streamed(response):
    lines = [line[6:] for line in response.text.split("\n") if line.startswith("data: {")]
    chunks = [json.loads(line) for line in lines]
    choices = [chunk["choices"][0] for chunk in chunks if chunk["choices"]]
    text = "".join(choice["delta"].get("content", "") for choice in choices)
    return text, choices[-1]["finish_reason"], chunks


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        (TITLE + HISTORY, {"title": "LoRA 是什么？"}),
        ('### Task:\nGenerate tags. { "tags": ["tag1"] }\n' + HISTORY, {"tags": ["学习笔记"]}),
        ('### Task:\nSuggest questions. { "follow_ups": [] }\n' + HISTORY, {"follow_ups": []}),
        ('### Task:\nAnalyze: { "queries": ["q"] }\n' + HISTORY, {"queries": []}),
        ('### Task:\nYou are an autocompletion system. { "text": "x" }\n' + HISTORY, {"text": ""}),
    ],
)  # fmt: skip
def test_chores_of_a_front_end_are_done_without_asking_the_notes(
    api, small, prompt, told, monkeypatch
):
    monkeypatch.setattr(small, "ask", lambda *_, **__: pytest.fail("the notes were asked"))
    messages = [{"role": "user", "content": prompt}]
    assert json.loads(content(post(api, messages))) == told
    text, finish, _ = streamed(post(api, messages, stream=True))
    assert (json.loads(text), finish) == (told, "stop")


def test_a_plain_wish_for_a_title():
    wish = Message(role="user", content="Generate a short title for this conversation.")
    before = [
        Message(role="user", content="LoRA 是什么？"), Message(role="assistant", content="…[1]"),
    ]  # fmt: skip
    assert task_reply([*before, wish]) == "LoRA 是什么？"
    for question in (QUESTION, "How does a model generate the title of a document?", "### Task: x"):
        assert task_reply([Message(role="user", content=question)]) is None


@pytest.mark.parametrize(
    "question",
    [
        "如何生成标题？", "总结一下这篇笔记的标题",
        "怎么给这段对话生成标题？", "模型怎样概括出一个标题",
        "How do you generate a title for a chat with an LLM?",
        "生成标题用什么模型",
        "Write a function that generates the title of a chat.", "总结这篇文章的要点和标题",
        "Explain how the title of this conversation is generated.", "起标题的任务怎么评测",
        "What does 'generate a short title for this conversation' do?",
        "Summarize the conversation memory of LangChain.", "Give the title of the paper on LoRA.",
    ],
)  # fmt: skip
def test_a_question_about_titles_is_a_question(question):
    before = [
        Message(role="user", content="LoRA 是什么？"), Message(role="assistant", content="…[1]"),
    ]  # fmt: skip
    asked = Message(role="user", content=question)
    assert task_reply([asked]) is None and task_reply([*before, asked]) is None


@pytest.mark.parametrize(
    "wish",
    [
        "为以上对话生成一个简短的标题。", "请给这段对话起个标题",
        "总结以上对话，给出一个标题，不超过十个字。",
        "Summarize the conversation in a title of five words or fewer.",
        "Provide a concise, 5-word-or-less title for the conversation, using its same language.",
        "Based on the chat history, give this conversation a name. Keep it short.",
        "使用四到五个字直接返回这句话的简要主题，不要解释。",
    ],
)  # fmt: skip
def test_an_order_for_a_title_is_a_chore(wish):
    before = [
        Message(role="user", content="LoRA 是什么？"), Message(role="assistant", content="…[1]"),
    ]  # fmt: skip
    assert task_reply([*before, Message(role="user", content=wish)]) == "LoRA 是什么？"
    if "这句话" not in wish:
        steering = Message(role="system", content=wish)
        assert task_reply([steering, before[0]]) == "LoRA 是什么？"


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ('### Task:\nGenerate a detailed prompt for am image generation task.\n### Output:\n'
         '{\n    "prompt": "Your detailed description here."\n}\n' + HISTORY, {"prompt": ""}),
        ('### Task:\nGenerate tags.\n### Output:\nJSON format: { "tags": ["tag1"] }\n### Chat '
         "History:\nUSER: LoRA 是什么？", {"tags": ["学习笔记"]}),
        (TITLE + "USER: LoRA 是什么？", {"title": "LoRA 是什么？"}),
        ('### 任务：\n生成标题。\n{ "title": "标题" }\n### 聊天记录：\n' + HISTORY,
         {"title": "LoRA 是什么？"}),
        ('Available Tools: []\n\nYour task is to choose the tools. { "tool_calls": [] }',
         {"tool_calls": []}),
    ],
)  # fmt: skip
def test_more_chores_of_open_webui(prompt, told):
    assert json.loads(task_reply([Message(role="user", content=prompt)])) == told


@pytest.mark.parametrize(
    "more",
    [
        {"stream": None}, {"collections": None}, {"stream": True, "stream_options": None},
        {"stream": True, "stream_options": {"include_usage": None}}, {"stop": None, "k": None},
        {"response_format": {"type": None}}, {"max_completion_tokens": None, "tools": None},
    ],
)  # fmt: skip
def test_null_is_what_is_not_given(api, more):
    given = post(api, **more)
    text = streamed(given)[0] if more.get("stream") else content(given)
    assert "表达能力" in text


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "user", "content": [{"type": "text", "text": QUESTION},
                                      {"type": "text", "text": None}]}],
        [{"role": "user", "content": [QUESTION]}],
        [{"role": "user", "content": {"type": "text", "text": QUESTION}}],
        [{"role": "system", "content": None}, {"role": "user", "content": QUESTION, "name": None}],
        [{"role": "user", "content": "LoRA 的原理是什么?"},
         {"role": "assistant", "content": None, "tool_calls": [], "audio": None},
         {"role": "tool", "tool_call_id": "1", "content": {"found": [1, None]}},
         {"role": "user", "content": QUESTION}],
        # The client ran a tool for the question and waits for its answer.
        [{"role": "user", "content": QUESTION},
         {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]},
         {"role": "tool", "tool_call_id": "1", "content": ["42", {"x": 1}]}],
        [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": "让我查一下"},
         {"role": "function", "name": "f", "content": {"x": 1}}],
    ],
)  # fmt: skip
def test_shapes_that_clients_send(api, messages):
    assert "表达能力" in content(post(api, messages))


def test_an_answer_at_the_end_is_no_question(api):
    said = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": "秩"}]
    assert post(api, said).status_code == 400


def test_system_tool_and_part_messages_are_understood(api):
    messages = [
        {"role": "system", "content": "You are a pirate."},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:"}},
                                     {"type": "text", "text": "LoRA 的原理是什么?"}]},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function",
         "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "1", "content": "42"},
        {"role": "assistant", "content": "LoRA 冻结权重。[1]"},
        {"role": "user", "content": [{"type": "text", "text": "它的缺点是什么?"}]},
    ]  # fmt: skip
    assert "表达能力" in content(post(api, messages))
    refused = post(api, [messages[1]])
    assert refused.status_code == 400 and "text" in refused.json()["error"]["message"]


def test_greetings_say_nothing_about_the_topic():
    said = ["LoRA 是什么？", "LoRA 是低秩适配。[1]", "谢谢", WELCOME["zh"], "它有什么缺点？"]
    roles = ["user", "assistant"] * 3
    _, history = question_and_history(
        [Message(role=role, content=text) for role, text in zip(roles, said, strict=False)]
    )
    assert [turn.question for turn in history] == ["LoRA 是什么？"]


def test_stop_ends_the_text_before_it(api):
    whole = content(post(api))
    stop = whole[4:7]
    cut = whole[: whole.index(stop)].rstrip()
    assert content(post(api, stop=stop)) == content(post(api, stop=[stop, "§"]))
    assert content(post(api, stop=stop)).startswith(cut) and stop not in content(
        post(api, stop=stop)
    )
    text, finish, _ = streamed(post(api, stop=[stop], stream=True))
    assert (text, finish) == (content(post(api, stop=stop)), "stop")


def test_a_limit_keeps_whole_sentences_and_is_told(api):
    messages = [{"role": "user", "content": "LoRA 的原理和缺点是什么?"}]
    whole = post(api, messages).json()["choices"][0]
    for name in ("max_tokens", "max_completion_tokens"):
        cut = post(api, messages, **{name: 1}).json()["choices"][0]
        assert whole["message"]["content"].startswith(cut["message"]["content"])
        if len(cut["message"]["content"]) < len(whole["message"]["content"]):
            assert cut["finish_reason"] == "length"
    assert post(api, max_tokens=0).json()["error"]["param"] == "max_tokens"
    assert content(post(api, max_tokens=-1)) == content(post(api))  # no limit, in LM Studio's words


def test_json_object_and_text(api):
    assert content(post(api, response_format={"type": "text"})) == content(post(api))
    held = json.loads(content(post(api, response_format={"type": "json_object"})))
    assert held["answer"] == content(post(api)) and held["citations"] and not held["abstained"]
    text, _, _ = streamed(post(api, response_format={"type": "json_object"}, stream=True))
    assert json.loads(text) == held
    schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}
    refused = post(api, response_format=schema)
    assert refused.status_code == 400 and "response_format" in refused.json()["error"]["param"]
    assert "json_object" in refused.json()["error"]["message"]


def test_n_and_usage_in_a_stream(api):
    assert content(post(api, n=1))
    refused = post(api, n=2).json()["error"]
    assert (refused["param"], refused["type"]) == ("n", "invalid_request_error")
    chunks = streamed(post(api, stream=True, stream_options={"include_usage": True}))[2]
    assert chunks[-1]["choices"] == [] and chunks[-1]["usage"]["total_tokens"] > 0


def page(origins):
    app = Starlette(
        routes=[
            Mount("/v1", Starlette(routes=[Route("/models", lambda r: PlainTextResponse("m"))])),
            Mount("/v1x", Starlette(routes=[])),
            Route("/other", lambda r: PlainTextResponse("o"), methods=["POST"]),
            Route("/v1/chat", lambda r: PlainTextResponse("c"), methods=["POST"]),
        ],
        middleware=guards("127.0.0.1", False, (), origins),
    )
    return PageClient(app, base_url="http://127.0.0.1:7860")


def test_a_page_elsewhere_may_use_the_api_only_where_the_user_allows_it():
    ask = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-stainless-os",
    }
    plugin, shut, open_ = {"Origin": "app://obsidian.md"}, page(()), page(("app://obsidian.md/",))
    assert (
        "access-control-allow-origin" not in shut.options("/v1/chat", headers=plugin | ask).headers
    )
    refused = shut.post("/v1/chat", headers=plugin)
    assert refused.status_code == 403 and "RAG_ALLOWED_ORIGINS" in refused.text
    preflight = open_.options("/v1/chat", headers=plugin | ask)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "app://obsidian.md"
    assert "x-stainless-os" in preflight.headers["access-control-allow-headers"]
    answered = open_.get("/v1/models", headers=plugin)
    assert (answered.text, answered.headers["access-control-allow-origin"]) == (
        "m", "app://obsidian.md",
    )  # fmt: skip
    assert open_.post("/other", headers=plugin).status_code == 403  # the page itself stays shut
    evil = open_.post("/v1/chat", headers={"Origin": "http://evil.example"})
    assert evil.status_code == 403 and "access-control-allow-origin" not in evil.headers


def test_a_request_as_open_webui_sends_it(api):
    """With all that it adds of its own, nulls and empty lists among them."""
    asked = {
        "messages": [
            {"role": "system", "content": ""},
            {"role": "user", "content": "LoRA 的原理是什么?", "name": None},
            {"role": "assistant", "content": "低秩。[1]", "citations": [], "usage": {}},
            {"role": "user", "content": [{"type": "text", "text": "它的缺点是什么?"}]},
        ],
        "stream_options": {"include_usage": True}, "temperature": 0.7, "top_p": None, "seed": None,
        "stop": None, "n": None, "max_tokens": None, "response_format": None, "tools": [],
        "tool_choice": "auto", "user": {"id": "u"}, "metadata": {"chat_id": "c"}, "logit_bias": {},
    }  # fmt: skip
    text, finish, _ = streamed(post(api, stream=True, **asked))
    assert "表达能力" in text and finish == "stop"
    del asked["stream_options"]
    assert "表达能力" in content(post(api, **asked))
