"""`rag doctor` and `rag mcp`: is everything well, and the notes as tools for other programs."""

from typing import Annotated

import typer

from rag.cli.common import Corpus, Json, Llm, open_assistant, print_json, ready


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
    from importlib import import_module

    from rag.errors import RagError

    assistant = open_assistant(corpus, llm, log_level="info")
    assistant.model()
    try:
        face = import_module("rag.mcp_server")  # rag knows its faces by name only
    except ImportError as error:
        raise RagError(
            '`rag mcp` needs the extra mcp; run `pip install -c constraints.txt -e ".[mcp]"`. '
            "请安装 mcp 组件。"
        ) from error
    face.serve(assistant, prepare=lambda: ready(assistant), port=http)
