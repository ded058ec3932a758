"""Reading evaluation files; what is wrong with them is said in one sentence."""

import json
from pathlib import Path
from typing import Any

from rag.errors import UsageError


def read_text(path: Path) -> str:
    """The UTF-8 text of a file.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise UsageError(f"{path} cannot be read ({reason}); check the path.") from error


def read_json(path: Path) -> Any:
    """A JSON file. Errors as in `read_text`."""
    try:
        return json.loads(read_text(path))
    except ValueError as error:
        raise UsageError(f"{path} is not JSON ({error}).") from error


def read_json_lines(path: Path) -> list[dict[str, Any]]:
    """A file with one JSON object a line. Errors as in `read_text`."""
    rows = []
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise UsageError(f"{path}, line {number}, is not JSON ({error}).") from error
        if not isinstance(row, dict):
            raise UsageError(f"{path}, line {number}, is not a JSON object.")
        rows.append(row)
    return rows
