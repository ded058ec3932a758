"""Quotes of notes in another language than the answer's, translated by the local model.

A translation that is cut off, loses a number, a name or a formula, or that the judge does not find
to say the same as the quote is not shown: the note's own words stay. What is cited is the original
in any case.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from rag.answer.answer import Answer, Sentence
from rag.grounding.numbers_and_names import numbers
from rag.llm.model import LanguageModel
from rag.llm.prompts import repeats_prompt, translation_messages
from rag.llm.verdict import states
from rag.safety.orders import is_order
from rag.search.names import asked_names, holds_name
from rag.text.citation_marks import marks_as_text
from rag.text.language import CJK, Language, detect_language
from rag.text.markup import is_code

STATED = 0.75  # likelihood that one says the other, from which a translation is shown
LONGEST: dict[Language, int] = {"zh": 180, "en": 500}  # characters of a sentence, by its language
TOKENS = 400
FEWEST_WORDS = 4  # of a question in Latin letters that is put in English, and no list of names
_ONE_LINE = r"root ::= [^\n]{2,900}"
_FORMULA = re.compile(r"\$\$?[^$\n]+\$\$?|\\\(.+?\\\)|\\\[.+?\\\]|`[^`\n]+`")
_STOPS = tuple(".!?。！？")
_WORD = re.compile(r"[A-Za-z]+")


def needs_translation(answer: Answer) -> bool:
    """One of its sentences is in another language than the answer, and the question in that."""
    return _is_put_in_words(answer) and any(_is_foreign(each, answer) for each in answer.sentences)


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


def is_faithful(original: str, translation: str, language: Language) -> bool:
    """It is in the language, whole, with the numbers, names and formulas of the original, and
    orders nothing."""
    return (
        detect_language(translation) == language
        and (translation.endswith(_STOPS) or not original.rstrip().endswith(_STOPS))
        and numbers(translation) == numbers(original)
        and all(formula in translation for formula in _FORMULA.findall(original))
        and all(holds_name(translation, name) for name in asked_names(original))
        and all(holds_name(original, name) for name in asked_names(translation))
        and not is_order(translation)
        and not repeats_prompt(translation)
    )


def _is_put_in_words(answer: Answer) -> bool:
    """The question is put in the answer's language: names alone (“LoRA rank”) are in none."""
    asked = answer.question
    return bool(CJK.search(asked)) or len(_WORD.findall(asked)) >= FEWEST_WORDS


def _is_foreign(sentence: Sentence, answer: Answer) -> bool:
    """Rows of a table stay a table, for their cells are mostly names and numbers; formulas and
    code are in no language."""
    words = _FORMULA.sub(" ", sentence.text)
    spoken = detect_language(words)
    if is_code(sentence.text) or spoken == answer.language or len(words) > LONGEST[spoken]:
        return False
    headers = {item.n for item in answer.citations if item.table_header}
    return bool(_WORD.search(words)) and not headers & set(sentence.citations)


def _translated(model: LanguageModel, text: str, language: Language) -> str:
    """The translation; "" where it does not hold."""
    said = model.complete(
        translation_messages(text, language), max_tokens=TOKENS, grammar=_ONE_LINE
    )
    said = said.strip().replace("〔", "[").replace("〕", "]")  # as `one_line` has written them
    if not is_faithful(text, said, language):
        return ""
    if not (_says(model, text, said) and _says(model, said, text)):
        return ""
    return marks_as_text(said)


def _says(model: LanguageModel, text: str, point: str) -> bool:
    verdict = states(model, text, point)
    return verdict is not None and verdict.yes + verdict.half / 2 >= STATED
