"""What is said where there is nothing to answer: the notes do not say, or nothing was asked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from rag.answer.answer import Answer, Nearest, Sentence
from rag.search.hit import Hit
from rag.text.language import Language, detect_language

NOT_SAID: dict[Language, str] = {
    "zh": "笔记里没有这个问题的答案。",
    "en": "The notes do not say.",
}
LACKING: dict[Language, str] = {
    "zh": "笔记里没有提到 {names}。",
    "en": "The notes do not mention {names}.",
}
NEAREST_ONLY: dict[Language, str] = {
    "zh": "笔记里可能没有直接的答案，所引的只是最接近的句子。",
    "en": "The notes may hold no direct answer: what is cited is only the nearest to it.",
}
SO_FAR: dict[Language, str] = {
    "zh": "正在建索引：{read}/{of} 篇，答案只据已读部分。",
    "en": "The notes are still being indexed: {read} of {of} are read, the answer rests on those.",
}
SO_FAR_UNKNOWN: dict[Language, str] = {  # of how many is not known
    "zh": "正在建索引：已读 {read} 篇，答案只据已读部分。",
    "en": "The notes are still being indexed: {read} are read, the answer rests on those.",
}
PARTLY_READ = "only {read} notes are read yet 笔记未读完，已读 {read} 篇"
WELCOME: dict[Language, str] = {
    "zh": "你好！请提一个关于笔记内容的问题，例如“LoRA 的原理是什么？”。",
    "en": "Hello! Ask a question about the notes, for example “How does LoRA work?”.",
}
NO_MORE: dict[Language, str] = {
    "zh": "关于这个问题，笔记里没有更多内容了。",
    "en": "The notes say no more about this.",
}
YOU_ARE_WELCOME: dict[Language, str] = {
    "zh": "不客气！还想弄懂什么，接着问就好。",
    "en": "You are welcome! Ask on whenever you like.",
}


def abstention(
    answer: Answer,
    hits: Iterable[Hit],
    lacking: Sequence[str] = (),
    otherwise: Mapping[Language, str] = NOT_SAID,
) -> Answer:
    """`answer` without sentences and citations, naming the up to three nearest notes.

    Args:
        lacking: named things of the question that the notes never mention.
        otherwise: what is said where there are none.
    """
    text = not_mentioned(lacking, answer.language) if lacking else otherwise[answer.language]
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


def not_mentioned(names: Sequence[str], language: Language) -> str:
    """The sentence that tells of named things which the notes never mention."""
    return LACKING[language].format(names=("、" if language == "zh" else ", ").join(names))


def so_far(answer: Answer) -> str:
    """That only a part of the notes is read yet; "" where all are."""
    if answer.notes_read is None:
        return ""
    read, of = answer.notes_read
    texts = SO_FAR if read < of else SO_FAR_UNKNOWN
    return texts[answer.language].format(read=read, of=of)


def partly_read(so_far: tuple[int, int] | None) -> str:
    """The same beside what is no answer, in both languages."""
    if so_far is None:
        return ""
    read, of = so_far
    return PARTLY_READ.format(read=f"{read}/{of}" if read < of else read)


def welcome(question: str, texts: Mapping[Language, str] = WELCOME) -> Answer:
    """The reply to a greeting, or to thanks."""
    language = detect_language(question)
    sentence = Sentence(texts[language], (), False)
    timings = {"retrieval_s": 0.0, "total_s": 0.0}
    return Answer(question, language, (sentence,), (), "none", timings, abstained=True)
