"""Quotes of notes in another language than the answer's, translated by the local model.

A translation that loses a number or a name, or that the judge does not find in the quote, is not
shown: the note's own words stay. What is cited is the original in any case.
"""

from collections.abc import Iterator
from dataclasses import replace

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from rag.answer.answer import Answer, Sentence
from rag.grounding.numbers_and_names import numbers
from rag.llm.model import LanguageModel
from rag.llm.prompts import one_line
from rag.llm.verdict import states
from rag.safety.orders import is_order
from rag.search.names import asked_names, holds_name
from rag.text.language import Language, detect_language
from rag.text.markup import is_code

STATED = 0.75  # likelihood that the quote states its translation, from which that is shown
LONGEST = 500  # characters of a sentence that is translated
TOKENS = 320
_TRANSLATE: dict[Language, str] = {
    "zh": (
        "把用户给出的英文句子翻译成简体中文。数字、公式、缩写和模型名保持原样，"
        "术语用行业通行的说法。只输出译文。"
    ),
    "en": (
        "Translate the user's Chinese sentence into English. Keep numbers, formulas, abbreviations "
        "and names as they are; use the field's usual terms. Output the translation only."
    ),
}
_ONE_LINE = r"root ::= [^\n]{2,600}"


def needs_translation(answer: Answer) -> bool:
    """One of its sentences is in another language than the answer."""
    return any(_is_foreign(sentence, answer) for sentence in answer.sentences)


def translating(model: LanguageModel, answer: Answer) -> Iterator[Answer]:
    """The answer again and again, each time with one more sentence translated where it could be.

    Raises:
        ModelError: the model cannot be loaded or stops answering.
    """
    for place, sentence in enumerate(answer.sentences):
        if not _is_foreign(sentence, answer):
            continue
        told = _translated(model, sentence.text, answer.language)
        if told:
            sentences = list(answer.sentences)
            sentences[place] = replace(sentence, text=told, translated=True)
            answer = replace(answer, sentences=tuple(sentences))
        yield answer


def translation_messages(text: str, language: Language) -> list[BaseMessage]:
    """What asks for a translation into `language`."""
    return [SystemMessage(_TRANSLATE[language]), HumanMessage(one_line(text))]


def is_faithful(original: str, translation: str, language: Language) -> bool:
    """It is in the language, has the numbers and names of the original, and orders nothing."""
    return (
        detect_language(translation) == language
        and numbers(translation) == numbers(original)
        and all(holds_name(translation, name) for name in asked_names(original))
        and all(holds_name(original, name) for name in asked_names(translation))
        and not is_order(translation)
    )


def _is_foreign(sentence: Sentence, answer: Answer) -> bool:
    """Rows of a table stay a table: their cells are mostly names and numbers."""
    text = sentence.text
    if is_code(text) or len(text) > LONGEST or detect_language(text) == answer.language:
        return False
    headers = {item.n for item in answer.citations if item.table_header}
    return not headers & set(sentence.citations)


def _translated(model: LanguageModel, text: str, language: Language) -> str:
    """The translation; "" where it does not hold."""
    said = model.complete(
        translation_messages(text, language), max_tokens=TOKENS, grammar=_ONE_LINE
    ).strip()
    if not is_faithful(text, said, language):
        return ""
    verdict = states(model, text, said)
    return said if verdict and verdict.yes + verdict.half / 2 >= STATED else ""
