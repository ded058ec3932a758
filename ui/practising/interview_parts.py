"""The mock interview as components: what to ask, the question, its result, the report."""

from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.blocks import Block

from ui.answer_html import quiet
from ui.practising import appeal_area, voice
from ui.practising.sitting import Sitting
from ui.tabs.ask_parts import LATEX
from ui.wiring import Drawn, Labelled
from ui.wording import Language, word

BY = ("due", "weak", "tag", "folder", "path", "text")


@dataclass(frozen=True, kw_only=True)
class InterviewParts:
    """What is drawn; `labelled` change with the language by their words' key, `drawn` by what
    they give."""

    sitting: gr.State
    by: gr.Radio
    tag: gr.Dropdown
    folder: gr.Dropdown
    text: gr.Textbox
    topics: gr.Slider
    minutes: gr.Slider
    begin: gr.Button
    head: gr.HTML
    answer: gr.Textbox
    notice: gr.HTML
    send: gr.Button
    skip: gr.Button
    pause: gr.Button
    end: gr.Button
    result: gr.Markdown
    following: gr.Button
    appeal: appeal_area.AppealArea
    report: gr.Markdown
    download: gr.Button
    print: gr.Button
    again: gr.Button
    exported: gr.Textbox
    labelled: Labelled
    drawn: Drawn


@dataclass(frozen=True, kw_only=True)
class OfferParts:
    """The interview that waits, above whatever else is practised."""

    text: gr.HTML
    go_on: gr.Button
    close: gr.Button
    labelled: Labelled


@dataclass(frozen=True, kw_only=True)
class PastParts:
    """The interviews that are over; `picked` is `NUMBER_TIME` of the one that was clicked."""

    listed: gr.HTML
    picked: gr.Textbox


def outputs(parts: InterviewParts, offer: OfferParts) -> list[Block]:
    """Whatever a step of an interview shows anew."""
    return [
        parts.sitting, parts.head, parts.answer, parts.notice, parts.result, parts.following,
        parts.report, *parts.appeal.shown, offer.text,
    ]  # fmt: skip


def draw_offer(language: Language) -> OfferParts:
    """Draw it into the open `gr.Blocks`; without a sentence it is not shown."""
    with gr.Row(elem_id="iv-offer"):
        text = gr.HTML(elem_id="iv-open", padding=False, apply_default_css=False)
        go_on = gr.Button(
            word("iv_go_on", language), variant="primary", size="sm", min_width=72, scale=0,
            elem_id="iv-go-on",
        )  # fmt: skip
        close = gr.Button(
            word("iv_close", language), size="sm", min_width=72, scale=0, elem_id="iv-close"
        )
    return OfferParts(
        text=text, go_on=go_on, close=close, labelled={go_on: "iv_go_on", close: "iv_close"},
    )  # fmt: skip


def draw_past() -> PastParts:
    """Draw the list of the past ones into the open `gr.Blocks`."""
    return PastParts(
        listed=gr.HTML(elem_id="iv-past", padding=False, apply_default_css=False),
        picked=gr.Textbox(visible="hidden", elem_id="iv-picked"),
    )  # fmt: skip


def draw(language: Language) -> InterviewParts:
    """Draw the interview into the open `gr.Blocks`."""
    with gr.Column(elem_id="iv-setup"):
        lead = gr.HTML(lead_html(language), padding=False, apply_default_css=False)
        by = gr.Radio(_ways(language), value="due", label=word("iv_by", language), elem_id="iv-by")
        tag = gr.Dropdown([""], value="", label=word("iv_tags", language), elem_id="iv-tag")
        folder = gr.Dropdown(
            [""], value="", label=word("iv_folders", language), elem_id="iv-folder"
        )
        text = gr.Textbox(
            label=word("iv_paste", language), lines=6, max_lines=14, max_length=20_000,
            elem_id="iv-text",
        )  # fmt: skip
        with gr.Row():
            topics = gr.Slider(
                5, 8, value=6, step=1, label=word("iv_topics", language), min_width=160,
                elem_id="iv-topics",
            )  # fmt: skip
            minutes = gr.Slider(
                0, 90, value=30, step=5, label=word("iv_minutes", language), min_width=160,
                elem_id="iv-minutes",
            )  # fmt: skip
        begin = gr.Button(word("iv_begin", language), variant="primary", elem_id="iv-begin")
    head = gr.HTML("", elem_id="iv-head", padding=False, apply_default_css=False)
    voice_bar = gr.HTML(
        voice.bar_html(language, "iv-answer"), elem_id="voice-many", padding=False,
        apply_default_css=False,
    )  # fmt: skip
    answer = gr.Textbox(
        label=word("iv_answer", language), lines=7, max_lines=24, max_length=20_000,
        elem_id="iv-answer",
    )  # fmt: skip
    notice = gr.HTML("", elem_id="iv-notice", padding=False, apply_default_css=False)
    small: dict[str, Any] = {"min_width": 72, "scale": 0}
    with gr.Row(elem_id="iv-buttons"):
        send = gr.Button(
            word("iv_send", language), variant="primary", min_width=100, elem_id="iv-send"
        )
        skip = gr.Button(word("iv_skip", language), elem_id="iv-skip", **small)
        pause = gr.Button(word("iv_pause", language), elem_id="iv-pause", **small)
        end = gr.Button(word("iv_end", language), elem_id="iv-end", **small)
    result = gr.Markdown(latex_delimiters=LATEX, elem_id="iv-result")
    following = gr.Button(word("iv_next", language), variant="primary", elem_id="iv-next")
    appeal = appeal_area.draw(language, "iv-appeal")
    report = gr.Markdown(latex_delimiters=LATEX, elem_id="iv-report")
    with gr.Row(elem_id="iv-after"):
        download = gr.Button(
            word("iv_download", language), variant="primary", min_width=100, elem_id="iv-download"
        )
        printed = gr.Button(word("iv_print", language), elem_id="iv-print", **small)
        again = gr.Button(word("iv_new", language), elem_id="iv-again", **small)
    exported = gr.Textbox(visible="hidden", elem_id="iv-exported")
    return InterviewParts(
        sitting=gr.State(Sitting()), by=by, tag=tag, folder=folder, text=text, topics=topics,
        minutes=minutes, begin=begin, head=head, answer=answer, notice=notice, send=send,
        skip=skip, pause=pause,
        end=end, result=result, following=following, appeal=appeal, report=report,
        download=download, print=printed, again=again, exported=exported,
        labelled={
            tag: "iv_tags", folder: "iv_folders", text: "iv_paste",
            topics: "iv_topics", minutes: "iv_minutes", begin: "iv_begin",
            answer: "iv_answer", send: "iv_send", skip: "iv_skip", pause: "iv_pause",
            end: "iv_end", download: "iv_download", printed: "iv_print",
            again: "iv_new", **appeal.labelled,
        },
        drawn={
            lead: lead_html,
            voice_bar: lambda to: voice.bar_html(to, "iv-answer"),
            by: lambda to: gr.update(choices=_ways(to), label=word("iv_by", to)),
            appeal.kind: appeal_area.kinds_update,
        },
    )  # fmt: skip


def lead_html(language: Language) -> str:
    """What an interview is."""
    return (
        f"<div class='begin'><h2>{word('iv_title', language)}</h2>"
        f"{quiet(word('iv_lead', language))}</div>"
    )


def _ways(language: Language) -> list[tuple[str, str]]:
    return [(word(f"iv_{way}", language), way) for way in BY]
