"""`rag serve`, `rag mcp`, `rag doctor`: the web page, the notes as tools, is everything well."""

from typing import Annotated

import typer

from rag.cli.common import (
    Chosen,
    Corpus,
    Json,
    Llm,
    accounts,
    finish_all,
    open_assistant,
    print_json,
    ready,
)


def doctor(
    corpus: Corpus = None,
    llm: Llm = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Also start the LLM and let it say a word. 启动模型")
    ] = False,
    json_: Json = False,
) -> None:
    """Say what is installed, which models, which index, and what to do. 检查安装、模型与索引"""
    from rag.cli.render import print_checks
    from rag.doctor import examine, facts
    from rag.errors import RagError

    checks = list(examine(open_assistant(corpus, llm), deep))
    if json_:
        print_json(facts(checks))
    else:
        print_checks(checks)
    broken = [check.name for check in checks if check.status == "fail"]
    if broken:
        raise RagError(
            f"{len(broken)} of {len(checks)} checks failed: {', '.join(broken)}. 有检查未通过。"
        )


def mcp(
    corpus: Corpus = None,
    llm: Llm = None,
    http: Annotated[
        int | None,
        typer.Option("--http", min=1, max=65535, help="Serve http://127.0.0.1:PORT/mcp instead."),
    ] = None,
) -> None:
    """Offer search_notes and ask_notes to MCP clients over stdio. 作为 MCP 工具供其他程序调用"""
    import os

    from rag.errors import RagError

    parent = os.getppid()  # before the seconds that the imports take
    assistant = open_assistant(corpus, llm, log_level="info")
    assistant.model()
    try:
        from rag import mcp_server
    except ImportError as error:
        raise RagError(
            '`rag mcp` needs the extra mcp; run `pip install -c constraints.txt -e ".[mcp]"`. '
            "请安装 mcp 组件。"
        ) from error
    mcp_server.serve(assistant, prepare=lambda: ready(assistant), port=http, parent=parent)


def serve(
    corpus: Corpus = None,
    collection: Chosen = None,
    llm: Llm = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 7860,
    open_browser: Annotated[bool, typer.Option("--open/--no-open")] = False,
    login: Annotated[
        bool, typer.Option("--login", help="Ask for a login here too; see `rag user`.")
    ] = False,
) -> None:
    """Open the web page. 打开网页界面

    An address that other machines reach always asks for a login.
    """
    from rag.cli.progress_bars import weights_lines
    from rag.errors import RagError, UsageError
    from rag.loopback import is_loopback, no_proxy

    guarded = login or not is_loopback(host)
    if guarded and not accounts().names():
        raise UsageError(
            "A server that others can reach needs logins; run `rag user add NAME` first. "
            "请先用 rag user add 创建登录账号。"
        )

    assistant = open_assistant(corpus, llm, collection, log_level="info")
    assistant.model()
    require_free_port(host, port)
    for name in assistant.chosen:
        if not assistant.has_index(name):  # said before the page opens
            assistant.library.check_notes(assistant.collection(name))
    try:
        with no_proxy():  # Gradio makes its client when it is imported; a SOCKS proxy breaks that
            from ui import app
    except ImportError as error:
        raise RagError(f"The web page needs the package gradio ({error}); install it.") from error
    app.serve(
        assistant,
        host=host,
        port=port,
        open_browser=open_browser,
        check_login=accounts().check if guarded else None,
        key_owner=accounts().key_owner if guarded else None,
        stamps=accounts().stamps if guarded else None,
        prepare=lambda: finish_all(assistant),
        weights=weights_lines(),
    )


def require_free_port(host: str, port: int) -> None:
    """Refuse an address that the page cannot have, before anything is loaded for it.

    Raises:
        RagError: the port is taken, or the address is none of this machine.
    """
    import socket

    from rag.errors import RagError

    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        raise RagError(
            f"{host} is no address of this machine ({error.strerror}); choose another with --host."
        ) from error
    except OSError as error:
        raise RagError(
            f"Port {port} on {host} cannot be used ({error.strerror}); choose another with --port."
        ) from error
