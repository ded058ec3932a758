"""What is said where there is nothing to answer: the notes do not say, or nothing was asked."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rag.answer.answer import Answer, Nearest, Sentence
from rag.search.hit import Hit
from rag.text.language import detect_language

NOT_SAID = {
    "zh": "笔记里没有这个问题的答案。",
    "en": "The notes do not say.",
}
LACKING = {
    "zh": "笔记里没有提到 {names}。",
    "en": "The notes do not mention {names}.",
}
WELCOME = {
    "zh": "你好！请提一个关于笔记内容的问题，例如“LoRA 的原理是什么？”。",
    "en": "Hello! Ask a question about the notes, for example “How does LoRA work?”.",
}


def abstention(answer: Answer, hits: Iterable[Hit], lacking: Sequence[str] = ()) -> Answer:
    """`answer` without sentences and citations, naming the up to three nearest notes.

    Args:
        lacking: named things of the question that the notes never mention.
    """
    names = ("、" if answer.language == "zh" else ", ").join(lacking)
    text = LACKING[answer.language].format(names=names) if names else NOT_SAID[answer.language]
    nearest: dict[tuple[str, str], Nearest] = {}
    for hit in hits:
        meta = hit.document.metadata
        note, collection = str(meta.get("note", "")), str(meta.get("collection", ""))
        nearest.setdefault(
            (collection, note),
            Nearest(note, str(meta.get("title", "")), round(hit.score, 4), collection),
        )
    return replace(
        answer,
        sentences=(Sentence(text, (), False),),
        citations=(),
        abstained=True,
        nearest=tuple(nearest.values())[:3],
    )


def welcome(question: str) -> Answer:
    """The reply to a greeting."""
    language = detect_language(question)
    sentence = Sentence(WELCOME[language], (), False)
    timings = {"retrieval_s": 0.0, "total_s": 0.0}
    return Answer(question, language, (sentence,), (), "none", timings, abstained=True)
