"""The web application: header, language switch, loading state, one tab a page."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware
from starlette.routing import Mount

from rag.api.openai_server import create_api
from rag.assistant import Assistant
from rag.errors import RagError
from rag.loopback import host_in_url, no_proxy
from ui.endpoints import add_endpoints
from ui.guard import guards
from ui.login_sessions import EndedSessions, LoginSessions
from ui.session import Session, owner_of
from ui.tabs import ask_tab as ask
from ui.tabs import collection_choice as chosen
from ui.tabs import notes_tab as notes
from ui.tabs import practice_tab as practice
from ui.tabs.practice_exercise import PracticeSession, follow_up_of
from ui.wording import LANGUAGES, Language, word

_STATIC = Path(__file__).parent / "static"


@dataclass
class Warmth:
    """What is being loaded in the background: embedder, index, llm, ready, or failed."""

    stage: str = "embedder"
    error: str = ""

    def run(self, assistant: Assistant) -> None:
        """Load everything, keeping the stage up to date."""
        try:
            assistant.warm(self._say)
        except RagError as error:
            self.stage, self.error = "failed", str(error)
        except Exception as error:  # else the page would say "loading" for ever
            logging.getLogger(__name__).exception("warming failed")
            self.stage, self.error = "failed", f"{type(error).__name__}; see the server's log."

    def _say(self, stage: str) -> None:
        self.stage = stage

    def html(self, language: Language) -> str:
        if self.stage == "ready":
            return f"<span class='status ready'>● {word('ready', language)}</span>"
        if self.stage == "failed":
            return (
                f"<span class='status failed'>{word('failed', language)}{escape(self.error)}</span>"
            )
        return f"<span class='status'>◌ {word(f'loading_{self.stage}', language)}</span>"


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
        with gr.Row(elem_id="header"):
            header = gr.HTML(_header(language), scale=4)
            switch = gr.Radio(
                list(LANGUAGES.items()), value=language, show_label=False, container=False,
                min_width=220, scale=0, elem_id="language",
            )  # fmt: skip
        status = gr.HTML(warmth.html(language), elem_id="status")
        with gr.Tabs() as tabs:
            with gr.Tab(word("ask_tab", language), id="ask") as ask_tab:
                ask_page = ask.render(assistant, language, switch)
            with gr.Tab(word("practice_tab", language), id="practice") as practice_tab:
                practice_page = practice.render(assistant, language, switch)
            with gr.Tab(word("notes_tab", language), id="notes") as notes_tab:
                notes_page = notes.render(assistant, language, switch)

        def relabel(wanted: Language) -> dict[Any, Any]:
            return {
                header: _header(wanted),
                status: warmth.html(wanted),
                ask_tab: gr.update(label=word("ask_tab", wanted)),
                practice_tab: gr.update(label=word("practice_tab", wanted)),
                **ask_page.relabel(wanted),
                notes_tab: gr.update(label=word("notes_tab", wanted)),
                **practice_page.relabel(wanted),
                **notes_page.relabel(wanted),
            }

        switch.change(
            relabel, switch,
            [
                header, status, ask_tab, practice_tab, notes_tab, *ask_page.labelled,
                *practice_page.labelled, *notes_page.labelled,
            ],
            api_visibility="private", show_progress="hidden",
        ).then(
            notes_page.refresh, notes_page.refresh_inputs, notes_page.refresh_outputs,
            api_visibility="private", show_progress="hidden",
        ).then(
            practice_page.refresh, practice_page.refresh_inputs, practice_page.refresh_outputs,
            api_visibility="private", show_progress="hidden",
        )  # fmt: skip
        gr.on(
            [page.load, notes_tab.select],
            notes_page.refresh, notes_page.refresh_inputs, notes_page.refresh_outputs,
            api_visibility="private", show_progress="hidden",
        )  # fmt: skip
        gr.on(
            [page.load, ask_tab.select], ask_page.refresh, ask_page.collections,
            ask_page.collections, api_visibility="private", show_progress="hidden",
        )  # fmt: skip
        practice_tab.select(
            practice_page.refresh, practice_page.refresh_inputs, practice_page.refresh_outputs,
            api_visibility="private", show_progress="hidden",
        )  # fmt: skip

        def to_practice(now: Session, names: list[str], request: gr.Request) -> tuple[Any, ...]:
            topic = ask.last_topic(now)
            more = [topic.collection] if topic else []
            choice = chosen.offered(assistant, names, owner_of(request), more)
            return gr.Tabs(selected="practice"), choice, topic.key if topic else None

        def to_ask(now: PracticeSession, names: list[str], request: gr.Request) -> tuple[Any, ...]:
            choice = chosen.offered(assistant, names, owner_of(request), now.sources)
            return gr.Tabs(selected="ask"), choice, follow_up_of(now)

        ask_page.practise.click(
            to_practice, [ask_page.session, practice_page.collections],
            [tabs, practice_page.collections, practice_page.topic], api_visibility="private",
        ).then(
            practice_page.start, practice_page.start_inputs, practice_page.start_outputs,
            api_visibility="private",
        )  # fmt: skip
        practice_page.ask_about.click(
            to_ask, [practice_page.session, ask_page.collections],
            [tabs, ask_page.collections, ask_page.question], api_visibility="private",
        )  # fmt: skip
        page.load(
            ask_page.restore, ask_page.restore_inputs, ask_page.restore_outputs,
            js="(place, ...rest) => [window.chatInAddress(), ...rest]",
            api_visibility="private", show_progress="hidden",
        )  # fmt: skip
        add_endpoints(assistant)
        timer = gr.Timer(1.0)

        def tick(wanted: Language) -> tuple[str, Any]:
            return warmth.html(wanted), gr.Timer(active=warmth.stage not in {"ready", "failed"})

        timer.tick(tick, switch, [status, timer], api_visibility="private", show_progress="hidden")
    return page


def serve(
    assistant: Assistant,
    host: str,
    port: int,
    open_browser: bool,
    check_login: Callable[[str, str], bool] | None = None,
    key_owner: Callable[[str], str | None] | None = None,
    stamps: Callable[[], Mapping[str, str]] | None = None,
) -> None:
    """Serve the page until interrupted; models load in the background meanwhile.

    Args:
        check_login: whether a name and a password belong together; None asks for no login.
        key_owner: whose a bearer key for `/v1` is; with logins and without it, it is nobody's.
        stamps: all logins, each with what changes with its password; then its sessions end.
    """
    if check_login is not None and key_owner is None:
        key_owner = _nobodys
    api = Mount("/v1", create_api(assistant, key_owner))
    warmth = Warmth()
    page = build(assistant, warmth)
    settings = assistant.settings
    guarded = guards(
        host, check_login is not None, settings.allowed_hosts, settings.allowed_origins
    )
    sessions = LoginSessions(check_login, stamps) if check_login and stamps else None
    if sessions:
        guarded.append(Middleware(EndedSessions, sessions=sessions))
    with no_proxy():  # Gradio asks its own server whether it runs
        page.queue(max_size=64).launch(
            server_name=host_in_url(host),
            server_port=port,
            inbrowser=open_browser,
            auth=sessions.check if sessions else check_login,
            quiet=True,
            share=False,  # GRADIO_SHARE would open a tunnel to everybody
            theme=gr.themes.Soft(font=["system-ui", "Noto Sans CJK SC", "sans-serif"]),
            css_paths=_STATIC / "page.css",
            head=f"<script>{(_STATIC / 'page.js').read_text(encoding='utf-8')}</script>",
            footer_links=["api"],
            ssr_mode=False,
            app_kwargs={"routes": [api], "middleware": guarded},
            max_file_size=assistant.settings.max_note_bytes,
            prevent_thread_lock=True,
        )
    if sessions:
        sessions.watch(page.app.tokens)
    print(f"http://{host_in_url(host)}:{port}", flush=True)
    threading.Thread(target=warmth.run, args=(assistant,), daemon=True).start()
    page.block_thread()


def _nobodys(key: str) -> None:
    return None


def _header(language: Language) -> str:
    return f"<h1>{word('title', language)}</h1><p>{word('subtitle', language)}</p>"
