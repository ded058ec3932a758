"""Question → stream of events → verified `Answer`.

The order is fixed: evidence, the decision whether it answers, the draft, the verification. Only
sentences that a shown passage supports are given as an answer; the others are dropped and listed.
"""

import math
import re
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rag import answerability, citing, prompts
from rag.answers import (
    Answer,
    Draft,
    DraftAnswer,
    Event,
    EvidenceFound,
    Finished,
    Nearest,
    Sentence,
    Turn,
    Waiting,
    cited,
)
from rag.clauses import plain
from rag.conflicts import add_conflict, find_conflict
from rag.conversation import stand_alone
from rag.embedding import Embedder
from rag.errors import UsageError
from rag.evidence import Passage, select_passages
from rag.extractive import extract
from rag.index import Index
from rag.language import content_words, detect_language, sentence_spans
from rag.models import LanguageModel, token_usage
from rag.orders import is_order
from rag.retrieval import Hit, HybridRetriever
from rag.tracing import span

MAX_QUESTION = 2000
EVIDENCE_TOKENS = 320
PASSAGE_TOKENS = (130, 90, 60)  # the best passage may be long, those far down short
ANSWER_TOKENS = 260
DRAFT_EVERY_S = 0.2  # a draft a token would take its time from the model: both have two cores
QUEUE_NEWS_S = 1.0  # a face whose reader has gone notices it at the next event

_GREETING = re.compile(
    r"^\s*(?:你好|您好|嗨|哈喽|早上好|晚上好|谢谢|多谢|再见|在吗|hi|hello|hey|thanks|thank you|bye)"
    r"[\s!\uff01。.~,\uff0c?\uff1f]*$",
    re.IGNORECASE,
)
_SOURCE_PHRASE = re.compile(
    r"^(?:根据|依据|按照)?(?:以上|上述|所给|提供的)*资料(?:中|里|显示|所述|可知|指出)*[,\uff0c:\uff1a\s]*"
    r"|^(?:according to|based on) the (?:notes|passages?)[,:\s]*",
    re.IGNORECASE,
)
_LINE = re.compile(r"(?P<text>.*?)(?P<cites>(?:\s*\[\d+\])*)\s*$")

WITHHELD = "…"  # in `Answer.dropped`, for a sentence that gave our own instructions away
NOT_SAID = {
    "zh": "笔记里没有这个问题的答案。",
    "en": "The notes do not say.",
}
WELCOME = {
    "zh": "你好！请提一个关于笔记内容的问题，例如“LoRA 的原理是什么？”。",
    "en": "Hello! Ask a question about the notes, for example “How does LoRA work?”.",
}


