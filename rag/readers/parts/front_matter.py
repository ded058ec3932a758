"""What stands between two `---` at the top of a Markdown note: YAML about it, or simply text."""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml
from pydantic_core import from_json, to_json

_MOST = 65_536  # characters; YAML is slow and its authors are not trusted
_OPEN = re.compile(r"\ufeff?---[ \t]*(?:\r\n|\n|\r)")
_CLOSE = re.compile(r"(?<=[\r\n])(?:---|\.\.\.)[ \t]*(?=[\r\n]|\Z)")
_KEY = re.compile(r"[\"']?\w[\w .-]{0,40}[\"']?:(?:\s|$)")
_MEMBER = re.compile(r"\s+\S|-\s|#|[\]\}]")
_SENTENCE = re.compile(r"[。！？.!?][\"”’』」)）]?\s*$")
_OTHER_THAN_TEXT = "*&[]{}|>!%@`"


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """A note's front matter.

    Attributes:
        end: where it ends and the note begins; 0 where there is none.
        gap: what of it could not be read, as a sentence; "" where it was read whole.
    """

    meta: dict[str, Any] = field(default_factory=dict)
    end: int = 0
    gap: str = ""


class _Loader(yaml.SafeLoader):
    """YAML without aliases: a few of them can stand for gigabytes."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("aliases are not read")
        return super().compose_node(parent, index)


def front_matter(text: str) -> FrontMatter:
    """The front matter of a note; a first section between two rules is none.

    Where its YAML is wrong, what can be read of it is taken, key by key, and the rest is said.
    """
    opened = _OPEN.match(text)
    closed = _CLOSE.search(text, opened.end()) if opened else None
    if opened is None or closed is None:
        return FrontMatter()
    content = text[opened.end() : closed.start()]
    if len(content) > _MOST:
        if not _meant(content[:_MOST]):
            return FrontMatter()
        return FrontMatter(
            {}, closed.end(), f"Its front matter has more than {_MOST} characters and is not read."
        )
    try:
        meta = _loaded(content)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: 2024-13-45
        return _mended(content, closed.end(), error) if _meant(content) else FrontMatter()
    if meta is None:  # nothing, or headings, which YAML takes for comments
        return FrontMatter() if content.strip() else FrontMatter({}, closed.end())
    if not isinstance(meta, dict) or _is_prose(meta):
        return FrontMatter()
    return FrontMatter(meta, closed.end())


def _loaded(content: str) -> Any:
    meta = yaml.load(content, _Loader)  # a SafeLoader
    return from_json(to_json(meta))  # dates become text, for notes travel as JSON


def _meant(content: str) -> bool:
    """It looks like YAML somebody wrote, if wrong: keys in most of its lines."""
    lines = [line for line in content.splitlines() if line.strip()]
    if not lines or not _KEY.match(lines[0]):
        return False
    fitting = sum(bool(_KEY.match(line) or _MEMBER.match(line)) for line in lines)
    return 2 * fitting > len(lines)


def _is_prose(meta: dict[Any, Any]) -> bool:
    """Sentences that happen to have a colon: "Note: the batch size is 96."."""
    return all(isinstance(value, str) and _SENTENCE.search(value) for value in meta.values())


def _mended(content: str, end: int, error: Exception) -> FrontMatter:
    mark = getattr(error, "problem_mark", None)
    where = f" in line {mark.line + 2}" if mark is not None else ""
    meta: dict[str, Any] = {}
    lost: list[str] = []
    for part in re.split(r"(?m)^(?=[^\s#\-\]\}])", content):
        key, _, value = part.partition(":")
        key, value = key.strip().strip("\"'"), value.strip()
        if not key:
            continue
        try:
            read = _loaded(part)
            if isinstance(read, dict):
                meta.update(read)
                continue
        except (yaml.YAMLError, ValueError, RecursionError):
            pass
        plain = "\n" not in value and "\r" not in value and value[:1] not in _OTHER_THAN_TEXT
        if value and plain and not value.startswith(('"', "'")):
            meta[key] = value  # a title with a colon in it
        else:
            lost.append(key[:40])
    without = f"; not read: {', '.join(lost[:10])}" if lost else ""
    return FrontMatter(
        meta, end, f"Its front matter is wrong YAML{where}{without}; correct it. 头部 YAML 有误。"
    )
