"""Sentences that mean little without the one before them: “式中 …”, “Otherwise …”."""

import re

from rag.grounding.passage import Passage
from rag.text.language import CJK
from rag.text.sentences import sentence_spans

LONGEST = {"zh": 220, "en": 520}  # characters of two sentences that are still one thing to read
# What points back at a sentence, or draws a conclusion from it.
_LEANS = re.compile(
    r"^[\s>*\-]*(?:这|此(?!外)|该|前者|后者|两者|二者|上例|上式|上面|式中|其中|所以|因此|于是|反之|否则|结果"
    r"|(?:this|these|those|such|the former|the latter|both|the (?:first|second) (?:is|of)|so|hence"
    r"|therefore|thus|otherwise|conversely|here|instead)\b)",
    re.IGNORECASE,
)
# Mostly the topic of the note: clear behind another sentence of its section.
_PRONOUN = re.compile(r"^[\s>*\-]*(?:它|(?:it|its|they|their)\b)", re.IGNORECASE)


def with_antecedent(quote: Passage, before: Passage | None) -> Passage:
    """A sentence that leans, with the one before it in its paragraph; any other as it is.

    Args:
        before: what is told just before.
    """
    text = quote.document.page_content
    first = int(quote.document.metadata.get("start", 0))
    start = quote.start - first
    whole = Passage(quote.document, text, first, first + len(text), quote.score, quote.relevance)
    elsewhere = before is None or before.document is not quote.document
    if not _LEANS.match(quote.text) and not (elsewhere and _PRONOUN.match(quote.text)):
        return quote
    spans = [span for span in sentence_spans(text[:start]) if text[span[0] : span[1]].strip()]
    if not spans or "\n" in text[spans[-1][1] : start]:
        return quote
    previous, end = spans[-1][0] + first, quote.end - first
    if before is not None and before.document is quote.document and before.start >= previous:
        return quote  # it was just told
    longest = LONGEST["zh" if CJK.search(quote.text) else "en"]
    if end - spans[-1][0] > longest or text[spans[-1][0] : end].lstrip().startswith(("|", "#")):
        return quote
    return whole.narrowed(previous, quote.end)
