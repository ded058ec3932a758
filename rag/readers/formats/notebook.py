"""Jupyter notebooks by nbformat: Markdown cells as they are, code, and the start of text output."""

import re
from collections import Counter
from typing import Any

from rag.errors import CorpusError
from rag.limits import DEFAULT_LIMITS, ReadLimits
from rag.notes.note import Note
from rag.readers.parts.decoding import decode
from rag.readers.parts.pictures import objects_gap, recordings_gap, undescribed_in
from rag.readers.parts.rich_text import RichText
from rag.readers.web.html_blocks import parse_html, write_html
from rag.text.wiki_marks import without_hidden

_MAX_OUTPUT = 500  # characters of a cell's output; more is data, not a note
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def read_notebook(relative: str, data: bytes, limits: ReadLimits = DEFAULT_LIMITS) -> Note:
    """A note titled by the notebook's first heading or its file."""
    import nbformat

    decoded = decode(relative, data)
    text = decoded.text.removeprefix("\ufeff")
    try:  # not `nbformat.reads`, whose validation is slow, and logs what does not matter here
        notebook: Any = nbformat.convert(nbformat.reader.reads(text), 4)
    except nbformat.reader.NotJSONError as error:
        raise CorpusError(f"{relative} is damaged; save the notebook again.") from error
    language = str(notebook.get("metadata", {}).get("language_info", {}).get("name", ""))
    if not re.fullmatch(r"[\w+#-]{1,20}", language):
        language = "python"
    rich = RichText(relative, limits)
    rich.gap(*decoded.gaps)
    cut = 0
    unread: Counter[str] = Counter()
    for cell in notebook["cells"]:
        source = _joined(cell.get("source"))
        if cell.get("cell_type") == "code":
            rich.code(source, language)
            for output in cell.get("outputs", []):
                shown = _write(rich, output)
                cut += shown.endswith("\n…")
                unread += _unread(output, bool(shown))
        else:
            source = without_hidden(source)
            rich.markdown(source)
            unread["attached"] += max(len(cell.get("attachments") or {}), undescribed_in(source))
    if cut:
        rich.gap(f"Long outputs of code ({cut}) are read up to {_MAX_OUTPUT} characters; put what "
                 "matters into a text cell. 较长的输出只读取开头。")  # fmt: skip
    if unread["drawn"]:
        rich.gap(f"Pictures that code has drawn ({unread['drawn']}) are not read; say in a text "
                 "cell what they show. 输出的图片未读取。")  # fmt: skip
    if unread["attached"]:
        rich.gap(f"Pictures in text cells ({unread['attached']}) are not read; say in the text "
                 "what they show. 附带的图片未读取。")  # fmt: skip
    rich.gap(recordings_gap(unread["recording"]), objects_gap(unread["object"]))
    return rich.note("")


def _write(rich: RichText, output: Any) -> str:
    """Write what an output says: its plain text, else its HTML or TeX; gives what was written."""
    text = _shown(output)
    if text.strip():
        rich.code(text, "text")
        return text
    found = _data(output)
    marked = _joined(found.get("text/markdown") or found.get("text/latex"))
    if marked.strip():
        rich.markdown(marked[:_MAX_OUTPUT] if len(marked) > 10 * _MAX_OUTPUT else marked)
        return marked
    page = parse_html(html) if (html := _joined(found.get("text/html"))).strip() else None
    if page is not None:
        write_html(rich, page)
    return html if page is not None else ""


def _unread(output: Any, said: bool) -> Counter[str]:
    """What of an output is no text: a picture, a sound, a thing of a program."""
    kinds = _data(output)
    if any(kind.startswith("image/") for kind in kinds):
        return Counter(drawn=1)
    if any(kind.startswith(("audio/", "video/")) for kind in kinds):
        return Counter(recording=1)
    return Counter(object=int(bool(kinds) and not said))


def _data(output: Any) -> dict[str, Any]:
    found = output.get("data")
    return found if isinstance(found, dict) else {}


def _shown(output: Any) -> str:
    """The text of an output, cut at a line end; pictures and HTML left out."""
    kind = output.get("output_type")
    if kind == "stream":
        text = _joined(output.get("text"))
    elif kind == "error":
        text = f"{output.get('ename', '')}: {output.get('evalue', '')}"
    else:
        text = _joined(_data(output).get("text/plain"))
    text = _ANSI.sub("", text)
    if len(text) <= _MAX_OUTPUT:
        return text
    return f"{text[:_MAX_OUTPUT].rsplit(chr(10), 1)[0]}\n…"


def _joined(value: Any) -> str:
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""
