"""Putting components into the other interface language."""

import gradio as gr
from gradio.blocks import Block

from ui.tabs.ask_feedback import reasons
from ui.wording import Language, word


def relabelled(part: Block, key: str, language: Language) -> object:
    """The update that puts one component into a language; `key` names its words."""
    text = word(key, language)
    if isinstance(part, gr.Button):
        return gr.update(value=text)
    if isinstance(part, gr.Textbox) and not part.show_label:
        return gr.update(placeholder=text, label=text)
    if isinstance(part, gr.BarPlot | gr.LinePlot):
        return gr.update(title=text)
    if key == "reason":
        return gr.update(label=text, choices=reasons(language))
    if key in {"model", "topic"}:
        return gr.update(label=text, info=word(f"{key}_info", language))
    return gr.update(label=text)
