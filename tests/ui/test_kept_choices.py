"""What was chosen of the page comes back, as long as the server begins with the same."""

import json

import pytest

from rag.assistant import Assistant
from rag.chats.choices import Choices
from ui.app import build
from ui.frame.warmth import Warmth


class Visitor:
    def __init__(self, name):
        self.username = name


def handlers(assistant):
    page = build(assistant, Warmth())
    return {
        block.fn.__name__: (block.fn, block.outputs)
        for block in page.fns.values()
        if getattr(block.fn, "__module__", "") == "ui.frame.kept_choices"
    }


def shown(assistant, name):
    """What a visitor's page is given, without the components."""
    show, outputs = handlers(assistant)["show"]
    given = show(Visitor(name))
    known, model, k = (given.get(part) for part in outputs)
    return json.loads(known), model, k


def test_choices_come_back_for_whoever_made_them(assistant):
    made = handlers(assistant)
    made["keep_model"][0]("none", Visitor("li"))
    made["keep_k"][0](9.0, Visitor("li"))
    for text in ('{"language": "en"}', '{"theme": "dark", "at": 5}'):
        made["keep"][0](text, Visitor("li"))
    for text in ("", "[]", "7", '{"language": "xx"}', '{"theme": []}', '{"model": "x"}'):
        made["keep"][0](text, Visitor("li"))
    assert shown(assistant, "li") == ({"language": "en", "theme": "dark"}, "none", 9)
    assert shown(assistant, "wang") == ({}, None, None)
    # Without a login language and theme are the browser's own.
    made["keep"][0]('{"language": "en"}', Visitor(None))
    made["keep_k"][0](3, Visitor(None))
    made["keep_model"][0]("openai:one", Visitor(None))
    assert shown(assistant, None) == ({}, "openai:one", 3)


def test_a_model_that_a_login_may_not_use_is_neither_kept_nor_shown(assistant):
    keep, (model,) = handlers(assistant)["keep_model"]
    with pytest.warns(UserWarning, match="offers the models"):
        assert keep("openai:one", Visitor("li")) == {model: assistant.settings.llm}
    assert shown(assistant, "li") == ({}, None, None)
    # One that was kept before there were logins, or by an older version.
    named = f"model, not {assistant.settings.llm}"
    Choices(assistant.chats().path).keep("li", {named: "openai:one"})
    with pytest.warns(UserWarning, match="offers the models"):
        assert shown(assistant, "li") == ({}, None, None)
    assert shown(assistant, "li") == ({}, assistant.settings.llm, None)  # and it is said once


def test_a_server_that_is_told_another_model_begins_with_it(assistant, embedder):
    handlers(assistant)["keep_model"][0]("openai:one", Visitor(None))
    again = Assistant(assistant.settings.model_copy(update={"llm": "ollama:two"}))
    again.embedder = embedder
    assert shown(again, None) == ({}, None, None)
