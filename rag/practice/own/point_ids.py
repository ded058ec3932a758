"""Names of points that were drafted, not written into a note by hand."""

import re
from hashlib import sha1

_DRAFTED = re.compile(r"p-[0-9a-f]{8}")


def point_id(sentence: str) -> str:
    """A name for a point: it stays when the learner corrects the wording in the sidecar."""
    return "p-" + sha1(sentence.encode(), usedforsecurity=False).hexdigest()[:8]


def is_drafted(name: str) -> bool:
    """The name is one of `point_id`."""
    return _DRAFTED.fullmatch(name) is not None
