"""What an answer is worth: gold strings, refusals, ALCE's citation recall and precision.

ALCE (Gao et al. 2023, "Enabling Large Language Models to Generate Text with Citations"): a
sentence counts for *recall* when all its citations together support it; a citation counts for
*precision* when its sentence is recalled and it supports the sentence alone, or the others do not
support it without it. Where ALCE asks an NLI model, `rag.grounding.support.judge` decides here;
`tests/grounding/test_support_judge.py` measures its agreement with hand labels.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.documents import Document

from rag.evaluation.answers.answer_set import EvalQuestion
from rag.grounding.passage import Passage
from rag.grounding.support import Embed, judge
from rag.notes.note import heading_path

_REFUSES = re.compile(
    r"资料(?:里|中)?(?:没有|未|并未|无)|没有(?:提到|提及|给出|说明|相关|足够|找到)"
    r"|未(?:提及|提到|给出|说明)|无法(?:回答|确定|得知|从)|不知道|不清楚|信息不足"
    r"|not (?:say|mention|contain|provide|specif|state|includ)|don.t know|do not know"
    r"|cannot (?:answer|determine|be determined)|no information|insufficient",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CitedClaim:
    """A sentence of an answer and the quotes it cites, each with its context (title, headings)."""

    text: str
    quotes: tuple[tuple[str, str], ...]


def is_right(text: str, question: EvalQuestion) -> bool | None:
    """Every gold answer is named in `text`; None where the question has none."""
    if not question.answers:
        return None
    said = normal(text)
    return all(any(normal(one) in said for one in group) for group in question.answers)


def normal(text: str) -> str:
    """Full-width forms folded, lower case, no white space, no commas inside numbers."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"(?<=\d),(?=\d{3})", "", re.sub(r"\s+", "", folded))


def refuses(text: str) -> bool:
    """A free-text answer says that the context does not hold the answer, or says nothing."""
    return not text.strip() or bool(_REFUSES.search(text))


def citation_scores(claims: Sequence[CitedClaim], embed: Embed) -> tuple[list[bool], list[bool]]:
    """(recalled: one a sentence; precise: one a citation), by ALCE's definitions."""
    recalled, precise = [], []
    for claim in claims:
        together = _supported(claim.text, claim.quotes, embed)
        recalled.append(together)
        for place in range(len(claim.quotes)):
            alone = together and _supported(claim.text, claim.quotes[place : place + 1], embed)
            rest = claim.quotes[:place] + claim.quotes[place + 1 :]
            needed = together and not alone and not _supported(claim.text, rest, embed)
            precise.append(alone or needed)
    return recalled, precise


def _supported(text: str, quotes: Sequence[tuple[str, str]], embed: Embed) -> bool:
    if not quotes:
        return False
    joined = "\n".join(quote for quote, _ in quotes)
    context = heading_path(context for _, context in quotes)
    document = Document(page_content=joined, metadata={"title": context})
    return judge(text, Passage(document, joined, 0, len(joined), 0.0, 0.0), embed).supported
