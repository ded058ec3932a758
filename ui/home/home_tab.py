"""The Home page: drawn anew each time it is opened."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import gradio as gr
from gradio.blocks import Block

from rag.assistant import Assistant
from rag.errors import RagError
from rag.practice.history import check_profile
from rag.practice.kept.interviews import Interviews
from rag.practice.plan.learner_plan import Plans
from ui.home.home_html import days_html, home_html, waits_html
from ui.home.on_path import on_path
from ui.home.path_html import path_html
from ui.home.standing import standing
from ui.session import error_html, owner_of
from ui.wiring import SILENT
from ui.wording import Language

PROFILE = "me"  # of whoever learns where there is no login
PLANNED = ("interview", "path")  # what of a learner's plan the page changes


@dataclass(frozen=True, kw_only=True)
class HomePage:
    """What the application wires to the rest of the page."""

    shown: gr.HTML
    refresh: Callable[..., str]
    refresh_inputs: list[Block]


def render(assistant: Assistant, language: Language, language_input: gr.Radio) -> HomePage:
    """Draw the page into the open `gr.Blocks`."""
    shown = gr.HTML(
        home_html(None, language), elem_id="home", padding=False, apply_default_css=False
    )

    wished = gr.Textbox(visible="hidden", elem_id="go-plan")

    def refresh(interface: Language, request: gr.Request) -> str:
        user = owner_of(request)
        try:
            now = standing(assistant, user, user or PROFILE)
            found = on_path(assistant, user, user or PROFILE)
            waits = Interviews(assistant.history()).open_one(user or PROFILE)
        except RagError as error:
            return error_html(error) + home_html(None, interface)
        path = path_html(found, now, interface)
        follows = bool(path) and found.follows and found.following is not None
        above = days_html(found.days_left, interface)
        above += waits_html(interface) if waits else ""
        return home_html(now, interface, above, path, follows)

    def wish(text: str, interface: Language, request: gr.Request) -> str:
        """The page by a changed plan: `{"interview": "2026-12-31"}` or `{"path": true}`."""
        told = ""
        try:
            changes = {key: value for key, value in json.loads(text).items() if key in PLANNED}
            profile = check_profile(owner_of(request) or PROFILE)
            Plans(assistant.history().database).change(profile, **changes)
        except RagError as error:
            told = error_html(error)
        except (ValueError, AttributeError, TypeError):  # nothing that our page sends
            pass
        return told + refresh(interface, request)

    wished.change(wish, [wished, language_input], shown, **SILENT)

    return HomePage(shown=shown, refresh=refresh, refresh_inputs=[language_input])
