"""The Home page: drawn anew each time it is opened."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.errors import RagError
from ui.home.home_html import home_html
from ui.home.standing import standing
from ui.session import error_html, owner_of
from ui.wording import Language

PROFILE = "me"  # of whoever learns where there is no login


@dataclass(frozen=True)
class HomePage:
    """What the application wires to the rest of the page."""

    shown: Any
    refresh: Callable[..., str]
    refresh_inputs: list[Any]


def render(assistant: Assistant, language: Language, language_input: Any) -> HomePage:
    """Draw the page into the open `gr.Blocks`."""
    shown = gr.HTML(
        home_html(None, language), elem_id="home", padding=False, apply_default_css=False
    )

    def refresh(interface: Language, request: gr.Request) -> str:
        user = owner_of(request)
        try:
            return home_html(standing(assistant, user, user or PROFILE), interface)
        except RagError as error:
            return error_html(error) + home_html(None, interface)

    return HomePage(shown, refresh, [language_input])
