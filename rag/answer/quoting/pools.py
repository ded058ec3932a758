"""An answer of the notes' own sentences: gathered, chosen, judged by the LLM, rendered."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rag.answer.answer import Answer, cited
from rag.answer.events import FirstDraft
from rag.answer.quoting.candidates import Candidate, gather
from rag.answer.quoting.choosing import MOST, SHORTLIST, Scored, choose, same, scored, shortlist
from rag.answer.quoting.code_blocks import asks_for_code, code_block
from rag.answer.quoting.context_dependence import with_antecedent
from rag.answer.quoting.namesakes import without_siblings
from rag.answer.quoting.ordinals import asked_place, item_at
from rag.answer.quoting.rendering import rendered
from rag.answer.retrieved import Retrieved
from rag.answer.understanding.wishes import wants_all
from rag.embedding.embedder import Embedder
from rag.grounding.passage import Passage
from rag.index.opened import Index
from rag.llm.model import LanguageModel
from rag.llm.verdict import belongs
from rag.search.hit import Hit
from rag.telemetry.traces import span
from rag.text.language import Language

SECTIONS = 16  # that sentences are taken from
MOST_LISTED = 12  # sentences, where all of something are asked for


@dataclass(frozen=True, slots=True)
class Pool:
    """What may answer one thing that is asked: the sentences, likeliest first, and what is said
    first in any case.

    Attributes:
        listed: all of something are asked for.
        code: what is shown behind the sentences, where code is asked for.
    """

    question: str
    ranked: list[Scored]
    lead: Candidate | None
    listed: bool = False
    code: Passage | None = None


def pools(index: Index, embedder: Embedder, retrieved: Retrieved, language: Language) -> list[Pool]:
    """One for each thing asked, without what was said before."""
    with_code = asks_for_code(retrieved.question)

    def pool(question: str, hits: Sequence[Hit]) -> Pool:
        vector = np.asarray(embedder.embed_query(question), np.float32)
        found = gather(index, question, language, vector, hits[:SECTIONS])
        of_it = without_siblings(question, found.sentences)
        new = [item for item in of_it if not _was_said(item, retrieved.asked.said)]
        lead = found.lead if found.lead in new else None
        if place := asked_place(question):
            lead = item_at(place, hits) or lead
        listed = wants_all(question) or (retrieved.asked.listed and not retrieved.apart)
        code = code_block(hits) if with_code else None
        return Pool(question, scored(new, found.keyed), lead, listed, code)

    if not retrieved.apart:
        return [pool(retrieved.question, retrieved.hits)]
    return [pool(part, hits) for part, hits in retrieved.apart.items()]


def _chosen(found: Sequence[Pool], judged: bool) -> list[Candidate]:
    """The sentences of the answer, thing by thing; nothing twice."""
    told_so_far: list[Candidate] = []
    for pool in found:
        whole = MOST_LISTED if pool.listed else MOST
        most = whole if len(found) == 1 else whole // len(found) + 1
        for item in choose(pool.ranked, pool.lead, judged, most, pool.listed):
            if not any(same(item.quote.text, other.quote.text) for other in told_so_far):
                told_so_far.append(item)
    return told_so_far


def quoting(blank: Answer, found: Sequence[Pool], judged: bool = False) -> Answer:
    """`blank` with the notes' own sentences, each citing itself, and at most one block of code.

    Args:
        judged: the LLM's word is in the probabilities.
    """
    quotes: list[Passage] = []
    for item in _chosen(found, judged):
        text = item.quote.text.strip()
        if any(text in quote.text for quote in quotes):
            continue  # it was told before the one that leans on it, from here or from another note
        whole = with_antecedent(item.quote, quotes[-1] if quotes else None)
        again = any(_holds(whole, quote) for quote in quotes)
        quotes.append(item.quote if again else whole)
    quotes += [pool.code for pool in found if pool.code is not None][:1]
    return cited(blank, [(rendered(quote), [quote]) for quote in quotes])


def judging(
    judge: LanguageModel, found: Sequence[Pool], shown: FirstDraft
) -> Generator[FirstDraft, None, list[Pool]]:
    """The shortlists with the LLM's word, the likeliest first.

    Raises:
        ModelError: the model cannot be loaded or stops answering.
    """
    size = SHORTLIST if len(found) == 1 else SHORTLIST // len(found) + 1
    pools = []
    with span("choose", llm=judge.spec) as watched:
        for pool in found:
            ranked = []
            for item in shortlist(pool.ranked, size):
                quote = item.candidate.quote
                verdict = belongs(judge, pool.question, quote.context, quote.text)
                if verdict is not None:  # else none of the four words is among its likeliest
                    ranked.append(item.judged(verdict))
                yield shown  # whoever has gone closes this generator here
            pools.append(replace(pool, ranked=sorted(ranked, key=lambda item: -item.answer)))
        watched.set(judged=sum(len(pool.ranked) for pool in pools))
    return pools


def _holds(quote: Passage, other: Passage) -> bool:
    """The other stands within the quote."""
    same_text = quote.document is other.document
    return same_text and quote.start <= other.start and other.end <= quote.end


def _was_said(item: Candidate, answers: Sequence[str]) -> bool:
    return any(rendered(item.quote) in answer for answer in answers)