@dataclass(frozen=True, slots=True)
class Answerer:
    """Answers questions over one index with one LLM (None: extractive).

    Attributes:
        k: how many retrieved chunks are read.
        may_abstain: False answers whatever the signals say (evaluations measure what that costs).
        asker: who asks, so that one who asks much does not hold up the others; "" is a newcomer.
    """

    index: Index
    background: answerability.Background
    embedder: Embedder
    model: LanguageModel | None
    k: int
    may_abstain: bool = True
    asker: str = ""

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Iterator[Event]:
        """Answer a question; the last event is always `Finished`.

        Raises:
            UsageError: the question is empty, too long or holds no word.
            ModelError: the LLM cannot be loaded or stopped answering.
        """
        question = check_question(question)
        if _GREETING.match(question):
            yield Finished(self._greet(question))
            return
        began = time.perf_counter()
        standalone = stand_alone(question, history)
        retriever = HybridRetriever(store=self.index.store, lexical=self.index.lexical)
        # Ten hits tell the answerability signals how the scores fall off; k of them are read.
        with span("retrieval") as watched:
            hits = retriever.search(standalone, max(self.k, 10))
            watched.set(hits=len(hits))
        timings = {"retrieval_s": time.perf_counter() - began}
        yield from self.answer_from(question, standalone, hits, began, timings)

    def answer_from(
        self,
        question: str,
        standalone: str,
        hits: Sequence[Hit],
        began: float,
        timings: dict[str, float],
    ) -> Iterator[Event]:
        """Answer from given hits (the evaluation hands in its own)."""
        passages = self.evidence(standalone, hits)
        yield EvidenceFound(passages)
        blank = Answer(
            question, detect_language(question), (), (), self.model.spec if self.model else "none",
            timings, standalone=standalone,
        )  # fmt: skip
        if self.model is None or self.model.queue is None:
            answer = yield from self._answered(blank, hits, passages, began)
        else:
            # One turn for the yes/no and the answer: nobody else's prompt comes in between.
            with self.model.queue.place(self.asker) as place:
                for ahead in place.waits(every_s=QUEUE_NEWS_S):
                    yield Waiting(ahead)
                held = replace(self, model=self.model.held())
                answer = yield from held._answered(blank, hits, passages, began)
        timings["total_s"] = time.perf_counter() - began
        yield Finished(answer)

    def _answered(
        self, blank: Answer, hits: Sequence[Hit], passages: Sequence[Passage], began: float
    ) -> Generator[Event, None, Answer]:
        with span("decide", llm=blank.llm) as watched:
            blank = self.judged(blank, hits, passages)
            watched.set(confidence=blank.confidence)
        if self._doubts(blank):
            answer = self._abstain(blank, hits)
        else:
            with span("answer", llm=blank.llm) as watched:
                if self.model is None:
                    answer = self._extractive(blank, passages)
                else:
                    answer = yield from self._generate(blank, passages, began)
                watched.set(dropped=len(answer.dropped), **(answer.usage or {}))
        if not answer.sentences:
            answer = self._abstain(answer, hits)
        elif self.may_abstain:
            answer = self._with_conflicts(answer, passages)
        return answer

    def evidence(self, standalone: str, hits: Sequence[Hit]) -> list[Passage]:
        """The excerpts of the hits that are shown to the model."""
        return select_passages(
            standalone,
            hits[: self.k],
            self.index.lexical,
            budget=EVIDENCE_TOKENS,
            sizes=PASSAGE_TOKENS,
        )

    def judged(self, blank: Answer, hits: Sequence[Hit], passages: Sequence[Passage]) -> Answer:
        """`blank` with the signals, and the confidence, that the notes answer its question.

        Raises:
            ModelError: the LLM cannot be loaded or stopped answering.
        """
        question = blank.standalone
        vector = np.asarray(self.embedder.embed_query(question), np.float32)
        signals = answerability.measure(question, vector, hits, self.index.lexical, self.background)
        stage: answerability.Stage = "retrieval"
        if self.model is not None and self.model.local:
            messages = prompts.answerable_messages(question, _shown(passages), blank.language)
            odds = self.model.log_odds(messages, *prompts.YES_NO[blank.language])
            if odds is not None:
                stage, signals = "asked", replace(signals, log_odds=max(-6.0, min(6.0, odds)))
        confidence = answerability.probability(signals, stage)
        return replace(blank, confidence=confidence, stage=stage, signals=signals)

    def _doubts(self, answer: Answer) -> bool:
        """The signals so far say that the notes do not hold the answer."""
        if not self.may_abstain or answer.confidence is None or answer.signals is None:
            return False
        return answer.confidence < answerability.threshold(answer.signals, answer.stage)

    def _generate(
        self, blank: Answer, passages: Sequence[Passage], began: float
    ) -> Generator[Event, None, Answer]:
        assert self.model is not None
        text = ""
        usage: dict[str, int] | None = None
        shown = -math.inf
        for text, counted in self._drafts(blank, passages):
            usage = counted or usage
            now = time.perf_counter() - began
            if text and now - shown >= DRAFT_EVERY_S:
                shown = now
                blank.timings.setdefault("first_token_s", now)
                yield Draft(presentable(text))
        answer = self._verified(replace(blank, usage=usage), text, passages)
        if not answer.sentences:  # nothing the model wrote holds: let the notes speak themselves
            fallback = self._extractive(answer, passages)
            return replace(fallback, dropped=answer.dropped)
        return answer

    def _drafts(
        self, blank: Answer, passages: Sequence[Passage]
    ) -> Iterator[tuple[str, dict[str, int] | None]]:
        """The model's text as it grows, and its token counts where it gives them.

        A remote model that can return structured output does; the others are streamed, a local
        one under a grammar that allows no citation of a passage that was not shown.
        """
        assert self.model is not None
        with span("prompt", passages=len(passages)) as watched:
            shown = _shown(passages)
            messages = prompts.answer_messages(blank.standalone, shown, blank.language)
            watched.set(characters=sum(len(message.text) for message in messages))
        if not self.model.local:
            reply = self.model.structured(messages, DraftAnswer)
            if reply is not None:
                yield reply.value.as_text(), reply.usage
                return
        text, cut = "", False
        usage: dict[str, int] | None = None
        for chunk in self.model.stream(
            messages, max_tokens=ANSWER_TOKENS, grammar=prompts.answer_grammar(len(passages))
        ):
            text += str(chunk.text)
            usage = token_usage(chunk) or usage
            cut = cut or chunk.response_metadata.get("finish_reason") == "length"
            yield text, usage
        if cut:
            yield whole_sentences(text), usage

    def _verified(self, blank: Answer, text: str, passages: Sequence[Passage]) -> Answer:
        kept: list[tuple[str, list[Passage]]] = []
        dropped: list[str] = []
        asked = set(content_words(blank.standalone))
        for sentence, named in split_answer(text, len(passages)):
            if any(_same(sentence, other) for other, _ in kept):
                continue
            if prompts.repeats_prompt(sentence):
                dropped.append(WITHHELD)
                continue
            found = None
            if not citing.echoes_question(sentence, blank.standalone):
                found = citing.best_support(sentence, passages, named, self._embed)
            if found is not None and len(set(content_words(sentence))) == 1:
                # A bare word is an answer where a sentence about what was asked has it.
                place, verdict = found
                quote = passages[place].narrowed(verdict.start, verdict.end).text
                found = found if asked & set(content_words(quote)) else None
            if found is None:
                dropped.append(sentence)
                continue
            place, verdict = found
            kept.append((sentence, [passages[place].narrowed(verdict.start, verdict.end)]))
        return replace(cited(blank, kept), dropped=tuple(dropped))

    def _with_conflicts(self, answer: Answer, passages: Sequence[Passage]) -> Answer:
        """Say so where another passage contradicts what the answer rests on, citing both."""
        found = find_conflict(answer, passages, self.index.lexical)
        return answer if found is None else add_conflict(answer, found)

    def _extractive(self, blank: Answer, passages: Sequence[Passage]) -> Answer:
        quotes = extract(blank.standalone, blank.language, passages, self.index.lexical)
        return cited(blank, [(plain(quote.text), [quote]) for quote in quotes])

    def _abstain(self, answer: Answer, hits: Sequence[Hit]) -> Answer:
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
            sentences=(Sentence(NOT_SAID[answer.language], (), False),),
            citations=(),
            abstained=True,
            nearest=tuple(nearest.values())[:3],
        )

    def _greet(self, question: str) -> Answer:
        language = detect_language(question)
        sentence = Sentence(WELCOME[language], (), False)
        timings = {"retrieval_s": 0.0, "total_s": 0.0}
        return Answer(question, language, (sentence,), (), "none", timings, abstained=True)

    def _embed(self, texts: list[str]) -> np.ndarray:
        return np.asarray(self.embedder.embed_documents(texts), np.float32)


