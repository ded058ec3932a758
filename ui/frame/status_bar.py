"""The line on top that says what is being read and loaded, kept up to date."""

import gradio as gr

from ui.frame.warmth import Warmth
from ui.wiring import SILENT, Updates
from ui.wording import Language


def wire(page: gr.Blocks, warmth: Warmth, status: gr.HTML, switch: gr.Radio) -> gr.Textbox:
    """Draw `status` anew when the page opens, and each second while something goes on.

    Returns:
        Hidden: what of the notes can be asked; its change tells the pages to look again.
    """
    timer = gr.Timer(1.0)
    notes_read = gr.Textbox(warmth.notes, visible="hidden", elem_id="notes-read")

    def tick(wanted: Language) -> Updates:
        return {
            status: warmth.html(wanted),
            timer: gr.Timer(active=not warmth.over),
            notes_read: warmth.notes,
        }

    def opened(wanted: Language) -> Updates:
        told = tick(wanted)
        # The page draws itself from all notes then: a change would have it drawn once more.
        return told | ({notes_read: gr.skip()} if warmth.over else {})

    page.load(opened, switch, [status, timer, notes_read], **SILENT)
    timer.tick(tick, switch, [status, timer, notes_read], **SILENT)
    return notes_read
