"""What of Gradio's own markup our styles and scripts lean on, and that this Gradio still has it.

Gradio promises none of it: where one goes with an upgrade, this names it before a learner sees it.
"""

import re
from pathlib import Path

import gradio

from tests.places import REPOSITORY

ASSETS = Path(gradio.__file__).parent / "templates" / "frontend" / "assets"
UI = REPOSITORY / "ui"
OF_GRADIO = {
    # the frame of the page
    "block", "column", "contain", "dark", "form", "gradio-container", "hidden", "html-container",
    "main", "panel", "prose", "row", "styler", "toast-wrap", "wrap", "wrap-inner",
    # tabs, accordions, choices, the drop zone, the table of notes
    "float", "icon", "label-wrap", "open", "options", "or", "overflow-menu", "search-input",
    "selected", "selection-button", "tab-container", "tab-wrapper", "tabitem",
    # the chat
    "bot-row", "bubble-wrap", "icon-button-wrapper", "katex-display", "message", "message-buttons",
    "message-buttons-left", "message-buttons-right", "message-row", "message-wrap", "panel-wrap",
    "placeholder", "placeholder-content", "scroll-down-button-container", "top-panel", "user-row",
}  # fmt: skip
MOST = 45  # it may only become fewer


def read(paths):
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(paths))


def has(name, text):
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None


def selectors():
    """Of our style sheets, and of what our scripts look for."""
    styles = re.sub(r"/\*.*?\*/", "", read((UI / "static").glob("*.css")), flags=re.DOTALL)
    found = [part for part in re.findall(r"([^{}]+)\{", styles) if not part.strip().startswith("@")]
    scripts = read((UI / "static").glob("*.js"))
    found += re.findall(
        r"""(?:querySelector(?:All)?|matches|closest)\??\.?\(["'`]([^"'`]+)""", scripts
    )
    return " ".join(found)


def test_every_class_is_ours_or_known_to_be_gradios():
    used = set(re.findall(r"\.([a-zA-Z][\w-]*)", selectors()))
    ours = read(UI.rglob("*.py")) + read((UI / "static").glob("*.js"))
    strange = {name for name in used - OF_GRADIO if not has(name, ours)}
    assert strange <= {"level-3", "level-4", "not-asked"}  # made of two parts
    assert used >= OF_GRADIO, "no longer used: take it off the list"
    assert len(OF_GRADIO) <= MOST


def test_gradio_still_has_them():
    theirs = read(ASSETS.glob("*.css")) + read(ASSETS.glob("*.js"))
    assert {name for name in OF_GRADIO if not has(name, theirs)} == set()


def test_every_id_is_one_of_our_components():
    ours = read(UI.rglob("*.py")) + read((UI / "static").glob("*.js"))
    assert {
        name for name in re.findall(r"#([a-zA-Z][\w-]*)", selectors()) if not has(name, ours)
    } == set()
