"""Pictures in notes: what describes one, and what is said of those that nothing describes."""

import re

_FILE = re.compile(
    r"\S*[^\s.]\.(?:png|jpe?g|gif|bmp|webp|tiff?|svg|emf|wmf|heic|avif)", re.IGNORECASE
)
_ADDRESS = re.compile(r"(?:[A-Za-z]:\\|https?://|file:|/)\S*")
_NO_WORDS = re.compile(
    r"(?:image|img|pic|picture|photo|figure|screenshot|alt(?: text)?|图片|图像|圖片|图|插图|截图"
    r"|在这里插入图片描述)[\s_-]*\d*",
    re.IGNORECASE,
)
# In Markdown: with their words, in HTML, and as Obsidian embeds them.
_SHOWN = re.compile(r"!\[((?:[^\[\]\n]|\[[^\[\]\n]*\]){0,500})\](?=[(\[])")
_TAG = re.compile(r"<img\b[^<>]{0,5000}>", re.IGNORECASE)
_ALT = re.compile(r"""\balt\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')""", re.IGNORECASE)
_EMBEDDED = re.compile(r"!\[\[([^\[\]|\n#]{1,300})")
_CODE = re.compile(r"(`+)(?!`)[^`\n]{0,2000}(?<!`)\1(?!`)")


def described(words: str | None) -> str:
    """A picture's description; "" where it is the name of a file or of no picture in particular."""
    words = (words or "").strip()
    empty = _FILE.fullmatch(words) or _ADDRESS.fullmatch(words) or _NO_WORDS.fullmatch(words)
    return "" if empty else words


def undescribed_in(text: str) -> int:
    """How many pictures a piece of Markdown shows that nothing describes."""
    if "![" not in text and "<img" not in text.lower():
        return 0
    text = _CODE.sub("", text)
    named = [match[1] for match in _SHOWN.finditer(text)]
    tags = [match[1] or match[2] or "" for match in map(_ALT.search, _TAG.findall(text)) if match]
    without = len(_TAG.findall(text)) - len(tags)
    embedded = sum(bool(_FILE.fullmatch(match[1].strip().replace(" ", "_")))
                   for match in _EMBEDDED.finditer(text))  # fmt: skip
    return sum(not described(words) for words in named + tags) + without + embedded


def pictures_gap(count: int) -> str:
    """What is said of pictures that nothing describes."""
    return _said(
        count, "A picture", "pictures", "without a description (alternative text) cannot be read; "
        "describe what matters in words. 图片未读取。",
    )  # fmt: skip


def objects_gap(count: int) -> str:
    """What is said of things that other programs have put into a file."""
    return _said(
        count, "An embedded object", "embedded objects", "(sheets, formulas or files of other "
        "programs) cannot be read; put what matters into the text. 嵌入的对象未读取。",
    )  # fmt: skip


def recordings_gap(count: int) -> str:
    """What is said of films and sounds."""
    return _said(
        count, "A recording", "recordings",
        "(sound or film) cannot be read; write down what is said. 音视频未读取。",
    )  # fmt: skip


def comments_gap(count: int) -> str:
    """What is said of remarks in the margin, which are others' words."""
    verb = "are" if count > 1 else "is"
    return _said(
        count, "A comment", "comments",
        f"in the margin {verb} not read; put what matters into the text. 批注未读取。",
    )  # fmt: skip


def _said(count: int, one: str, several: str, what: str) -> str:
    """A sentence on so many things; "" where there are none."""
    return f"{one if count == 1 else f'{count} {several}'} {what}" if count else ""
