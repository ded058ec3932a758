"""`rag practice export` and `import`: a learner's past, or the topics as cards for Anki."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.common import Chosen, Corpus, open_assistant, ready
from rag.cli.practising.learner import Profile

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.notes.topic import Topic


def add_to(app: typer.Typer) -> None:
    """Make these commands part of `rag practice`."""
    app.command("export")(export_)
    app.command("import")(import_)


def export_(
    file: Annotated[Path, typer.Argument(help="Where to write.")],
    profile: Profile = "me",
    anki: Annotated[
        bool,
        typer.Option(
            "--anki", help="Cards for Anki instead: a package where FILE ends in .apkg, else CSV."
        ),
    ] = False,
    deck: Annotated[str, typer.Option(help="Anki's deck. 牌组")] = "Interview notes",
    recall: Annotated[
        bool, typer.Option("--recall", help="Quick cards too: one a key point. 每个要点一张速记卡")
    ] = False,
    corpus: Corpus = None,
    collection: Chosen = None,
) -> None:
    """Write attempts and schedule as JSON, or the topics as cards for Anki. 导出"""
    import json

    from rag.storage.atomic import write_atomic

    assistant = open_assistant(corpus, "none", collection)
    if anki:
        data = _cards(ready(assistant), file, deck, recall)
    else:
        export = assistant.history().export(profile)
        data = json.dumps(export, ensure_ascii=False, indent=1).encode()
    write_atomic(file, data)


def _cards(assistant: "Assistant", file: Path, deck: str, recall: bool) -> bytes:
    from rag.errors import CorpusError
    from rag.notes.note_key import DEFAULT
    from rag.practice.cards.anki import anki_cards, anki_file

    def link(topic: "Topic") -> str:
        path = assistant.collection(topic.origin or DEFAULT).folder / topic.note
        return path.as_uri() if path.is_file() else ""

    cards = anki_cards(assistant.coach("none"), link, recall)
    if not cards:
        raise CorpusError(
            "0 cards: no note has questions in its front matter or says enough to make one. "
            "没有可以导出的卡片。"
        )
    print(f"{len(cards)} cards 张卡片", file=sys.stderr)
    if file.suffix.lower() == ".apkg":
        from rag.practice.cards.anki_package import anki_package

        return anki_package(cards, deck)
    rows = [(card.front, card.back + card.source, card.tags) for card in cards]
    return anki_file(rows, deck).encode()


def import_(
    file: Annotated[Path, typer.Argument(help="A file that export wrote.")], profile: Profile = "me"
) -> None:
    """Add exported attempts and schedule to a profile. 导入"""
    import json

    from rag.errors import UsageError

    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read as JSON ({error}); give an export.") from error
    history = open_assistant(None, "none").history()
    before = history.cards(profile)
    count = history.restore(profile, data)
    due = sum(before.get(topic) != card for topic, card in history.cards(profile).items())
    print(
        f"{count} attempts and {due} schedules imported. 已导入 {count} 条记录、{due} 个复习安排。"
    )
