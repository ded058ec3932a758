"""What a person has chosen of the page is kept on the server and is there on the next visit.

The model and how much it reads are kept for everybody; language and theme belong to a browser
where there is no login (a phone and a laptop may differ), and to the login where there is one.
A model that a login may not use is neither kept nor shown: the server's own takes its place.
A choice was made against what the server begins with: where that is another now, as by `--llm`, it
counts no more.
"""

import json

import gradio as gr

from rag.assistant import Assistant
from rag.chats.choices import LONGEST, Choices
from rag.errors import RagError, UsageError
from rag.permissions import usable_model
from ui.session import owner_of
from ui.wiring import PRIVATE, SILENT, Updates, unchanged
from ui.wording import LANGUAGES

OF_A_LOGIN: dict[str, tuple[str, ...]] = {
    "language": tuple(LANGUAGES.values()),
    "theme": ("light", "dark"),
}
MOST_READ = 20  # sections, as the slider has it


def wire(assistant: Assistant, page: gr.Blocks, model: gr.Dropdown, k: gr.Slider) -> None:
    """Keep what is chosen in the open `gr.Blocks`, and show it when the page loads.

    Args:
        model, k: the settings of the Ask page.
    """
    chosen = gr.Textbox(visible="hidden", elem_id="go-choice")  # what ask.js tells
    known = gr.Textbox(visible="hidden", elem_id="choices")
    of_model, of_k = f"model, not {assistant.settings.llm}", f"k, not {assistant.settings.k}"

    def keep(text: str, request: gr.Request) -> None:
        """A choice of a login as `{"language": "en"}`; anything else is nothing of ours."""
        owner = owner_of(request)
        try:
            data = json.loads(text)
            sound = {
                name: value for name, value in data.items() if value in OF_A_LOGIN.get(name, ())
            }
        except (ValueError, AttributeError, TypeError):
            return
        if owner and sound:
            _kept(assistant, owner, sound)

    def keep_model(spec: str, request: gr.Request) -> Updates:
        owner = owner_of(request)
        if not isinstance(spec, str) or not 0 < len(spec) <= LONGEST:
            return unchanged(model)
        if not usable(spec, owner):
            return {model: assistant.settings.llm}
        _kept(assistant, owner, {of_model: spec})
        return unchanged(model)

    def usable(spec: str, owner: str) -> bool:
        """Whether whoever this is may use the model; else they are told."""
        try:
            usable_model(assistant, spec, owner)
        except UsageError as error:
            gr.Warning(str(error))
            return False
        return True

    def keep_k(sections: float, request: gr.Request) -> None:
        if 1 <= sections <= MOST_READ:
            _kept(assistant, owner_of(request), {of_k: str(int(sections))})

    def show(request: gr.Request) -> Updates:
        owner = owner_of(request)
        try:
            kept = _choices(assistant).of(owner)
        except RagError:  # the conversations beside it say what is wrong
            kept = {}
        mine = {name: kept[name] for name in OF_A_LOGIN if owner and name in kept}
        updates: Updates = {known: json.dumps(mine)}
        if of_model in kept and usable(kept[of_model], owner):
            updates[model] = kept[of_model]
        elif of_model in kept:  # told once
            _kept(assistant, owner, {of_model: assistant.settings.llm})
        if kept.get(of_k, "").isdecimal():
            updates[k] = min(max(int(kept[of_k]), 1), MOST_READ)
        return updates

    chosen.change(keep, chosen, None, **SILENT)
    model.input(keep_model, model, model, **SILENT)
    k.release(keep_k, k, None, **SILENT)
    page.load(show, None, [known, model, k], **SILENT).then(
        None, known, js="(text) => window.showChoices(text)", **PRIVATE
    )


def _choices(assistant: Assistant) -> Choices:
    return Choices(assistant.chats().path)


def _kept(assistant: Assistant, owner: str, chosen: dict[str, str]) -> None:
    try:
        _choices(assistant).keep(owner, chosen)
    except RagError as error:
        raise gr.Error(str(error), print_exception=False) from error
