"""What surrounds the pages: the bar on top, the sheet of keys, styles and scripts."""

import html
from pathlib import Path

import gradio as gr

from ui.wording import Language, word

STATIC = Path(__file__).parent.parent / "static"
STYLES = [STATIC / f"{name}.css" for name in ("frame", "ask", "home", "read", "practise")]
COLOURS = STATIC / "colours.css"
SCRIPTS = [
    STATIC / f"{name}.js" for name in ("bridge", "ask", "places", "practise", "voice", "keys")
]
PAGES = ("home", "ask", "read", "practice", "notes")  # ids of the tabs, in their order
_KEYS = [
    ("/", "key_ask"), ("j k", "key_next"), ("Ctrl Enter", "key_send"), ("Space", "key_show"),
    ("1 – 4", "key_rate"), ("g h a r p n", "key_tabs"), ("Esc", "key_close"), ("?", "key_help"),
]  # fmt: skip


def head() -> str:
    """Styles and scripts, for the head of the page.

    Gradio would prefix the selectors of what it is given as `css`, so that nothing could depend on
    the body's classes; here they are nested in one that is more specific than Gradio's own.
    """
    styles, scripts = (
        "\n".join(path.read_text(encoding="utf-8") for path in paths) for paths in (STYLES, SCRIPTS)
    )
    colours = COLOURS.read_text(encoding="utf-8")
    return f"<style>{colours}:root:root {{ {styles} }}</style><script>{scripts}</script>"


def theme() -> gr.themes.Base:
    """Gradio's parts in the page's own colours (see static/frame.css)."""
    ours: dict[str, str] = {
        "body_background_fill": "var(--paper)",
        "body_text_color": "var(--ink)",
        "body_text_color_subdued": "var(--soft)",
        "block_background_fill": "var(--sheet)",
        "block_border_color": "var(--line)",
        "block_label_text_color": "var(--soft)",
        "block_label_background_fill": "var(--sheet)",
        "block_title_text_color": "var(--ink)",
        "block_info_text_color": "var(--soft)",
        "background_fill_primary": "var(--sheet)",
        "background_fill_secondary": "var(--paper)",
        "border_color_primary": "var(--line)",
        "border_color_accent": "var(--accent)",
        "color_accent_soft": "var(--accent-soft)",
        "input_background_fill": "var(--sheet)",
        "input_border_color": "var(--line)",
        "input_border_width": "1px",
        "input_placeholder_color": "var(--soft)",
        "button_primary_background_fill": "var(--accent)",
        "button_primary_background_fill_hover": "var(--accent)",
        "button_primary_text_color": "var(--accent-ink)",
        "button_primary_border_color": "var(--accent)",
        "button_primary_border_color_hover": "var(--accent)",
        "button_secondary_background_fill": "var(--sheet)",
        "button_secondary_background_fill_hover": "var(--accent-soft)",
        "button_secondary_text_color": "var(--ink)",
        "button_secondary_border_color": "var(--line)",
        "button_cancel_background_fill": "var(--sheet)",
        "button_cancel_text_color": "var(--danger)",
        "link_text_color": "var(--accent)",
        "checkbox_background_color_selected": "var(--accent)",
        "checkbox_border_color_selected": "var(--accent)",
        "slider_color": "var(--accent)",
        "table_text_color": "var(--ink)",
    }
    dark = {f"{name}_dark": value for name, value in ours.items()}
    made = gr.themes.Base(font=["system-ui", "Noto Sans CJK SC", "sans-serif"], radius_size="lg")
    return made.set(**ours, **dark, button_primary_shadow="none", button_secondary_shadow="none")


def brand(language: Language) -> str:
    """The name of the page, and what it promises."""
    return f"<h1 title='{word('subtitle', language)}'>{word('brand', language)}</h1>"


def controls(language: Language) -> str:
    """Buttons for the theme and the keys; and the sheet that tells them."""
    rows = "".join(
        f"<tr><td>{''.join(f'<kbd>{key}</kbd>' for key in keys.split())}</td>"
        f"<td>{word(name, language)}</td></tr>"
        for keys, name in _KEYS
    )
    close = word("help_close", language)
    words = {
        "copied": word("copied", language),
        "ask_selection": word("ask_selection", language),
        "ask_selection_text": word("ask_selection_text", language, text="…"),
        "note": word("note", language),
        "find": word("find_note", language),
        "end_interview": word("iv_end_sure", language),
        "no_microphone": word("voice_no_microphone", language),
    }
    said = "".join(f" data-{name.replace('_', '-')}='{text}'" for name, text in words.items())
    return (
        f"<div id='words' hidden data-lang='{language}'{said}></div>"
        f"<button type='button' id='theme' aria-label='{word('theme', language)}' "
        f"title='{word('theme', language)}'></button>"
        f"<button type='button' id='help' aria-label='{word('help', language)}' "
        f"title='{word('help', language)}'>?</button>"
        f"<dialog id='keys' aria-label='{word('help', language)}'><h2>{word('help', language)}</h2>"
        f"<table>{rows}</table><p><a href='?view=api'>{html.escape(word('api', language))}</a></p>"
        f"<button type='button' class='keys-close'>{close}</button></dialog>"
    )
