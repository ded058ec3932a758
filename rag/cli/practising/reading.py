"""A text that an option names: a file, or stdin."""

import sys
from pathlib import Path


def text_of(name: str) -> str:
    """The text of a file; `-` is stdin.

    Raises:
        UsageError: it cannot be read.
    """
    from rag.errors import UsageError

    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The text {name} cannot be read: {error}. 无法读取文件。") from error
