"""The named things that a question asks about, and whether a text speaks of them.

Names are names: C++ is not C, R1-Zero not R1, GPT-4o not GPT-4. A name is found as a whole: what
stands beside it may not make another name of it.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

# Latin letters and digits, joined by signs that belong to names: GPT-4o, C++, F1, Qwen2.5-VL.
# What stands right behind a number is its unit: 2TB/s.
_NAME = re.compile(r"(?<![0-9A-Za-z])[A-Za-z][A-Za-z0-9]*(?:[-./][A-Za-z0-9]+)*(?:\+\+|#)?")
# A Chinese name with a size or version behind it: 灯塔-61B. Its last two characters are enough.
_CHINESE_NAME = re.compile(r"[\u4e00-\u9fff]{2}-[A-Za-z0-9][A-Za-z0-9.]*")
_EITHER_SPELLING = re.compile(r"(?<=[a-z]{3}i)[sz](?=(?:e[drs]?|ing|ations?)(?![a-z]))")
_PLURAL = re.compile(r"(?<=[A-Z0-9])s$")  # A100s
_MAKERS = frozenset(["deepseek", "openai", "meta", "google", "nvidia", "microsoft", "alibaba"])
# Words that are no names, however they are written.
_PLAIN = frozenset(
    ["a", "an", "the", "and", "or", "of", "in", "on", "for", "with", "to", "is", "are", "it", "its",
     "as", "by", "from", "that", "this", "which", "while", "be", "can", "not", "more", "less",
     "than", "but", "also", "such", "when", "each", "both", "into", "only", "at", "one", "two",
     "what", "how", "why", "who", "vs", "do", "does", "explain", "describe", "compare", "i", "llm",
     "llms", "ai", "nlp", "ok", "fyi", "btw", "tbh", "imo", "imho", "asap", "afaik", "faq", "tldr"]
)  # fmt: skip


def asked_names(question: str) -> list[str]:
    """Names in a question that must be what an answer is about, as they are written.

    Strong ones only: a part of it has two capitals (LightLLM, QLoRA), or a digit or a sign beside
    a capital (GPT-4, C++), or a Chinese word is joined to a size or version (灯塔-61B). Words that
    are only written large (Cross Attention) are none.
    """
    text = unicodedata.normalize("NFKC", question)
    found: list[str] = []
    for match in _CHINESE_NAME.finditer(text):
        if any(char.isdigit() for char in match.group()):
            found.append(match.group().rstrip("."))
    text = _CHINESE_NAME.sub(" ", text)
    for match in _NAME.finditer(text):
        name = _PLURAL.sub("", match.group().rstrip("./-"))
        if name.lower() in _PLAIN or len(name) < 2:
            continue
        if "." in name and not any(char.isdigit() for char in name):
            name = name.rsplit(".", 1)[1]  # nn.parallel.DistributedDataParallel
        name = _core(name)
        parts = [sum(char.isupper() for char in part) for part in re.split(r"[-/]", name)]
        signs = any(char.isdigit() or char in "+#" for char in name)
        if max(parts) >= 2 or (signs and sum(parts)):
            found.append(name)
    return list(dict.fromkeys(found))


def is_coined(name: str) -> bool:
    """No word of any language and no abbreviation is written so: LightLLM, GPT-4, C++."""
    if "/" in name:  # two things: tree/DOM, GB/s
        return any(map(is_coined, name.split("/")))
    mixed = any(char.islower() for char in name) and sum(char.isupper() for char in name) > 1
    return mixed or (not name.isalpha() and any(char.isdigit() or char in "+#" for char in name))


def distinctive(names: Iterable[str]) -> list[str]:
    """Those that are too long to be an abbreviation of many things."""
    return [name for name in names if len(name) >= 3]


def _core(name: str) -> str:
    """A name without what is only said of it (RAG-based), and without who made the thing."""
    parts = name.split("-")
    while len(parts) > 1 and parts[-1].isalpha() and parts[-1].islower():
        parts.pop()
    if len(parts) > 2 and parts[0].lower() in _MAKERS:
        parts = parts[1:]
    return "-".join(parts)


def holds_name(text: str, name: str) -> bool:
    """The text speaks of this very thing: GPT-4 is not held by "GPT-4o" or "GPT-4-turbo"."""
    return _pattern(name).search(unicodedata.normalize("NFKC", text)) is not None


def mentions(text: str, name: str) -> bool:
    """The text has a topic's name: a Latin one as `holds_name` has it, a Chinese one anywhere."""
    return holds_name(text, name) if name.isascii() else name.lower() in text.lower()


def mention_guess(text: str) -> Callable[[str, str], bool]:
    """Whether a text may mention a name, given with its small letters: at no cost, and never
    False where `mentions` is True."""
    low = text.lower()
    folded = unicodedata.normalize("NFKC", text).lower()

    def may(name: str, small: str) -> bool:
        if not name.isascii():
            return small in low
        start = small[:3]  # further on, a letter may be another or a blank may be left out
        return start in folded or not start.isalpha()

    return may


@lru_cache(maxsize=2_000)
def _pattern(name: str) -> re.Pattern[str]:
    parts = [re.escape(part) for part in re.split(r"[-\s]", name) if part]
    # "Llama 3", "Llama-3" and "Llama3" are one; a plural s is none of the name.
    body = r"[-\s]?".join(parts) if len(parts) > 1 else re.escape(name)
    body = re.sub(r"(?<=[A-Za-z])(?=\d)", r"[-\\s]?", body)
    body = _EITHER_SPELLING.sub("[sz]", body)
    return re.compile(
        rf"(?<![A-Za-z0-9]){body}s?(?![A-Za-z0-9+#])(?![-.][A-Za-z0-9])",
        re.IGNORECASE,
    )
