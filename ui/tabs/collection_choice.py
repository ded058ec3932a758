"""The choice of collections that the Ask and the Practice page have alike."""

from collections.abc import Sequence

import gradio as gr

from rag.assistant import Assistant
from rag.notes.note_key import DEFAULT
from rag.permissions import readable
from ui.wording import Language, word


def dropdown(assistant: Assistant, key: str, language: Language, elem_id: str) -> gr.Dropdown:
    """The component; `key` names its label."""
    chosen = list(assistant.chosen)
    return gr.Dropdown(
        chosen, value=chosen, multiselect=True, label=word(key, language), elem_id=elem_id
    )


def known_of(assistant: Assistant, names: Sequence[str] | None, user: str) -> list[str]:
    """Those of `names` that this login may read; the server's own choice where none is left."""
    return _kept(assistant, names, [item.name for item in readable(assistant, user)])


def offered(
    assistant: Assistant, names: Sequence[str] | None, user: str, more: Sequence[str] = ()
) -> object:
    """The update of the component: what this login may read, and `names` of it chosen.

    Args:
        more: collections, as citations name them, that are chosen beside these.
    """
    known = [item.name for item in readable(assistant, user)]
    kept = _kept(assistant, names, known)
    added = [name or DEFAULT for name in more]
    kept += [name for name in dict.fromkeys(added) if name in known and name not in kept]
    if kept == list(names or ()):
        return gr.update(choices=known)  # what was chosen meanwhile is not undone
    return gr.update(choices=known, value=kept)


def _kept(assistant: Assistant, names: Sequence[str] | None, known: Sequence[str]) -> list[str]:
    return [name for name in names or () if name in known] or list(assistant.chosen)
