"""`rag collections …`: the named sets of notes."""

from typing import Annotated

import typer

from rag.cli.common import Json, open_assistant, print_json

app = typer.Typer(help="Named sets of notes. 笔记集", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name of the collection. 笔记集名称")]


@app.command("list")
def list_(json_: Json = False) -> None:
    """Every collection: name, notes, failures, folder. 列出笔记集"""
    library = open_assistant(llm="none").library
    rows = []
    for item in library.registry.all():
        found = library.status(item)
        rows.append({
            "name": item.name, "folder": str(item.folder), "uploaded": item.uploaded,
            "indexed": found.built is not None, "notes": found.count("indexed", "changed"),
            "failed": found.count("failed"), "chunks": found.chunks,
        })  # fmt: skip
    if json_:
        print_json(rows)
        return
    for row in rows:
        state = f"{row['notes']} notes" if row["indexed"] else "not indexed"
        failed = f", {row['failed']} failed" if row["failed"] else ""
        print(f"{row['name']}: {state}{failed} ({row['folder']})")


@app.command()
def show(name: Name, json_: Json = False) -> None:
    """What is indexed, what is not, and why. 哪些已索引、哪些失败及原因"""
    assistant = open_assistant(llm="none")
    found = assistant.library.status(assistant.collection(name))
    if json_:
        entries = [
            {"note": e.path, "state": e.state, **({"reason": e.reason} if e.reason else {}),
             **({"partial": True} if e.partial else {})}
            for e in found.entries
        ]  # fmt: skip
        item = found.collection
        print_json(
            {
                "name": item.name,
                "folder": str(item.folder),
                "chunks": found.chunks,
                "notes": entries,
                "warnings": list(found.warnings),
                "unread": list(found.others),
            }
        )
        return
    for entry in found.entries:
        state = f"{entry.state} in part" if entry.partial else entry.state
        print(f"{state}  {entry.path}" + (f": {entry.reason}" if entry.reason else ""))
    for warning in found.warnings:
        print(f"note  {warning}")
    for path in found.others:
        print(f"not read  {path}")
    print(
        f"{found.count('indexed')} indexed ({sum(e.partial for e in found.entries)} of them in "
        f"part), {found.count('failed')} failed, "
        f"{found.count('new', 'changed', 'gone')} not up to date (run `rag index`)"
    )


@app.command()
def remove(name: Name) -> None:
    """Forget a collection and its index; your own folder is never touched. 删除笔记集

    Notes that were uploaded on the web page are deleted with their collection.
    """
    gone = open_assistant(llm="none").remove_collection(name)
    kept = "its uploads are deleted" if gone.uploaded else f"{gone.folder} is untouched"
    print(f"{gone.name}: removed; {kept}.")


@app.command()
def rename(name: Name, new: Annotated[str, typer.Argument(help="New name. 新名称")]) -> None:
    """Give a collection another name; its index and practice history are kept. 重命名"""
    print(f"{name}: now {open_assistant(llm='none').rename_collection(name, new).name}.")
