"""The public endpoints of the page's Gradio server: `/ask` and `/search`, in JSON.

Their contract is that of `rag ask --json` and `rag search --json`.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import gradio as gr
from gradio.events import api

from rag.assistant import Assistant
from rag.errors import RagError
from rag.telemetry.logs import redact
from ui.session import asker_of

AT_ONCE = 8
Result = TypeVar("Result")


def add_endpoints(assistant: Assistant) -> None:
    """Add `/ask` and `/search` to the open `gr.Blocks`."""

    def ask(
        question: str, k: int = assistant.settings.k, request: gr.Request | None = None
    ) -> dict[str, Any]:
        """Answer a question from the notes, every sentence cited.

        Returns the object that `rag ask --json` prints: answer (text with [n]), abstained,
        sentences, citations (note, title, heading, quote, start, end, score), nearest, timings.
        """
        return _explained(
            lambda: assistant.answer(question, k=_within(k), asker=asker_of(request)).to_dict()
        )

    def search(query: str, k: int = assistant.settings.k) -> list[dict[str, Any]]:
        """The k passages nearest to a query, best first: note, title, heading, text, start, end,
        score, as `rag search --json` prints them.
        """
        return _explained(lambda: [hit.to_dict() for hit in assistant.search(query, _within(k))])

    api(ask, api_name="ask", concurrency_limit=AT_ONCE)
    api(search, api_name="search", concurrency_limit=AT_ONCE)


def _within(k: object) -> int:
    if not isinstance(k, int) or isinstance(k, bool) or not 1 <= k <= 50:
        raise gr.Error("k must be a whole number from 1 to 50.", print_exception=False)
    return k


def _explained(run: Callable[[], Result]) -> Result:
    try:
        return run()
    except RagError as error:
        raise gr.Error(str(redact(str(error))), print_exception=False) from error
