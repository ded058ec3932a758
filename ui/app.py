"""The web application: header, language switch, loading state, one tab a page."""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import gradio as gr
from starlette.middleware import Middleware
from starlette.routing import Mount

from rag.api.openai_server import create_api
from rag.assistant import Assistant
from rag.errors import RagError
from rag.llm.weights import ByteProgress
from rag.loopback import host_in_url, no_proxy
from ui.endpoints import add_endpoints
from ui.frame import kept_choices, shell, status_bar
from ui.frame.first_paint import FirstPaint
from ui.frame.warmth import Warmth
from ui.guard import GuardedApp, guards
from ui.home import home_tab
from ui.home.standing import standing
from ui.login_sessions import EndedSessions, LoginSessions
from ui.reading import read_tab
from ui.session import Session, owner_of
from ui.tabs import ask_tab, collection_choice, notes_tab, practice_tab
from ui.tabs.practice_exercise import PracticeSession, follow_up_of
from ui.wiring import PRIVATE, SILENT, Updates
from ui.wording import LANGUAGES, Language, word

__all__ = ["Warmth", "build", "serve"]

STARTS = 3  # times that the server is tried
LOOKS_EVERY_S = 0.02


def build(assistant: Assistant, warmth: Warmth, language: Language = "zh") -> gr.Blocks:
    """The page over an assistant."""
    page: gr.Blocks
    with gr.Blocks(
        title=word("title", language),
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(
            3600,
            3600,
        ),  # uploads are copied; Gradio's own copies go within an hour or two
    ) as page:
        add_endpoints(assistant)  # first: a handler of the name `ask` would take theirs
        with gr.Row(elem_id="header"):
            brand = gr.HTML(
                shell.brand(language), elem_id="brand", padding=False, apply_default_css=False
            )
            status = gr.HTML(
                warmth.html(language), elem_id="status", padding=False, apply_default_css=False
            )
            switch = gr.Radio(
                list(LANGUAGES.items()), value=language, label="Language / 语言",
                show_label=False, container=False, scale=0, elem_id="language",
            )  # fmt: skip
            controls = gr.HTML(
                shell.controls(language), elem_id="controls", padding=False, apply_default_css=False
            )
        # What page.js tells: where to go, and with what.
        to_read = gr.Textbox(visible="hidden", elem_id="go-read")
        to_cited = gr.Textbox(visible="hidden", elem_id="go-cited")
        to_topic = gr.Textbox(visible="hidden", elem_id="go-practise")
        tab: dict[str, gr.Tab] = {}
        with gr.Tabs(elem_id="pages") as tabs:
            with gr.Tab(word("home_tab", language), id="home") as tab["home"]:
                home_page = home_tab.render(assistant, language, switch)
            with gr.Tab(word("ask_tab", language), id="ask") as tab["ask"]:
                ask_page = ask_tab.render(assistant, language, switch)
            with gr.Tab(word("read_tab", language), id="read") as tab["read"]:
                read_page = read_tab.render(assistant, language)
            with gr.Tab(word("practice_tab", language), id="practice") as tab["practice"]:
                practice_page = practice_tab.render(assistant, language, switch)
            with gr.Tab(word("notes_tab", language), id="notes") as tab["notes"]:
                notes_page = notes_tab.render(assistant, language, switch)

        def relabel(wanted: Language) -> Updates:
            return {
                brand: shell.brand(wanted),
                controls: shell.controls(wanted),
                status: warmth.html(wanted),
                **{part: gr.update(label=word(f"{key}_tab", wanted)) for key, part in tab.items()},
                **ask_page.relabel(wanted),
                **practice_page.relabel(wanted),
                **notes_page.relabel(wanted),
            }

        # The language that this browser keeps, also before the switch itself has it.
        kept: dict[str, Any] = {
            "js": "(...all) => [...all.slice(0, -1), window.keptLanguage(all.at(-1))]",
            **SILENT,
        }
        home_inputs, home_shown = home_page.refresh_inputs, home_page.shown
        read_inputs = [read_page.reading, switch]
        noted = (notes_page.refresh, notes_page.refresh_inputs, notes_page.refresh_outputs)
        practised = (
            practice_page.refresh, practice_page.refresh_inputs, practice_page.refresh_outputs,
        )  # fmt: skip
        switch.change(
            relabel, switch,
            [
                brand, controls, status, *tab.values(), *ask_page.labelled,
                *practice_page.labelled, *practice_page.drawn, *notes_page.labelled,
                *notes_page.drawn,
            ], **SILENT,
        ).then(home_page.refresh, home_inputs, home_shown, **SILENT).then(
            read_page.refresh, read_inputs, read_page.shown, **SILENT,
        ).then(*noted, **SILENT).then(*practised, **SILENT)  # fmt: skip
        # No output: it would undo a choice made while the page was still loading.
        page.load(None, js="() => window.showKeptLanguage()", **PRIVATE)
        gr.on(
            [page.load, tab["home"].select], home_page.refresh, home_inputs, home_shown,
            concurrency_limit=4, **kept,
        )  # fmt: skip
        gr.on(
            [page.load, tab["notes"].select],
            notes_page.refresh, notes_page.refresh_inputs, notes_page.refresh_outputs, **kept,
        )  # fmt: skip
        gr.on(
            [page.load, tab["ask"].select], ask_page.refresh, ask_page.collections,
            ask_page.collections, **SILENT,
        )  # fmt: skip
        tab["practice"].select(
            practice_page.refresh, practice_page.refresh_inputs, practice_page.refresh_outputs,
            **kept,
        )  # fmt: skip
        tab["read"].select(read_page.refresh, read_inputs, read_page.shown, **kept)
        to_read.change(read_page.open, [to_read, switch], read_page.shown, **SILENT).then(
            None, read_page.reading, js="(key) => window.noteOpened(key)", **PRIVATE
        )
        to_cited.change(
            read_page.open_cited, [to_cited, ask_page.session, switch], read_page.shown, **SILENT
        ).then(None, read_page.reading, js="(key) => window.noteOpened(key)", **PRIVATE)

        def with_added(names: list[str], named: str, request: gr.Request) -> object:
            return collection_choice.offered(assistant, names, owner_of(request), [named])

        # What was just added is asked and practised from now on.
        for collections in (ask_page.collections, practice_page.collections):
            notes_page.uploaded.then(
                with_added, [collections, notes_page.chosen], collections, **SILENT
            )

        def to_practice(now: Session, names: list[str], request: gr.Request) -> Updates:
            topic = ask_tab.last_topic(now)
            more = [topic.collection] if topic else []
            return practising(topic.key if topic else None) | {
                practice_page.collections: collection_choice.offered(
                    assistant, names, owner_of(request), more
                )
            }

        def to_topic_of(key: str) -> Updates:
            return practising(key.partition("\n")[0] or None)

        def practising(topic: str | None) -> Updates:
            return {
                tabs: gr.Tabs(selected="practice"),
                practice_page.mode: "one",
                practice_page.topic: topic,
            }

        def to_ask(now: PracticeSession, names: list[str], request: gr.Request) -> Updates:
            return {
                tabs: gr.Tabs(selected="ask"),
                ask_page.collections: collection_choice.offered(
                    assistant, names, owner_of(request), now.sources
                ),
                ask_page.question: follow_up_of(now),
            }

        for event in (
            ask_page.practise.click(
                to_practice, [ask_page.session, practice_page.collections],
                [tabs, practice_page.mode, practice_page.collections, practice_page.topic],
                cancels=[practice_page.grading], **PRIVATE,
            ),
            to_topic.change(
                to_topic_of, to_topic, [tabs, practice_page.mode, practice_page.topic],
                cancels=[practice_page.grading], **PRIVATE,
            ),
        ):  # fmt: skip
            event.then(
                practice_page.start, practice_page.start_inputs, practice_page.start_outputs,
                **PRIVATE,
            )  # fmt: skip
        practice_page.ask_about.click(
            to_ask, [practice_page.session, ask_page.collections],
            [tabs, ask_page.collections, ask_page.question], **PRIVATE,
        )  # fmt: skip
        page.load(
            ask_page.restore, ask_page.restore_inputs, ask_page.restore_outputs,
            js="(place, now, code) => [window.chatInAddress(), now, window.keptLanguage(code)]",
            concurrency_limit=8,
            **SILENT,
        )  # fmt: skip
        kept_choices.wire(assistant, page, ask_page.model, ask_page.k)
        # What the page shows of notes that were not there when it was opened.
        status_bar.wire(page, warmth, status, switch).change(
            home_page.refresh, home_inputs, home_shown, **SILENT,
        ).then(*noted, **SILENT).then(*practised, **SILENT).then(
            read_page.reshelve, read_inputs, read_page.shelved, **SILENT,
        )  # fmt: skip
    return page


