"""Question → stream of events → verified `Answer`.

The order is fixed: evidence, the decision whether it answers, then the draft, whose every line is
verified while the model writes the next. Only sentences that a shown passage supports are given as
an answer; the others are dropped and listed.
"""

import logging
import math
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np

from rag.answer.abstention import decision
from rag.answer.abstention.background import Background
from rag.answer.abstention.message_signals import message_signals
from rag.answer.abstention.signals import missing_names
from rag.answer.answer import Answer, Turn, cited
from rag.answer.conflicts import add_conflict, find_conflict
from rag.answer.drafting import drafts, without_instructions
from rag.answer.events import Draft, Event, EvidenceFound, Finished, FirstDraft, Verified
from rag.answer.question import check_question, is_greeting
from rag.answer.quoting.pools import SECTIONS, Pool, judging, pools, quoting
from rag.answer.replies import (
    NO_MORE,
    NOT_SAID,
    YOU_ARE_WELCOME,
    abstention,
    not_mentioned,
    welcome,
)
from rag.answer.retrieved import Retrieved, retrieve
from rag.answer.translation import needs_translation, translating
from rag.answer.understanding.resolving import understand
from rag.answer.understanding.subject import subject_of
from rag.answer.verification import Verification
from rag.answer.withheld import with_withheld
from rag.embedding.embedder import Embedder
from rag.errors import BusyError, ModelError
from rag.grounding.passage import Passage
from rag.grounding.selection import whole_sections
from rag.index.opened import Index
from rag.llm.fair_queue import QUEUE_NEWS_S
from rag.llm.model import LanguageModel
from rag.llm.prompts import asking_more
from rag.llm.waiting import Waiting
from rag.search.hit import Hit
from rag.telemetry.traces import span
from rag.text.language import detect_language

_log = logging.getLogger(__name__)
EVIDENCE_TOKENS = 2000
SURE = 0.45  # from this confidence on, the notes are quoted where the model fails
DRAFT_EVERY_S = 0.2  # a draft a token would take its time from the model: both have two cores


