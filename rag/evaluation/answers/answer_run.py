"""Ask a set of questions, ours and optionally the plain recipe; one JSON record an answer.

Records are appended to a file as they come, so that a broken-off run goes on where it stopped.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from rag.answer.answer import Answer, Turn
from rag.answer.answerer import Answerer
from rag.answer.events import finished
from rag.answer.retrieved import Retrieved
from rag.answer.understanding.resolving import Understood, understand
from rag.assistant import Assistant
from rag.errors import UsageError
from rag.evaluation.answers.answer_scores import CitedClaim, citation_scores, is_right, refuses
from rag.evaluation.answers.answer_set import EvalQuestion
from rag.evaluation.answers.plain_recipe import TOP, answer_plainly, plain_store
from rag.evaluation.json_files import read_json_lines
from rag.index.build_report import BuildProgress
from rag.index.local.faiss_store import FaissStore
from rag.search.hybrid import HybridRetriever
from rag.storage.atomic import write_atomic

OURS, PLAIN = "ours", "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One answer and what it is worth; None where that cannot be told.

    Attributes:
        correct: every gold answer is named (answerable questions with gold answers).
        open_correct: the same had the system not been allowed to abstain.
        recalled, precise: ALCE's marks, one a sentence and one a citation.
        exact: one a citation: its quote stands in the note at the given span.
        gold: a citation is of a gold note (answerable questions of our own form).
    """

    system: str
    id: str
    question: str
    language: str
    kind: str
    answerable: bool
    answer: str
    abstained: bool
    correct: bool | None
    open_correct: bool | None
    recalled: list[bool]
    precise: list[bool]
    exact: list[bool]
    gold: bool | None
    dropped: int
    prompt_tokens: int | None
    completion_tokens: int | None
    first_token_s: float | None
    total_s: float
    confidence: float | None


class Runner:
    """Asks one set of questions of one assistant."""

    def __init__(self, assistant: Assistant, questions: Sequence[EvalQuestion]) -> None:
        self.assistant = assistant
        self.questions = questions
        self._plain: FaissStore | None = None
        self._paths: dict[str, str] = {}

    def prepare(self, folder: Path, progress: BuildProgress) -> None:
        """Make the questions' own passages, where they have some, the corpus: a note a passage."""
        texts = sorted({text for q in self.questions for text in q.passages or ()})
        if texts:
            notes = folder / "notes"
            notes.mkdir(parents=True, exist_ok=True)
            for text in texts:
                name = sha256(text.encode()).hexdigest()[:16] + ".txt"
                self._paths[text] = name
                write_atomic(notes / name, text.encode())
            settings = self.assistant.settings.model_copy(
                update={"corpus": notes, "data_dir": folder}
            )
            own = Assistant(settings)
            own.embedder = self.assistant.embedder
            self.assistant = own
        if texts or not self.assistant.has_index():
            self.assistant.build(progress)

    def run(self, out: Path, llm: str, baseline: bool, progress: BuildProgress) -> list[Record]:
        """All records, those of an earlier run included.

        Raises:
            ModelError: the LLM cannot be loaded or stops answering.
            UsageError: the baseline is asked for without an LLM.
        """
        records = [Record(**row) for row in read_json_lines(out)] if out.exists() else []
        done = {(record.system, record.id) for record in records}
        systems = [OURS, PLAIN] if baseline else [OURS]
        if baseline and self.assistant.model(llm) is None:
            raise UsageError("The plain recipe needs an LLM; leave --baseline or --llm none out.")
        wanted = {(system, question.id) for question in self.questions for system in systems}
        records = [record for record in records if (record.system, record.id) in wanted]
        with out.open("a", encoding="utf-8") as handle:
            for question in self.questions:
                for system in systems:
                    if (system, question.id) in done:
                        continue
                    ask = self._ours if system == OURS else self._plainly
                    record = ask(question, llm)
                    records.append(record)
                    handle.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")
                    handle.flush()
                    progress("ask", len(records), len(wanted))
        return records

    def _ours(self, question: EvalQuestion, llm: str) -> Record:
        answerer = self.assistant.answerer(llm)
        answer = self._answer(answerer, question)
        right = is_right(answer.text, question) if question.answerable else None
        unbound = right
        if right is not None and answer.abstained:
            right = False
            free = self._answer(replace(answerer, may_abstain=False), question)
            unbound = is_right(free.text, question)
        quotes = {citation.n: citation for citation in answer.citations}
        claims = [
            CitedClaim(
                sentence.text,
                tuple((quotes[n].quote, quotes[n].heading_path) for n in sentence.citations),
            )
            for sentence in answer.sentences
        ]
        recalled, precise = citation_scores([] if answer.abstained else claims, self._embed)
        golden = {gold.note for gold in question.gold}
        return Record(
            system=OURS,
            **_asked(question, answer.usage),
            answer=answer.text,
            abstained=answer.abstained,
            correct=right,
            open_correct=unbound,
            recalled=recalled,
            precise=precise,
            exact=list(self._exact(answer)),
            gold=any(c.note in golden for c in answer.citations) if golden else None,
            dropped=len(answer.dropped),
            first_token_s=answer.timings.get("first_token_s"),
            total_s=answer.timings["total_s"],
            confidence=answer.confidence,
        )

    def _answer(self, answerer: Answerer, question: EvalQuestion) -> Answer:
        history = [Turn(earlier) for earlier in question.history]
        if question.passages is None:
            events = answerer.ask(question.question, history)
        else:
            began = time.perf_counter()
            standalone = understand(question.question, history, answerer.index).standalone
            index = answerer.index
            retriever = HybridRetriever(store=index.store, lexical=index.lexical)
            notes = {self._paths[text] for text in question.passages}
            hits = retriever.search(standalone, max(answerer.k, 10), notes)
            timings = {"retrieval_s": time.perf_counter() - began}
            events = answerer.answer_from(
                question.question, Retrieved(Understood(standalone), hits), began, timings
            )
        return finished(events)

    def _exact(self, answer: Answer) -> Iterator[bool]:
        for citation in answer.citations:
            text = self.assistant.note(citation.note).text
            yield text[citation.start : citation.end] == citation.quote

    def _plainly(self, question: EvalQuestion, llm: str) -> Record:
        model = self.assistant.model(llm)
        assert model is not None
        began = time.perf_counter()
        if question.passages is not None:
            chunks = list(question.passages)
            notes = [self._paths[text] for text in chunks]
        else:
            if self._plain is None:
                every = [self.assistant.note(path) for path in sorted(self.assistant.index().notes)]
                cache = self.assistant.settings.embedding_cache
                self._plain = plain_store(every, self.assistant.embedder, cache)
                began = time.perf_counter()
            found = self._plain.similarity_search(question.question, TOP)
            chunks = [document.page_content for document in found]
            notes = [str(document.metadata["note"]) for document in found]
        searched = time.perf_counter() - began
        answer = answer_plainly(model, question.question, question.language, chunks)
        refused = refuses(answer.text)
        right = is_right(answer.text, question) if question.answerable else None
        claims = [
            CitedClaim(text, tuple((chunks[place], "") for place in places))
            for text, places in answer.sentences
        ]
        recalled, precise = citation_scores([] if refused else claims, self._embed)
        cited = {notes[place] for _, places in answer.sentences for place in places}
        golden = {gold.note for gold in question.gold}
        return Record(
            system=PLAIN,
            **_asked(question, answer.usage),
            answer=answer.text,
            abstained=refused,
            correct=right,
            open_correct=right,
            recalled=recalled,
            precise=precise,
            exact=[],
            gold=bool(cited & golden) if golden else None,
            dropped=0,
            first_token_s=None if answer.first_token_s is None else answer.first_token_s + searched,
            total_s=answer.total_s + searched,
            confidence=None,
        )

    def _embed(self, texts: list[str]) -> np.ndarray:
        return np.asarray(self.assistant.embedder.embed_documents(texts), np.float32)


