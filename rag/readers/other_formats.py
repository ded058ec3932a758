"""Formats that are not read, and what to do about each."""

import re
from collections.abc import Iterable

ARCHIVES = "archives"
_SHOWN = 3  # names in a sentence about many files
# What systems and programs leave beside files of people.
_OF_A_SYSTEM = re.compile(
    r"thumbs\.db|ehthumbs\.db|desktop\.ini|\.ds_store|icon\r|~\$.*|\.~.*|.*~|.*\.(?:tmp|crdownload|part)"
    r"|__pycache__|.*\.pyc",
    re.IGNORECASE | re.DOTALL,
)

_OLD_OFFICE = {
    ".doc": "Word", ".dot": "Word", ".docm": "Word", ".dotx": "Word", ".dotm": "Word",
    ".wps": "WPS", ".wpt": "WPS", ".rtf": "a word processor", ".odt": "a word processor",
    ".pages": "Pages", ".wpd": "a word processor",
}  # fmt: skip
_OLD_SLIDES = {
    ".ppt", ".pps", ".pot", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm", ".dps", ".odp", ".key",
}  # fmt: skip
_SHEETS = {".xls", ".xlsx", ".xlsm", ".xlsb", ".et", ".ods", ".numbers"}
_BOOKS = {".mobi", ".azw", ".azw3", ".djvu", ".caj", ".chm", ".fb2"}
_PAGES = {".webarchive", ".maff", ".warc"}
_DRIVE = {".gdoc", ".gsheet", ".gslides", ".gdraw"}
_LINKS = {".url", ".webloc", ".desktop", ".lnk"}
_PICTURES = {
    ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".svg", ".heic", ".heif",
    ".avif", ".ico", ".psd",
}  # fmt: skip
_RECORDINGS = {
    ".mp3", ".wav", ".m4a", ".flac", ".ogg", ".aac", ".wma", ".amr", ".mp4", ".mov", ".avi",
    ".mkv", ".webm", ".wmv", ".flv",
}  # fmt: skip
_ARCHIVES = {".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst"}


def advice(suffix: str) -> str:
    """For a document in a format that is not read: that it is not, and what to do; else ""."""
    suffix = suffix.lower()
    if suffix in _OLD_OFFICE:
        return f"is not read; save it in {_OLD_OFFICE[suffix]} as .docx. 未读取，请另存为 .docx。"
    if suffix in _OLD_SLIDES:
        return "is not read; save the slides as .pptx or PDF. 未读取，请另存为 .pptx 或 PDF。"
    if suffix in _SHEETS:
        return (
            "is not read; save the sheet as PDF, or put its table into a note. "
            "未读取，请另存为 PDF。"
        )
    if suffix in _BOOKS:
        return "is not read; convert it to EPUB or PDF. 未读取，请转换为 EPUB 或 PDF。"
    if suffix in _PAGES:
        return "is not read; save the page as HTML. 未读取，请另存为 HTML。"
    if suffix in _DRIVE:
        return (
            "is only a link to Google Drive; download the document as .docx, .pptx or PDF. "
            "只是 Google 云端硬盘的链接，请下载文档本身。"
        )
    if suffix in _LINKS:
        return "is only a link; save the page as HTML. 只是链接，请保存网页。"
    return ""


def kind_of(suffix: str) -> str:
    """What a file is that is no document: pictures, recordings, archives, or other files."""
    suffix = suffix.lower()
    if suffix in _PICTURES:
        return "pictures"
    if suffix in _RECORDINGS:
        return "recordings"
    return ARCHIVES if suffix in _ARCHIVES else "other files"


def is_of_a_system(name: str) -> bool:
    """A file that no person has made: thumbnails, locks of open documents, unfinished downloads."""
    return _OF_A_SYSTEM.fullmatch(name) is not None


def remark(kind: str, paths: list[str]) -> str:
    """What is said of files of one kind that are not read."""
    if kind == "pictures":
        do = "put what they show into words, in a note or as their alternative text"
    elif kind == "recordings":
        do = "write down what is said in them"
    elif kind == ARCHIVES:
        do = "unpack them, or pack them as ZIP"
    else:
        do = "save as text, Markdown or PDF what you want to ask about"
    if len(paths) == 1:
        return f"{paths[0]} is not read; {do.replace('them', 'it')}. 该文件未读取。"
    return f"{several(paths)} ({len(paths)} {kind}) are not read; {do}. 这些文件未读取。"


def several(names: Iterable[str]) -> str:
    """The first few names, and how many more."""
    names = sorted(names)
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