def check_question(question: str) -> str:
    """The question, trimmed.

    Raises:
        UsageError: it is empty, too long, or only punctuation.
    """
    question = question.strip()
    if not question:
        raise UsageError("The question is empty; type one. 问题为空，请输入问题。")
    if len(question) > MAX_QUESTION:
        raise UsageError(
            f"The question has {len(question)} characters; shorten it to {MAX_QUESTION}. "
            "问题太长，请缩短。"
        )
    if not any(char.isalnum() for char in question):
        raise UsageError("The question holds no word; type one. 问题里没有文字，请重新输入。")
    return question


def split_answer(text: str, count: int) -> list[tuple[str, list[int]]]:
    """A draft's sentences, each with the places (from 0) of the passages that it names."""
    found: list[tuple[str, list[int]]] = []
    for part in re.findall(r"[^\[\]\n]*(?:\[\d+\])*", text):
        match = _LINE.match(part.strip())
        if match is None or not (sentence := match["text"].strip()):
            continue
        numbers = [int(number) - 1 for number in re.findall(r"\d+", match["cites"])]
        named = [number for number in numbers if 0 <= number < count]
        pieces = [_SOURCE_PHRASE.sub("", sentence[a:b]) for a, b in sentence_spans(sentence)]
        found.extend((piece, named) for piece in pieces if any(map(str.isalnum, piece)))
    return found


def presentable(text: str) -> str:
    """A draft that nobody has verified, without orders and without our own instructions."""
    return "".join(
        line
        for line in text.splitlines(keepends=True)
        if not any(
            is_order(line[start:end]) or prompts.repeats_prompt(line[start:end])
            for start, end in sentence_spans(line)
        )
    )


def whole_sentences(text: str) -> str:
    """A draft that ran into its token limit, without the sentence that was cut."""
    ends = [match.end() for match in re.finditer(r"[。!?\uff01\uff1f\]]|\.(?=\s)", text)]
    return text[: ends[-1]] if ends else text


def _shown(passages: Sequence[Passage]) -> list[str]:
    """What the model reads of each passage: its title, then its words. Not what they order."""
    return [
        f"({passage.title}) {_statements(passage.text)}"
        if passage.title and not is_order(passage.title)
        else _statements(passage.text)
        for passage in passages
    ]


def _statements(text: str) -> str:
    spans = sentence_spans(text)
    stated = [text[start:end] for start, end in spans if not is_order(text[start:end])]
    return plain(text if len(stated) == len(spans) else " ".join(stated))


def _same(one: str, other: str) -> bool:
    left, right = (set(content_words(text)) for text in (one, other))
    return bool(left) and len(left & right) / len(left | right) >= 0.8
