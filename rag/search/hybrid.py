"""Hybrid retrieval: dense and BM25 lists fused by reciprocal rank, weighted by what they know.

Reciprocal rank fusion: Cormack et al. 2009. The lexical list's weight is the share of the
question's word weight (idf) that the notes know at all. Notes in the other language only are looked
for by what the question's words are there. Ranks tie often; the scores themselves (a convex
combination, Bruch et al. 2023, "An Analysis of Fusion Functions for Hybrid Retrieval") decide.
The constants were chosen on XQuAD and on labelled questions; see `docs/measurements.md`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Annotated, Any, Self

import numpy as np
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, SkipValidation

from rag.index.authored_keys import AuthoredKeys
from rag.index.documents import place_of
from rag.index.opened import ChunkStore, Index, WordIndex
from rag.search.authored import like_questions, named_notes, section_likeness
from rag.search.fusion import fuse, lexical_weight
from rag.search.hit import Hit
from rag.search.near_duplicates import distinct
from rag.search.nearness import Nearness
from rag.search.twin_sections import with_twins
from rag.search.twins import in_one_language, is_other_language
from rag.search.word_pairs import in_other_language
from rag.text.compounds import question_words
from rag.text.language import Language, detect_language
from rag.text.words import content_words

LEXICAL_SHARE = 0.25
NAMED_SHARE = 0.1  # of the share of a question that names the note's topic
ASKED_SHARE = 0.15  # of the likeness to a question that the section answers
DEPTH = 50
FOREIGN_WEIGHT = 0.7  # of the ranks by words that the query's are in the other language
LIKELIEST = 2  # of these, for each of its words


class HybridRetriever(BaseRetriever):
    """Dense and BM25 lists over the same chunks as one LangChain retriever.

    Attributes:
        notes: all that are indexed: of those told in two languages, the question's one is found.
        keys: what authors say of notes: the likeness to their questions counts for a section.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    store: Annotated[ChunkStore, SkipValidation]
    lexical: Annotated[WordIndex, SkipValidation]
    notes: Annotated[Collection[str], SkipValidation] = ()
    keys: Annotated[AuthoredKeys, SkipValidation] = AuthoredKeys()
    k: int = 6

    @classmethod
    def over(cls, index: Index, k: int = 6) -> Self:
        return cls(
            store=index.store, lexical=index.lexical, notes=index.notes, keys=index.keys, k=k
        )

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[Document]:
        found = []
        for hit in self.search(query, k):
            document = hit.document.model_copy(deep=True)
            document.metadata["score"] = hit.score
            found.append(document)
        return found

    def search(
        self,
        query: str,
        k: int | None = None,
        notes: Collection[str] | None = None,
        language: Language | None = None,
    ) -> list[Hit]:
        """The best `k` chunks (default `self.k`), best first, near-duplicates dropped.

        Args:
            notes: paths of the only notes to search; None searches all.
            language: of the notes that are told in two; None is the query's own.
        """
        k = self.k if k is None else k
        if k < 1 or not len(self.store):
            return []
        among = None if notes is None else self.store.select(notes)
        depth = max(DEPTH, k * 3) * (2 if self.notes else 1)
        vector = np.asarray(self.store.embeddings.embed_query(query), np.float32)
        words = question_words(query, self.lexical.knows)
        language = language or detect_language(query)
        near = Nearness(self.store, vector, self.store.nearest(vector, depth, among))
        lexical = dict(self.lexical.top(words, depth, among))
        if self.notes and among is None:
            lexical = with_twins(lexical, self.store, self.notes, language)
        weight, mass = lexical_weight(self.lexical, content_words(query))
        translated = _translated(query) if self.notes else []
        foreign = self._foreign(translated, detect_language(query), depth, notes)
        fused = fuse([(near.first, 1.0), (lexical, weight), (foreign, FOREIGN_WEIGHT)])
        if foreign:
            lexical |= {row: max(score, lexical.get(row, 0.0)) for row, score in foreign.items()}
            words = [*words, *translated]
        # What only one list has found gets the other's score too.
        unscored = [row for row in near.first if row not in lexical]
        lexical.update(zip(unscored, self.lexical.scores_of(words, unscored), strict=True))
        near.look_up(lexical)
        share = LEXICAL_SHARE / (mass or 1.0)
        scores = {row: ranks + near[row] + share * lexical[row] for row, ranks in fused.items()}
        like = like_questions(self.keys, vector, self.notes, language)
        asked = section_likeness(self.keys, like)
        named = named_notes(self.keys, query)
        if (asked or named) and notes is None:
            scores = self._with_asked(scores, near, lexical, words, share, asked, named)
        order = sorted(scores, key=scores.__getitem__, reverse=True)
        hits = (
            Hit(
                document,
                scores[row],
                near.plain(row),
                lexical[row],
                _asked(document, asked),
                named.get(place_of(document), 0.0),
                near.adapted(row),
            )
            for start in range(0, len(order), k)  # more than `k` only where duplicates are dropped
            for row, document in self.store.fetch(order[start : start + k]).items()
            if not is_other_language(place_of(document), self.notes, language)
        )
        return drop_duplicates(hits, k)

    def _foreign(
        self, words: Sequence[str], asked_in: Language, depth: int, notes: Collection[str] | None
    ) -> dict[Any, float]:
        """What a query's words in the other language find, of the notes in that one only."""
        told_once = in_one_language(self.notes, self.store) if words else frozenset()
        if notes is not None:
            told_once &= set(notes)
        if not told_once:
            return {}
        among = None if len(told_once) == len(self.notes) else self.store.select(told_once)
        rows = dict(self.lexical.top(words, depth, among))
        return {
            row: rows[row]
            for row, document in self.store.fetch(list(rows)).items()
            if detect_language(document.page_content) != asked_in
        }

    def _with_asked(
        self,
        scores: dict[Any, float],
        near: Nearness,
        lexical: dict[Any, float],
        words: Sequence[str],
        share: float,
        asked: Mapping[tuple[str, str], float],
        named: Mapping[str, float],
    ) -> dict[Any, float]:
        """`scores` with the sections that answer a like question, or whose note is what the
        question names, and what that counts."""
        rows = self.store.rows_of({note for note, _ in asked} | named.keys())
        unscored = [row for row in rows if row not in scores]
        near.look_up(unscored)
        lexical.update(zip(unscored, self.lexical.scores_of(words, unscored), strict=True))
        scores |= {row: near[row] + share * lexical[row] for row in unscored}
        for row, document in self.store.fetch(rows).items():
            scores[row] += ASKED_SHARE * _asked(document, asked)
            scores[row] += NAMED_SHARE * named.get(place_of(document), 0.0) * _of_note(document)
        return scores


def _translated(query: str) -> list[str]:
    words = dict.fromkeys(content_words(query))
    return list(dict.fromkeys(o for word in words for o in in_other_language(word)[:LIKELIEST]))


def _asked(document: Document, asked: Mapping[tuple[str, str], float]) -> float:
    headings = document.metadata.get("headings") or [""]
    return asked.get((place_of(document), str(headings[-1])), 0.0)


def _of_note(document: Document) -> float:
    """The lead of a note says what its topic is: it counts whole, other sections by half."""
    return 1.0 if len(document.metadata.get("headings") or []) <= 1 else 0.5


def drop_duplicates(hits: Iterable[Hit], k: int) -> list[Hit]:
    """The first `k` hits whose text is not nearly the same as that of a better one."""
    kept: list[Hit] = []
    rest = iter(hits)
    while more := list(islice(rest, k - len(kept))):
        found = [*kept, *more]
        kept = [found[place] for place in distinct([hit.document.page_content for hit in found])]
    return kept
