"""Structured logs: one JSON object a line, on stderr or in a file, and no secret in any of them.

A line has `time` (ISO 8601, UTC), `level`, `logger`, `event` and the event's own fields. Loggers
of this project follow the `log_level` setting, those of libraries are heard from WARNING on.
"""

import json
import logging
import logging.handlers
import math
import os
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import unquote

from pydantic import SecretStr

from rag.errors import RagError
from rag.settings import Settings

OURS = ("rag", "ui")
_FILE_BYTES, _FILES_KEPT = 10_000_000, 5
_HIDDEN = "[redacted]"
_SHORTEST = 8  # shorter "secrets" would blot out ordinary words
_KEY_LIKE = re.compile(
    r"\b(?:sk|pk|gsk|xai|hf|ghp)[-_][A-Za-z0-9_\-]{8,}"  # keys of well-known providers, and ours
    r"|(?<=[Bb]earer )[A-Za-z0-9._~+/=\-]{8,}"
    r"|(?<=://)[^/@\s]+(?=@)"  # name:password in an address
)
_SECRET_NAME = re.compile(r"(?:API_?KEY|TOKEN|SECRET|PASSWORD)$", re.IGNORECASE)
_HEADERS_NAME = re.compile(r"^OTEL_EXPORTER_OTLP_(?:\w+_)?HEADERS$")  # name=value,name=value
_SELDOM, _SELDOM_S = "opentelemetry", 60.0
known_secrets: set[str] = set()  # what `redact` blots out


def redact(value: Any) -> Any:
    """`value` with every known secret and everything that looks like a key blotted out.

    Strings are searched, also inside dicts and lists; numbers, booleans and None stay; anything
    else becomes its redacted text.
    """
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, dict):
        return {str(redact(str(key))): redact(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [redact(item) for item in value]
    text = str(value)
    for secret in sorted(known_secrets, key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    return _KEY_LIKE.sub(_HIDDEN, text)


def remember_secrets(settings: Settings) -> None:
    """Have `redact` know the settings' secrets and the keys in the environment."""
    given = [getattr(settings, name) for name in type(settings).model_fields]
    known = [item.get_secret_value() for item in given if isinstance(item, SecretStr)]
    known += [value for name, value in os.environ.items() if _SECRET_NAME.search(name)]
    for name, value in os.environ.items():
        if _HEADERS_NAME.search(name):
            known += [
                value,
                *(unquote(part.split("=", 1)[-1].strip()) for part in value.split(",")),
            ]
    known_secrets.update(value for value in known if len(value) >= _SHORTEST)


class JsonFormatter(logging.Formatter):
    """A record, its `fields` and its traceback as one redacted JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(redact(line), ensure_ascii=False)


class _OurHandler(logging.Handler):
    """Marks the handlers that `configure` may take away again."""


class _ErrorStream(logging.StreamHandler[TextIO], _OurHandler):
    pass


class _File(logging.handlers.RotatingFileHandler, _OurHandler):
    pass


def configure(settings: Settings, level: str = "warning") -> None:
    """Send all logs to stderr or `settings.log_file`, replacing what an earlier call set up.

    Args:
        level: holds where `settings.log_level` is not set; servers pass "info".

    Raises:
        RagError: the log file cannot be written.
    """
    remember_secrets(settings)
    root = logging.getLogger()
    for handler in [item for item in root.handlers if isinstance(item, _OurHandler)]:
        root.removeHandler(handler)
        handler.close()
    made = _handler(settings)
    made.setFormatter(JsonFormatter())
    made.addFilter(_is_relevant)
    made.addFilter(RateLimit())
    root.addHandler(made)
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel((settings.log_level or level).upper())


def _is_relevant(record: logging.LogRecord) -> bool:
    """Some libraries set their own loggers to DEBUG, past the root logger's level."""
    return record.levelno >= logging.WARNING or record.name.split(".")[0] in OURS


class RateLimit(logging.Filter):
    """The exporter of traces complains of every batch while its receiver is down.

    It is heard once a minute.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(_SELDOM)
        self._clock = clock
        self._heard: dict[str, float] = {}  # logger → when

    def filter(self, record: logging.LogRecord) -> bool:
        if not super().filter(record):
            return True
        now = self._clock()
        if now - self._heard.get(record.name, -math.inf) < _SELDOM_S:
            return False
        self._heard[record.name] = now
        return True


def _handler(settings: Settings) -> logging.Handler:
    if settings.log_file is None:
        return _ErrorStream(sys.stderr)
    path = settings.log_file.expanduser()
    try:
        # One folder is made, and none at the root: a misspelt path is told.
        if path.is_relative_to(settings.data_dir):
            path.parent.mkdir(parents=True, exist_ok=True)
        elif path.parent.parent != Path(path.anchor):
            path.parent.mkdir(exist_ok=True)
        path.touch(mode=0o600)
        return _File(path, maxBytes=_FILE_BYTES, backupCount=_FILES_KEPT, encoding="utf-8")
    except OSError as error:
        raise RagError(
            f"The log file {path} cannot be written ({error.strerror}); set RAG_LOG_FILE to "
            "another. 日志文件无法写入，请换一个位置。"
        ) from error