def serve(
    assistant: Assistant,
    host: str,
    port: int,
    open_browser: bool,
    check_login: Callable[[str, str], bool] | None = None,
    key_owner: Callable[[str], str | None] | None = None,
    stamps: Callable[[], Mapping[str, str]] | None = None,
    prepare: Callable[[], object] = lambda: None,
    weights: ByteProgress = lambda done, total: None,
) -> None:
    """Serve the page until interrupted; notes and models are read in the background meanwhile.

    Args:
        check_login: whether a name and a password belong together; None asks for no login.
        key_owner: whose a bearer key for `/v1` is; with logins and without it, it is nobody's.
        stamps: all logins, each with what changes with its password; then its sessions end.
        prepare: indexes the notes that never were.
        weights: is told how far the LLM's weights are joined.
    """
    if check_login is not None and key_owner is None:
        key_owner = _nobodys
    api = Mount("/v1", create_api(assistant, key_owner))
    warmth = Warmth()
    warmth.expect(assistant)
    page = build(assistant, warmth)
    settings = assistant.settings
    guarded = guards(
        host, check_login is not None, settings.allowed_hosts, settings.allowed_origins
    )
    sessions = LoginSessions(check_login, stamps) if check_login and stamps else None
    if sessions:
        guarded.append(Middleware(EndedSessions, sessions=sessions))
    parts = {block.get_block_name() for block in page.blocks.values()}
    guarded.append(Middleware(FirstPaint, parts=parts))
    page.queue(max_size=64)
    # Gradio looks a thousand times a second whether somebody has asked: 4 % of a core for nothing.
    page._queue.sleep_when_free = LOOKS_EVERY_S

    def launch() -> None:
        page.launch(
            server_name=host_in_url(host),
            server_port=port,
            inbrowser=open_browser,
            auth=sessions.check if sessions else check_login,
            quiet=True,
            share=False,  # GRADIO_SHARE would open a tunnel to everybody
            theme=shell.theme(),
            head=shell.head(),
            footer_links=["api"],
            ssr_mode=False,
            root_path=settings.root_path,
            _app=GuardedApp(guarded, settings.root_path, routes=[api]),
            max_file_size=assistant.settings.max_note_bytes,
            prevent_thread_lock=True,
        )

    with no_proxy():  # Gradio asks its own server whether it runs
        _patiently(launch, page.close)
    if sessions:
        sessions.watch(page.app.tokens)
    print(f"http://{host_in_url(host)}:{port}", flush=True)

    def topics() -> None:
        with suppress(RagError):  # the page itself tells what is wrong
            standing(assistant, "", home_tab.PROFILE)

    reading = (assistant, topics, prepare, weights)
    threading.Thread(target=warmth.run, args=reading, daemon=True).start()
    page.block_thread()
    warmth.stop()


def _patiently(launch: Callable[[], None], close: Callable[[], None]) -> None:
    """Launch, and again where Gradio gave its own server too little time: on a busy machine."""
    for left in reversed(range(STARTS)):
        try:
            launch()
            return
        except ValueError as error:
            close()
            if not left or "localhost is not accessible" not in str(error):
                raise


def _nobodys(key: str) -> None:
    return None
