"""What was chosen of the page comes back, as long as the server begins with the same."""

import json

from rag.assistant import Assistant
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
    made["keep_model"][0]("openai:one", Visitor("li"))
    made["keep_k"][0](9.0, Visitor("li"))
    for text in ('{"language": "en"}', '{"theme": "dark", "at": 5}'):
        made["keep"][0](text, Visitor("li"))
    for text in ("", "[]", "7", '{"language": "xx"}', '{"theme": []}', '{"model": "x"}'):
        made["keep"][0](text, Visitor("li"))
    assert shown(assistant, "li") == ({"language": "en", "theme": "dark"}, "openai:one", 9)
    assert shown(assistant, "wang") == ({}, None, None)
    # Without a login language and theme are the browser's own.
    made["keep"][0]('{"language": "en"}', Visitor(None))
    made["keep_k"][0](3, Visitor(None))
    assert shown(assistant, None) == ({}, None, 3)


def test_a_server_that_is_told_another_model_begins_with_it(assistant, embedder):
    handlers(assistant)["keep_model"][0]("openai:one", Visitor("li"))
    again = Assistant(assistant.settings.model_copy(update={"llm": "ollama:two"}))
    again.embedder = embedder
    assert shown(again, "li") == ({}, None, None)
