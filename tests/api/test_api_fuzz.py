"""Whatever JSON comes, `/v1` answers 200 or an error of OpenAI's shape, and never fails."""

import json

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.api.openai_server import create_api
from tests.live import small_assistant

FUZZ = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.just(""),
    st.lists(st.one_of(st.none(), st.text(max_size=6), st.integers()), max_size=3),
    st.dictionaries(st.sampled_from(["type", "text", "include_usage", "x"]),
                    st.one_of(st.none(), st.text(max_size=6), st.booleans()), max_size=3),
)  # fmt: skip
QUESTION = st.sampled_from(["LoRA 的缺点是什么?", "它呢", "??", "谢谢", "\ud83d", "a\x00b", "[1]"])
PART = st.one_of(
    st.fixed_dictionaries({"type": st.just("text"), "text": QUESTION | st.none()}),
    st.fixed_dictionaries({"type": st.just("image_url"), "image_url": ODD}), ODD,
)  # fmt: skip
MESSAGE = st.one_of(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["system", "developer", "user", "assistant", "tool", "function"]),
         "content": st.one_of(QUESTION, QUESTION, st.lists(PART, max_size=3), ODD)},
        optional={"name": ODD, "tool_calls": ODD, "tool_call_id": ODD},
    ), ODD,
)  # fmt: skip
REQUEST = st.fixed_dictionaries(
    {"model": st.one_of(st.just("none"), st.just("none"), ODD),
     "messages": st.one_of(st.lists(MESSAGE, max_size=4), ODD)},
    optional=dict.fromkeys(
        ["stream", "stream_options", "n", "stop", "max_tokens", "max_completion_tokens", "k",
         "response_format", "collections", "tools", "temperature", "user"], ODD
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def api(tmp_path_factory, embedder):
    made = create_api(small_assistant(tmp_path_factory.mktemp("fuzz"), embedder))
    return TestClient(made, base_url="http://127.0.0.1", raise_server_exceptions=False)


def check(response):
    assert response.status_code < 500, response.text
    if response.status_code != 200:
        error = response.json()["error"]
        assert set(error) == {"message", "type", "param", "code"}
        assert isinstance(error["message"], str) and error["message"]
    elif response.headers["content-type"].startswith("text/event-stream"):
        assert response.text.endswith("data: [DONE]\n\n")
        for line in filter(None, response.text.split("\n")):
            assert line.startswith(("data: ", ":"))
            if line.startswith("data: {"):
                assert "error" not in json.loads(line[6:]), line
    else:
        assert response.json()["choices"][0]["message"]["role"] == "assistant"


@given(REQUEST)
@FUZZ
def test_any_request(api, asked):
    # As bytes: lone surrogates and NaN are what a client may send, and httpx does not.
    body = json.dumps(asked).encode()
    check(api.post("/chat/completions", content=body, headers={"content-type": "application/json"}))


@given(st.binary(max_size=60))
@FUZZ
def test_any_body(api, body):
    for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded", ""):
        check(api.post("/chat/completions", content=body, headers={"content-type": kind}))
