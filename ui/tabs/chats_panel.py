"""The panel of the kept conversations beside the Ask page, as components."""

from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.blocks import Block

from ui.wiring import Labelled
from ui.wording import Language, word


@dataclass(frozen=True, kw_only=True)
class ChatsPanel:
    """The panel's components; `labelled` change with the language.

    Attributes:
        picked: number of the conversation that was clicked, set by page.js.
        exported: `[file name, text]` that page.js saves as a file.
        current: number of the open conversation, which page.js keeps in the page's address.
    """

    head: gr.HTML
    search: gr.Textbox
    new: gr.Button
    listing: gr.HTML
    title: gr.Textbox
    rename: gr.Button
    export: gr.Button
    delete: gr.Button
    confirm: gr.Row
    yes: gr.Button
    no: gr.Button
    notice: gr.HTML
    picked: gr.Textbox
    exported: gr.Textbox
    current: gr.Textbox
    labelled: Labelled

    @property
    def shown(self) -> list[Block]:
        """What another open conversation changes."""
        return [self.listing, self.title, self.confirm, self.notice, self.current]


def head_html(language: Language) -> str:
    """The name of the panel and its way out, where it covers the page."""
    return (
        f"<div class='aside-head'><b>{word('chats', language)}</b><button type='button' "
        f"class='aside-close' aria-label='{word('close', language)}'>×</button></div>"
    )


def render(language: Language) -> ChatsPanel:
    """Draw the collapsible panel into the open `gr.Blocks`."""
    small: dict[str, Any] = {"size": "sm", "min_width": 64}
    head = gr.HTML(
        head_html(language), elem_id="chats-head", padding=False, apply_default_css=False
    )
    new = gr.Button(word("clear", language), variant="primary", elem_id="chat-new")
    search = gr.Textbox(
        placeholder=word("find_chat", language), show_label=False, container=False, max_lines=1,
        label=word("find_chat", language), elem_id="chat-find",
    )  # fmt: skip
    listing = gr.HTML(elem_id="chat-list", padding=False, apply_default_css=False)
    with gr.Group(elem_id="chat-own"):
        title = gr.Textbox(
            label=word("chat_title", language), interactive=False, max_lines=1, elem_id="chat-title"
        )
        with gr.Row():
            rename = gr.Button(word("rename", language), elem_id="chat-rename", **small)
            export = gr.Button(word("export", language), elem_id="chat-export", **small)
            delete = gr.Button(word("delete", language), elem_id="chat-delete", **small)
        with gr.Row(visible=False, elem_id="chat-confirm") as confirm:
            yes = gr.Button(
                word("delete_yes", language), variant="stop", elem_id="chat-yes", **small
            )
            no = gr.Button(word("delete_no", language), elem_id="chat-no", **small)
    notice = gr.HTML(elem_id="chat-notice", padding=False, apply_default_css=False)
    current = gr.Textbox(elem_id="chat-current", visible="hidden")
    return ChatsPanel(
        head=head, search=search, new=new, listing=listing, title=title, rename=rename,
        export=export, delete=delete, confirm=confirm, yes=yes, no=no, notice=notice,
        picked=gr.Textbox(elem_id="chat-picked", visible="hidden"),
        exported=gr.Textbox(elem_id="chat-exported", visible="hidden"), current=current,
        labelled={
            search: "find_chat", new: "clear", title: "chat_title", rename: "rename",
            export: "export", delete: "delete", yes: "delete_yes", no: "delete_no",
        },
    )  # fmt: skip