@dataclass(frozen=True, slots=True)
class Answerer:
    """Answers questions over one index with one LLM (None: extractive).

    Attributes:
        k: how many retrieved chunks are read.
        may_abstain: False answers whatever the signals say (evaluations measure what that costs).
        local_writes: let a local model write too; else the notes' own sentences are given.
        judge: the embedded LLM where it checks what another model writes.
        asker: who asks, so that one who asks much does not hold up the others; "" is a newcomer.
    """

    index: Index
    background: Background
    embedder: Embedder
    model: LanguageModel | None
    k: int
    may_abstain: bool = True
    local_writes: bool = False
    asker: str = ""
    judge: LanguageModel | None = None

    @property
    def _writer(self) -> LanguageModel | None:
        """The model that puts the answer in its own words, if one does."""
        wanted = self.model is not None and (self.local_writes or not self.model.local)
        return self.model if wanted else None

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Iterator[Event]:
        """Answer a question; the last event is always `Finished`.

        Raises:
            UsageError: the question is empty, too long or holds no word.
            ModelError: the LLM cannot be loaded or stopped answering.
            BusyError: too many wait for it.
        """
        question = check_question(question)
        if is_greeting(question):
            yield Finished(welcome(question))
            return
        if self._writer is not None and self._writer.queue is not None:
            self._writer.queue.check_room()  # before any work: impatient askers cost nothing
        began = time.perf_counter()
        asked = understand(question, history, self.index)
        if asked.kind == "thanks":
            yield Finished(welcome(question, YOU_ARE_WELCOME))
            return
        with span("retrieval") as watched:
            retrieved = retrieve(asked, self.index, max(self.k, SECTIONS))
            watched.set(hits=len(retrieved.hits))
        timings = {"retrieval_s": time.perf_counter() - began}
        yield from self.answer_from(question, retrieved, began, timings)

    def answer_from(
        self, question: str, retrieved: Retrieved, began: float, timings: dict[str, float]
    ) -> Iterator[Event]:
        """Answer from what was found (the evaluation hands in its own)."""
        passages = self.evidence(retrieved.read)
        yield EvidenceFound(passages)
        blank = Answer(
            question, retrieved.asked.language or detect_language(question), (), (),
            self.model.spec if self.model else "none", timings, standalone=retrieved.question,
            notes_read=self.index.so_far,
        )  # fmt: skip
        if self._writer is None or self._writer.queue is None:
            answer = yield from self._answered(blank, retrieved, passages, began)
        else:
            with self._writer.queue.place(self.asker) as place:
                for ahead in place.waits(every_s=QUEUE_NEWS_S):
                    yield Waiting(ahead)
                unqueued = replace(self, model=self._writer.without_queue())
                answer = yield from unqueued._answered(blank, retrieved, passages, began)
        answer = with_withheld(answer, passages, self.index.lexical)
        timings["total_s"] = time.perf_counter() - began
        yield Finished(answer)

    def _quoted(
        self, blank: Answer, retrieved: Retrieved, passages: Sequence[Passage], began: float
    ) -> Generator[Event, None, Answer]:
        """The notes' own sentences: chosen at once, then again with the LLM's word on them."""
        found = pools(self.index, self.embedder, retrieved, blank.language)
        draft = quoting(blank, found)
        if self.model is None or not self.model.judges or not draft.sentences:
            return draft
        draft.timings["first_sentence_s"] = time.perf_counter() - began
        shown = FirstDraft(self._with_conflicts(draft, passages))
        yield shown
        if self.model.queue is None:
            return (yield from self._improved(self.model, blank, found, draft, shown))
        try:
            with self.model.queue.place(self.asker) as place:
                for ahead in place.waits(every_s=QUEUE_NEWS_S):
                    yield Waiting(ahead)
                model = self.model.without_queue()
                return (yield from self._improved(model, blank, found, draft, shown))
        except BusyError:  # too many wait: the draft is an answer, too
            return draft

    def _improved(
        self,
        model: LanguageModel,
        blank: Answer,
        found: Sequence[Pool],
        draft: Answer,
        shown: FirstDraft,
    ) -> Generator[Event, None, Answer]:
        """Chosen again with the LLM's word; what is in another language, translated."""
        judged = yield from judging(model, found, shown)
        better = any(pool.ranked for pool in judged)
        answer = quoting(blank, judged, judged=True, embed=self._embed) if better else draft
        if not needs_translation(answer):
            return answer
        yield FirstDraft(answer)
        try:
            for told in translating(model, answer):
                answer = told
                yield FirstDraft(answer)
        except ModelError as error:  # what is told so far is an answer, too
            _log.warning("not all sentences were translated: %s", error)
        return answer

    def _answered(
        self, blank: Answer, retrieved: Retrieved, passages: Sequence[Passage], began: float
    ) -> Generator[Event, None, Answer]:
        hits, said = retrieved.telling, retrieved.asked.said
        with span("decide", llm=blank.llm) as watched:
            retrieved, blank = self._decided(retrieved, blank)
            watched.set(confidence=blank.confidence)
        strangers = self._strangers(retrieved)
        if strangers or self._doubts(blank):
            names = strangers or missing_names(blank.standalone, hits, self.index)
            answer = abstention(blank, hits, names or retrieved.asked.strangers.doubtful)
        else:
            blank = self._naming(retrieved.asked.strangers.doubtful, blank)
            with span("answer", llm=blank.llm) as watched:
                if self._writer is None:
                    answer = yield from self._quoted(blank, retrieved, passages, began)
                else:
                    answer = yield from self._generate(blank, retrieved, passages, began)
                watched.set(dropped=len(answer.dropped), **(answer.usage or {}))
        if not answer.sentences:
            nothing = replace(answer, lacking=())
            return abstention(nothing, hits, otherwise=NO_MORE if said else NOT_SAID)
        return self._with_conflicts(answer, passages)

    def evidence(self, hits: Sequence[Hit]) -> list[Passage]:
        """The sections that are shown: whole ones, the best first, within a budget of tokens."""
        return whole_sections(hits[: self.k], EVIDENCE_TOKENS)

    def judged(self, blank: Answer, hits: Sequence[Hit]) -> Answer:
        """`blank` with the signals, and the confidence, that the notes answer its question."""
        signals = message_signals(
            blank.standalone, hits, self.index, self.embedder, self.background
        )
        return replace(blank, confidence=decision.probability(signals), signals=signals)

    def _decided(self, retrieved: Retrieved, blank: Answer) -> tuple[Retrieved, Answer]:
        """`blank` with the confidence that the notes answer its question. Parts about things that
        they never mention are taken out where they answer another one; `blank` says so."""
        held, lacking, topics = {}, [], []
        for part, hits in retrieved.apart.items():
            names = [name for name in retrieved.asked.strangers.asked if name in part]
            names = names or missing_names(part, hits, self.index)
            if names and self.may_abstain:
                lacking.append(not_mentioned(names, blank.language))
                topics.append(subject_of(part, self.index.keys).lower())
            elif not any(topic and topic in part.lower() for topic in topics):
                held[part] = hits  # else it asks more of what is not there
        if not lacking or not held:
            return retrieved, self.judged(blank, retrieved.telling)
        parts = [self.judged(replace(blank, standalone=part), hits) for part, hits in held.items()]
        surest = max(parts, key=lambda part: decision.margin(part.signals) if part.signals else -1)
        said = tuple(dict.fromkeys(lacking))
        blank = replace(surest, standalone=blank.standalone, lacking=said)
        return replace(retrieved, apart=held), blank

    def _naming(self, names: Sequence[str], blank: Answer) -> Answer:
        """`blank` with what the notes never mention said of some names."""
        if not names or not self.may_abstain:
            return blank
        said = (*blank.lacking, not_mentioned(names, blank.language))
        return replace(blank, lacking=tuple(dict.fromkeys(said)))

    def _strangers(self, retrieved: Retrieved) -> list[str]:
        """The names that are asked about and the notes never mention: what they say of a sibling
        is no answer."""
        asked = " ".join(retrieved.apart or [retrieved.question])
        found = [name for name in retrieved.asked.strangers.asked if name in asked]
        return found if self.may_abstain else []

    def _doubts(self, answer: Answer) -> bool:
        """The signals so far say that the notes do not hold the answer."""
        if not self.may_abstain or answer.confidence is None or answer.signals is None:
            return False
        if answer.signals.absent:  # a sibling of the thing asked for is no answer
            return True
        return answer.confidence < decision.threshold(answer.signals)

    def _generate(
        self, blank: Answer, retrieved: Retrieved, passages: Sequence[Passage], began: float
    ) -> Generator[Event, None, Answer]:
        assert self.model is not None
        checked = Verification(blank.standalone, passages, self._embed, self.judge)
        asked = retrieved.asked.worded or blank.standalone
        question = asking_more(asked, retrieved.asked.said, blank.language)
        text, told = "", -math.inf
        usage: dict[str, int] | None = None
        # Closing the drafts ends the model's writing.
        with closing(drafts(self.model, question, blank.language, passages)) as growing:
            for text, counted in growing:
                usage = counted or usage
                if not text:
                    continue
                now = time.perf_counter() - began
                blank.timings.setdefault("first_token_s", now)
                if checked.lines(text):
                    blank.timings.setdefault("first_sentence_s", time.perf_counter() - began)
                    yield Verified(cited(blank, checked.kept))
                if checked.repeats:
                    break
                if now - told >= DRAFT_EVERY_S:
                    told = now
                    yield Draft(without_instructions(checked.unread(text)))
        if not checked.repeats:  # else the line that was broken off means nothing
            checked.rest(text)
        answer = cited(replace(blank, usage=usage, dropped=tuple(checked.dropped)), checked.kept)
        if answer.sentences or (self.may_abstain and (answer.confidence or 0.0) < SURE):
            return replace(answer, checked_by="rules" if checked.by_rules else "model")
        # Nothing that the model wrote holds: let the notes speak for themselves.
        found = pools(self.index, self.embedder, retrieved, answer.language)
        return quoting(answer, found)

    def _with_conflicts(self, answer: Answer, passages: Sequence[Passage]) -> Answer:
        """Say so where another passage contradicts what the answer rests on, citing both."""
        if not self.may_abstain:
            return answer
        found = find_conflict(answer, passages, self.index.lexical)
        return answer if found is None else add_conflict(answer, found)

    def _embed(self, texts: list[str]) -> np.ndarray:
        return np.asarray(self.embedder.embed_documents(texts), np.float32)
