"""What stands between two `---` at the top of a Markdown note: YAML about it, or simply text."""

import re
import tomllib
from dataclasses import dataclass, field, replace
from json import JSONDecoder
from typing import Any

import yaml
from pydantic_core import from_json, to_json

_MOST = 65_536  # characters; YAML is slow and its authors are not trusted
_OPEN = re.compile(r"\ufeff?(?P<blank>\s{0,200}(?<![^\s\ufeff]))---[ \t]*(?:\r\n|\n|\r)")
_TOML = re.compile(r"\ufeff?\s{0,200}\+\+\+[ \t]*(?:\r\n|\n|\r)")
_JSON = re.compile(r"\ufeff?\s{0,200}\{\s{0,200}\"")
_TOML_CLOSE = re.compile(r"(?<=[\r\n])\+\+\+[ \t]*(?=[\r\n]|\Z)")
_GAP_LINE = re.compile(r"(?:\r\n|\n|\r(?!\n))[ \t]*(?:\r\n|\n|\r)|(?<=[\r\n])#|\Z")
# Keys of front matter, where it is not closed or does not begin the note; else it is text.
_USUAL = frozenset({
    "title", "tags", "tag", "aliases", "alias", "id", "date", "created", "updated", "author",
    "key_points", "questions", "also_asked", "index", "lang", "language", "draft",
    "categories", "category", "description", "slug", "cssclasses", "publish",
    "标题", "标签", "日期", "作者",
})  # fmt: skip
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
    if _TOML.match(text):
        return _toml(text)
    if _JSON.match(text):
        return _json(text)
    opened = _OPEN.match(text)
    closed = _CLOSE.search(text, opened.end()) if opened else None
    if opened is None:
        return FrontMatter()
    found = _closed(text, opened, closed) if closed is not None else FrontMatter()
    if closed is None:
        return _not_closed(text, opened)
    doubtful = found.gap or not found.end or _ends_in_headings(text, opened, closed)
    if doubtful and not _is_near(text, opened, closed):
        early = _not_closed(text, opened)  # the second rule may be one of the text
        found = early if early.end or not found.end else found
    if not opened["blank"] or not found.end:
        return found
    if not _USUAL & {str(key).lower() for key in found.meta}:
        return FrontMatter()
    return replace(found, gap=found.gap or "A blank line stands before its front matter; take it "
                   "out, lest other programs read it as text. 头部前有空行。")  # fmt: skip


def _is_near(text: str, opened: re.Match[str], closed: re.Match[str]) -> bool:
    """What stands between two rules was meant to be together: no blank line parts it."""
    gap = _GAP_LINE.search(text, opened.end() - 1)
    return gap is None or closed.start() <= gap.end()


def _ends_in_headings(text: str, opened: re.Match[str], closed: re.Match[str]) -> bool:
    """Below a blank line there are only headings, which YAML takes for comments."""
    gap = _GAP_LINE.search(text, opened.end() - 1)
    rest = text[gap.start() : closed.start()].splitlines() if gap else []
    lines = [line.strip() for line in rest if line.strip()]
    return bool(lines) and all(re.match(r"#{1,6}\s", line) for line in lines)


def _not_closed(text: str, opened: re.Match[str]) -> FrontMatter:
    """Keys up to a blank line, below a first rule that no other follows."""
    gap = _GAP_LINE.search(text, opened.end() - 1)
    end = gap.start() if gap else len(text)
    content = text[opened.end() : end]
    if len(content) > _MOST or not _meant(content):
        return FrontMatter()
    said = ("Its front matter is not closed by a second `---`; it is taken to end at the first "
            "blank line. 头部没有用 --- 结束。")  # fmt: skip
    try:
        meta = _loaded(content)
    except (yaml.YAMLError, ValueError, RecursionError):
        meta = None
    if not isinstance(meta, dict) or not _USUAL & {str(key).lower() for key in meta}:
        return FrontMatter({}, 0, said.replace("it is taken to end at the first blank line",
                                               "it is read as text"))  # fmt: skip
    return FrontMatter(meta, end, said)


def _toml(text: str) -> FrontMatter:
    """Hugo's front matter, between two `+++`."""
    opened = _TOML.match(text)
    closed = _TOML_CLOSE.search(text, opened.end()) if opened else None
    wrong = "Its front matter (+++) is {}, and is read as text; correct it. 头部 TOML 有误。"
    if opened is None or closed is None:
        return FrontMatter({}, 0, wrong.format("not closed by a second +++"))
    content = text[opened.end() : closed.start()]
    if len(content) > _MOST:
        return FrontMatter({}, 0, wrong.format(f"longer than {_MOST} characters"))
    try:
        meta = from_json(to_json(tomllib.loads(re.sub(r"\r\n?", "\n", content))))
    except (ValueError, RecursionError) as error:
        return FrontMatter({}, 0, wrong.format(f"wrong TOML ({str(error)[:100]})"))
    return FrontMatter(meta, closed.end())


def _json(text: str) -> FrontMatter:
    """Hugo's front matter in braces; anything else in braces is text."""
    start = text.index("{")
    try:
        meta, end = JSONDecoder().raw_decode(text[: start + _MOST], start)
    except (ValueError, RecursionError):
        return FrontMatter()
    usual = isinstance(meta, dict) and _USUAL & {str(key).lower() for key in meta}
    return (
        FrontMatter(meta, end)
        if usual and text[end : end + 1] in {"", "\n", "\r"}
        else FrontMatter()
    )


def _closed(text: str, opened: re.Match[str], closed: re.Match[str]) -> FrontMatter:
    """What stands between two rules."""
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
