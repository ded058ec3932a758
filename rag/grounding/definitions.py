"""Does a sentence say what the topic of its note is?"""

import re

from rag.grounding.passage import Passage
from rag.text.markup import without_markup
from rag.text.words import content_words

_DEFINES = re.compile(
    r"^(?:[^的,\uff0c。:\uff1a]{1,40}?(?:是(?!否)|指|即)"
    r"|[^,.;:]{1,60}?\b(?:is|are|means|refers to)\b)",
    re.IGNORECASE,
)


def defines(sentence: str, passage: Passage) -> bool:
    """The sentence says what the note's topic is: it begins with a word of the title."""
    match = _DEFINES.match(without_markup(sentence))
    if match is None:
        return False
    topic = set(content_words(passage.title))
    return bool(topic & set(content_words(match.group())))
