"""An answer of the notes' own sentences: gathered, chosen, judged by the LLM, rendered."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rag.answer.answer import Answer, cited
from rag.answer.events import FirstDraft
from rag.answer.quoting.candidates import Candidate, gather
from rag.answer.quoting.choosing import (
    ENOUGH,
    MOST,
    SHORTLIST,
    Scored,
    choose,
    is_sure,
    same,
    scored,
    shortlist,
)
from rag.answer.quoting.code_blocks import asks_for_code, code_block
from rag.answer.quoting.context_dependence import with_antecedent
from rag.answer.quoting.namesakes import without_siblings
from rag.answer.quoting.ordinals import asked_place, item_at
from rag.answer.quoting.rendering import rendered
from rag.answer.quoting.tables import with_whole_tables
from rag.answer.replies import NEAREST_ONLY
from rag.answer.retrieved import Retrieved
from rag.answer.understanding.parts import compares
from rag.answer.understanding.wishes import wants_all
from rag.embedding.embedder import Embedder
from rag.grounding.numbers_and_names import names, numbers
from rag.grounding.passage import Passage
from rag.grounding.support import Embed
from rag.index.documents import place_of
from rag.index.opened import Index
from rag.llm.model import LanguageModel
from rag.llm.verdict import belongs
from rag.search.hit import Hit
from rag.telemetry.traces import span
from rag.text.language import Language

SECTIONS = 16  # that sentences are taken from
MOST_LISTED = 12  # sentences, where all of something are asked for
ABOUT = 8  # sections whose notes are what the whole question is about
REPEATS = 0.96  # cosine of two sentences from which they say the same in other words
TOUCHING = 3  # likeliest sentences on an aspect, one of which is enough


@dataclass(frozen=True, slots=True)
class Pool:
    """What may answer one thing that is asked: the sentences, likeliest first, and what is said
    first in any case.

    Attributes:
        listed: all of something are asked for.
        code: what is shown behind the sentences, where code is asked for.
        aspect: it is only perhaps asked: one sentence on it is enough.
        more: something was told before.
    """

    question: str
    ranked: list[Scored]
    lead: Candidate | None
    listed: bool = False
    code: Passage | None = None
    aspect: bool = False
    more: bool = False


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
        code = code_block(hits, index.store) if with_code else None
        more = bool(retrieved.asked.said)
        return Pool(question, scored(new, found.keyed), lead, listed, code, more=more)

    if not retrieved.apart:
        found = [pool(retrieved.question, retrieved.hits)]
        about = {place_of(hit.document) for hit in retrieved.hits[:ABOUT]}
        for aspect, hits in retrieved.aspects.items():
            own = [hit for hit in hits if place_of(hit.document) in about]
            found.append(replace(pool(aspect, own), aspect=True))
        return found
    return [pool(part, hits) for part, hits in retrieved.apart.items()]


def _chosen(found: Sequence[Pool], judged: bool) -> list[Candidate]:
    """The sentences of the answer, thing by thing; nothing twice."""
    told_so_far: list[Candidate] = []
    asked = [pool for pool in found if not pool.aspect]
    for pool in asked:
        whole = MOST_LISTED if pool.listed else MOST
        most = whole if len(asked) == 1 else whole // len(asked) + 1
        for item in choose(pool.ranked, pool.lead, judged, most, pool.listed):
            if not any(same(item.quote.text, other.quote.text) for other in told_so_far):
                told_so_far.append(item)
    for pool in found:
        if pool.aspect and not _touched(pool, told_so_far):
            told_so_far += [item.candidate for item in pool.ranked[:1] if item.useful >= ENOUGH]
    return told_so_far


def _touched(aspect: Pool, told_so_far: Sequence[Candidate]) -> bool:
    """What is told holds one of the likeliest sentences on an aspect."""
    best = [item.candidate.quote.text for item in aspect.ranked[:TOUCHING]]
    return any(same(item.quote.text, text) for item in told_so_far for text in best)


def quoting(
    blank: Answer, found: Sequence[Pool], judged: bool = False, embed: Embed | None = None
) -> Answer:
    """`blank` with the notes' own sentences, each citing itself, and at most one block of code; it
    says so where they are only the nearest that there is.

    Args:
        judged: the LLM's word is in the probabilities.
        embed: where given (it takes a tenth of a second a sentence), what is said again in other
            words is told once.
    """
    quotes: list[Passage] = []
    if not any(pool.lead or is_sure(pool.ranked) for pool in found):
        blank = replace(blank, lacking=(*blank.lacking, NEAREST_ONLY[blank.language]))
    chosen = _chosen(found, judged)
    for item in _without_repeats(chosen, embed) if embed else chosen:
        text = item.quote.text.strip()
        if any(text in quote.text for quote in quotes):
            continue  # it was told before the one that leans on it, from here or from another note
        whole = with_antecedent(item.quote, quotes[-1] if quotes else None)
        antecedent = whole.text.removesuffix(item.quote.text).strip()
        again = antecedent and any(same(antecedent, quote.text) for quote in quotes)
        quotes.append(item.quote if again else whole)
    if not any(pool.more for pool in found):  # else rows that were told would be told again
        asked = " ".join(pool.question for pool in found)
        quotes = with_whole_tables(quotes, asked, compares(asked))
    quotes += [pool.code for pool in found if pool.code is not None][:1]
    return cited(blank, [(rendered(quote), [quote]) for quote in quotes])


def _without_repeats(items: list[Candidate], embed: Embed) -> list[Candidate]:
    """Each thing once. Rows of a table are alike without saying the same, and so is what tells
    another number or name."""
    told = [item for item in items if not item.quote.table_header]
    if len(told) < 2:
        return items
    vectors = embed([item.quote.text for item in told])
    alike = vectors @ vectors.T >= REPEATS
    marks = [numbers(item.quote.text) | names(item.quote.text) for item in told]
    again: list[Candidate] = []
    for place, item in enumerate(told):
        before = (n for n in range(place) if told[n] not in again)
        if any(alike[place, n] and marks[place] <= marks[n] for n in before):
            again.append(item)
    return [item for item in items if item not in again]


def judging(
    judge: LanguageModel, found: Sequence[Pool], shown: FirstDraft
) -> Generator[FirstDraft, None, list[Pool]]:
    """The shortlists with the LLM's word, the likeliest first.

    Raises:
        ModelError: the model cannot be loaded or stops answering.
    """
    asked = sum(not pool.aspect for pool in found)
    share = SHORTLIST if asked == 1 else SHORTLIST // asked + 1
    pools = []
    with span("choose", llm=judge.spec) as watched:
        for pool in found:
            ranked = []
            for item in shortlist(pool.ranked, 1 if pool.aspect else share):
                quote = item.candidate.quote
                verdict = belongs(judge, pool.question, quote.context, quote.text)
                if verdict is not None:  # else none of the four words is among its likeliest
                    ranked.append(item.judged(verdict))
                yield shown  # whoever has gone closes this generator here
            pools.append(replace(pool, ranked=sorted(ranked, key=lambda item: -item.answer)))
        watched.set(judged=sum(len(pool.ranked) for pool in pools))
    return pools


def _was_said(item: Candidate, answers: Sequence[str]) -> bool:
    return any(rendered(item.quote) in answer for answer in answers)