def _asked(question: EvalQuestion, usage: Mapping[str, int] | None) -> dict[str, Any]:
    """The fields of a `Record` that the question and the model's token counts give."""
    counted = usage or {}
    return {
        "id": question.id,
        "question": question.question,
        "language": question.language,
        "kind": question.kind,
        "answerable": question.answerable,
        "prompt_tokens": counted.get("prompt_tokens"),
        "completion_tokens": counted.get("completion_tokens"),
    }


def run_folder(root: Path, file: Path, llm: str, noise: float, count: int) -> Path:
    """Where a run's records lie: one folder for each file content and way of asking."""
    key = f"{sha256(file.read_bytes()).hexdigest()} {llm} {noise} {count}"
    name = "".join(char if char.isalnum() else "-" for char in f"{file.stem}-{llm}")
    return root / "evaluation" / f"{name}-{sha256(key.encode()).hexdigest()[:8]}"


def summarise(records: Sequence[Record]) -> dict[str, dict[str, Any]]:
    """Figures of one system's records: for `zh`, `en` (where asked) and `all`."""
    tables: dict[str, dict[str, Any]] = {}
    for language in ("zh", "en", "all"):
        some = [r for r in records if language in (r.language, "all")]
        if some:
            tables[language] = _figures(some)
    return tables


def by_kind(records: Sequence[Record]) -> dict[str, dict[str, Any]]:
    """The same for each kind of question."""
    kinds = sorted({record.kind for record in records})
    return {kind: _figures([r for r in records if r.kind == kind]) for kind in kinds if kind}


def _figures(records: Sequence[Record]) -> dict[str, Any]:
    yes = [r for r in records if r.answerable]
    no = [r for r in records if not r.answerable]
    given = [r for r in yes if not r.abstained]
    return {
        "questions": len(records),
        "accuracy": _mean(r.correct for r in yes),
        "accuracy_without_abstention": _mean(r.open_correct for r in yes),
        "false_abstention": _mean(r.abstained for r in yes),
        "abstention": _mean(r.abstained for r in no),
        "gold_note_cited": _mean(r.gold for r in given),
        "citation_recall": _mean(mark for r in records for mark in r.recalled),
        "citation_precision": _mean(mark for r in records for mark in r.precise),
        "exact_quotes": _mean(mark for r in records for mark in r.exact),
        "dropped_sentences": sum(r.dropped for r in records),
        "sentences": sum(len(r.recalled) for r in records),
        "prompt_tokens": _mean(r.prompt_tokens for r in records),
        "completion_tokens": _mean(r.completion_tokens for r in records),
        "first_token_s": _median(r.first_token_s for r in records),
        "total_s": _median(r.total_s for r in records),
    }


def _mean(values: Any) -> float | None:
    known = [float(value) for value in values if value is not None]
    return round(sum(known) / len(known), 4) if known else None


def _median(values: Any) -> float | None:
    known = [float(value) for value in values if value is not None]
    return round(float(np.median(known)), 4) if known else None
