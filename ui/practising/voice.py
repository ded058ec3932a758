"""The browser's own voice, drawn where it has one (static/voice.js): off till it is switched on."""

from ui.wording import Language, word


def choice_html(language: Language) -> str:
    """The switch, with what it means."""
    return (
        f"<label class='voice-choice'><input type='checkbox'><span>{word('voice', language)}"
        f"</span></label>"
    )


def bar_html(language: Language, box: str) -> str:
    """The buttons above an answer.

    Args:
        box: id of the component that the spoken answer goes to.
    """
    return (
        f"<div class='voice-bar' data-box='{box}'>"
        f"<button type='button' class='dictate chip' aria-pressed='false'>"
        f"{word('voice_dictate', language)}</button>"
        f"<button type='button' class='aloud chip'>{word('voice_aloud', language)}</button></div>"
    )
