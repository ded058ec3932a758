"""Jupyter notebooks by nbformat: Markdown cells as they are, code, and the start of text output."""

import re
from typing import Any

from rag.errors import CorpusError
from rag.limits import DEFAULT_LIMITS, ReadLimits
from rag.notes.note import Note
from rag.readers.parts.decoding import decode
from rag.readers.parts.rich_text import RichText

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
    cut = pictures = 0
    for cell in notebook["cells"]:
        source = _joined(cell.get("source"))
        if cell.get("cell_type") == "code":
            rich.code(source, language)
            for output in cell.get("outputs", []):
                shown = _shown(output)
                cut += shown.endswith("\n…")
                pictures += any(kind.startswith("image/") for kind in output.get("data", {}))
                rich.code(shown, "text")
        else:
            rich.markdown(source)
    if cut:
        rich.gap(f"Long outputs of code ({cut}) are read up to {_MAX_OUTPUT} characters; put what "
                 "matters into a text cell. 较长的输出只读取开头。")  # fmt: skip
    if pictures:
        rich.gap(f"Pictures that code has drawn ({pictures}) are not read; say in a text cell what "
                 "they show. 输出的图片未读取。")  # fmt: skip
    return rich.note("")


def _shown(output: Any) -> str:
    """The text of an output, cut at a line end; pictures and HTML left out."""
    kind = output.get("output_type")
    if kind == "stream":
        text = _joined(output.get("text"))
    elif kind == "error":
        text = f"{output.get('ename', '')}: {output.get('evalue', '')}"
    else:
        text = _joined(output.get("data", {}).get("text/plain"))
    text = _ANSI.sub("", text)
    if len(text) <= _MAX_OUTPUT:
        return text
    return f"{text[:_MAX_OUTPUT].rsplit(chr(10), 1)[0]}\n…"


def _joined(value: Any) -> str:
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""
