"""How handlers and the page's components are tied together: by component, never by position."""

from collections.abc import Callable, Collection
from typing import Any

import gradio as gr
from gradio.blocks import Block

from ui.wording import Language

# What a handler gives. What is left out stays as it is; Gradio takes no empty one.
Updates = dict[Block, object]
Event = gr.events.Dependency
Labelled = dict[Block, str]  # key of the words that a component has in each language
Drawn = dict[Block, Callable[[Language], object]]  # what a component is in a language

# Of handlers that are no part of the public endpoints; silent: they show no progress.
PRIVATE: dict[str, Any] = {"api_visibility": "private"}
SILENT: dict[str, Any] = {**PRIVATE, "show_progress": "hidden"}


def unchanged(part: Block) -> Updates:
    """All as it is, said of one component: to Gradio an empty dict is a value."""
    return {part: gr.update()}


def only(updates: Updates, parts: Collection[Block]) -> Updates:
    """What of the updates goes to these components."""
    return {part: value for part, value in updates.items() if part in parts}
