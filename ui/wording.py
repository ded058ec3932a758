"""Every word of the interface, in Chinese and English."""

from typing import Literal

from ui.words import (
    ask_words,
    home_words,
    interview_words,
    notes_words,
    own_words,
    practice_words,
    read_words,
    recall_words,
    shell_words,
)

Language = Literal["zh", "en"]
LANGUAGES: dict[str, Language] = {"中文": "zh", "English": "en"}

_MODULES = (
    shell_words, home_words, ask_words, read_words, practice_words, interview_words, notes_words,
    own_words, recall_words,
)  # fmt: skip
_TABLE: dict[str, tuple[str, str]] = {
    key: pair for module in _MODULES for key, pair in module.WORDS.items()
}

EXAMPLES: dict[Language, list[str]] = {
    "zh": [
        "LoRA 和 Prefix Tuning 有什么区别？",
        "7B 模型全参数微调需要多少显存？",
        "为什么现在的大模型大多是 Decoder-only 结构？",
        "KV Cache 为什么能加速推理？",
    ],
    "en": [
        "How does LoRA differ from prefix tuning?",
        "Why do we divide by the square root of d_k in attention?",
        "What does PagedAttention solve?",
        "How is DPO different from PPO-based RLHF?",
    ],
}


def word(key: str, language: Language, **values: object) -> str:
    """The interface word of a key; `values` fill its braces."""
    text = _TABLE[key][0 if language == "zh" else 1]
    return text.format(**values) if values else text


def known(key: str) -> bool:
    """Whether the interface has a word for the key."""
    return key in _TABLE
