"""`rag ask` and `rag search`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from rag.cli.common import Chosen, Corpus, Json, Llm, load_model, open_assistant, print_json, ready


def ask(
    question: Annotated[str | None, typer.Argument(help="The question. 问题")] = None,
    corpus: Corpus = None,
    collection: Chosen = None,
    llm: Llm = None,
    k: Annotated[int | None, typer.Option("-k", min=1, max=50, help="Passages to read.")] = None,
    batch: Annotated[
        str | None, typer.Option("--batch", help="File with one question a line; - = stdin.")
    ] = None,
    json_: Json = False,
) -> None:
    """Ask a question; every sentence of the answer is cited. 提问，每句话都有出处"""
    from rag.cli.render import print_answer, stream_answer
    from rag.errors import UsageError

    if (question is None) == (batch is None):
        raise UsageError("Give a question or --batch FILE. 请给出问题或 --batch 文件。")
    assistant = open_assistant(corpus, llm, collection)
    if batch is not None:
        questions = _batch(batch)
        ready(assistant)
        load_model(assistant, assistant.settings.local_llm_writes)
        for line in questions:
            answer = assistant.answer(line, k=k)
            if json_:
                print_json(answer.to_dict())
            else:
                print_answer(answer)
        return
    from rag.answer.question import check_question

    assert question is not None
    question = check_question(question)
    assistant.model()  # a wrong spec fails before anything is loaded
    ready(assistant)
    load_model(assistant, assistant.settings.local_llm_writes)
    if json_:
        print_json(assistant.answer(question, k=k).to_dict())
    else:
        stream_answer(assistant.ask(question, k=k))


def _batch(name: str) -> list[str]:
    from rag.answer.question import check_question
    from rag.errors import UsageError

    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The batch file {name} cannot be read: {error}.") from error
    questions = [line.strip() for line in text.split("\n") if line.strip()]
    if not questions:
        raise UsageError(f"The batch file {name} holds no question.")
    return [check_question(line) for line in questions]


def search(
    query: Annotated[str, typer.Argument(help="What to look for. 检索词")],
    corpus: Corpus = None,
    collection: Chosen = None,
    k: Annotated[int | None, typer.Option("-k", min=1, max=200, help="How many passages.")] = None,
    json_: Json = False,
) -> None:
    """Show the passages nearest to a query. 只检索，不作答"""
    from rag.answer.question import check_question
    from rag.answer.replies import partly_read
    from rag.cli.progress_lines import say

    check_question(query)
    assistant = ready(open_assistant(corpus, "none", collection))
    hits = assistant.search(query, k)
    if told := partly_read(assistant.library.so_far(assistant.chosen)):
        say(told)
    if json_:
        print_json([hit.to_dict() for hit in hits])
    else:
        from rag.cli.render import print_hits

        print_hits(hits)
