"""Every error a user can cause.

RagError            one sentence that says what happened and what to do; exit code 1
├── UsageError      the call itself is wrong; exit code 2
├── CorpusError     the notes cannot be read
├── IndexUnusable     the index is missing, damaged or built by something else
│   └── BeingIndexed    somebody builds it right now
└── ModelError      an embedding model or LLM cannot be had or does not answer
    └── BusyError   too many wait for the one local LLM already
"""

import errno

_DISK_FULL = frozenset([errno.ENOSPC, errno.EDQUOT])
_FORBIDDEN = frozenset([errno.EACCES, errno.EPERM, errno.EROFS])
_NO_FOLDER = frozenset([errno.ENOENT, errno.ENOTDIR, errno.EEXIST, errno.ELOOP, errno.ENAMETOOLONG])


class RagError(Exception):
    """A failure with a sentence fit for the user's eyes."""

    exit_code = 1


class UsageError(RagError):
    """The user called us wrongly (empty question, unknown setting)."""

    exit_code = 2


class CorpusError(RagError):
    """The notes folder is missing, empty or unreadable."""


class IndexUnusable(RagError):
    """The index is missing, damaged, or does not fit the settings."""


class BeingIndexed(IndexUnusable):
    """The index is being built, here or by another process; asked again later, it is there."""


class ModelError(RagError):
    """A model, its weights, its key or its server is missing or failed."""


class BusyError(ModelError):
    """The queue before the local LLM is full; asked again later, it has room."""


def os_reason(error: OSError, otherwise: str = "choose another folder") -> str:
    """What the system refused, and what to do about it: "free some space" only of a full disk.

    Args:
        otherwise: what to do where the place itself is wrong.
    """
    said = error.strerror or str(error) or type(error).__name__
    if error.errno in _DISK_FULL or error.errno is None:
        return f"{said}; free some space"
    if error.errno in _FORBIDDEN:
        return f"{said}; correct the permissions or {otherwise}"
    if error.errno in _NO_FOLDER:
        return f"{said}; {otherwise}"
    return f"{said}; check the disk or {otherwise}"


def http_status(error: Exception) -> int | None:
    """The HTTP status that a provider's exception tells of, if any."""
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) and status > 0 else None


def kind_of(error: Exception) -> str:
    """The kind of a provider's error, and its HTTP status: never its text, which may hold a key."""
    status = http_status(error)
    return type(error).__name__ + (f", status {status}" if status else "")
