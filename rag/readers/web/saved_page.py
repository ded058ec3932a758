"""Pages that a browser saves as one file (MHTML): the page inside, packed as a mail is."""

import re
from email import message_from_bytes, policy
from email.errors import MessageError

_HEAD = 4_000  # bytes in which its headers stand
_PACKED = re.compile(rb"^content-type:\s*multipart/related\b", re.IGNORECASE | re.MULTILINE)
_FIRST = re.compile(rb"\s*[A-Za-z][A-Za-z-]{1,40}:")


def page_inside(data: bytes) -> bytes | None:
    """The HTML of a page saved as one file, whatever the file's name; None where it is no such."""
    if not _FIRST.match(data) or not _PACKED.search(data, 0, _HEAD):
        return None
    try:
        parts = list(message_from_bytes(data, policy=policy.compat32).walk())
    except (MessageError, ValueError, RecursionError):
        return None
    for part in parts:
        if part.get_content_type() in {"text/html", "application/xhtml+xml"}:
            found = part.get_payload(decode=True)
            return found if isinstance(found, bytes) else None
    return None
