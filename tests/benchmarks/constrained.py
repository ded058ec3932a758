"""Constrained generation against free text, with the embedded LLM on the same evidence.

Three ways to ask for a cited answer: under our grammar (sentence, then `[n]` of a passage that was
shown), under a JSON schema of sentences with source numbers, and as free text whose sentences are
attributed afterwards. Each draft goes through the same verification; printed are the share of
questions answered rightly, of sentences kept, of drafts that name a passage which was not shown,
and tokens and seconds. The decision to abstain is off: it would hide what a form does.

    python -m tests.benchmarks.constrained tests/data/questions.jsonl --limit 40
"""

import argparse
import re
import time
from dataclasses import dataclass, replace
from pathlib import Path

from rag.answer.answer import Answer, Turn, cited
from rag.answer.answerer import Answerer
from rag.answer.draft_answer import DraftAnswer
from rag.answer.drafting import ANSWER_TOKENS, shown
from rag.answer.follow_up import stand_alone
from rag.answer.verification import Verification
from rag.assistant import Assistant
from rag.evaluation.answers.answer_scores import is_right
from rag.evaluation.answers.answer_set import EvalQuestion, read_answer_set, sample
from rag.grounding.passage import Passage
from rag.llm import prompts
from rag.search.hybrid import HybridRetriever
from rag.settings import load_settings
from rag.text.language import detect_language

FORMS = ("grammar", "schema", "free")


@dataclass
class Tally:
    """Counts of one form over all questions."""

    right: int = 0
    judged: int = 0
    kept: int = 0
    dropped: int = 0
    malformed: int = 0
    uncited: int = 0
    tokens: int = 0
    seconds: float = 0.0


def draft(answerer: Answerer, form: str, question: str, passages: list[Passage]) -> str:
    """The text of a draft in one form; "" where it breaks the schema."""
    assert answerer.model is not None
    language = detect_language(question)
    messages = prompts.answer_messages(question, shown(passages), language)
    if form == "schema":
        chat = answerer.model.chat().bind(max_tokens=ANSWER_TOKENS)
        schema = DraftAnswer.model_json_schema()
        reply = chat.invoke(
            messages,
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "answer", "schema": schema, "strict": True},
            },
        )
        try:
            return DraftAnswer.model_validate_json(str(reply.content)).as_text()
        except ValueError:
            return ""
    grammar = prompts.answer_grammar(len(passages)) if form == "grammar" else None
    return answerer.model.complete(messages, max_tokens=ANSWER_TOKENS, grammar=grammar)


def measure(answerer: Answerer, questions: list[EvalQuestion]) -> dict[str, Tally]:
    """One tally a form."""
    tallies = {form: Tally() for form in FORMS}
    for number, question in enumerate(questions):
        asked = stand_alone(question.question, [Turn(text) for text in question.history])
        retriever = HybridRetriever(store=answerer.index.store, lexical=answerer.index.lexical)
        passages = answerer.evidence(asked, retriever.search(asked, answerer.k))
        first = number % len(FORMS)  # it fills the KV cache
        order = FORMS[first:] + FORMS[:first]
        for form in order:
            began = time.perf_counter()
            text = draft(answerer, form, asked, passages)
            tally = tallies[form]
            tally.seconds += time.perf_counter() - began
            blank = Answer(asked, detect_language(asked), (), (), "local", {}, standalone=asked)
            checked = Verification(asked, passages, answerer._embed)
            checked.rest(text)
            answer = replace(cited(blank, checked.kept), dropped=tuple(checked.dropped))
            right = is_right(answer.text, question)
            tally.judged += right is not None
            tally.right += bool(right)
            tally.kept += len(answer.sentences)
            tally.dropped += len(answer.dropped)
            named = [int(n) for n in re.findall(r"\[(\d+)\]", text)]
            tally.malformed += any(not 1 <= n <= len(passages) for n in named)
            tally.uncited += not named
        print(number + 1, len(questions), flush=True)
    return tallies


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--limit", type=int, default=40)
    given = parser.parse_args()
    answerable = [q for q in read_answer_set(given.file) if q.answerable]
    questions = sample(answerable, given.limit)
    assistant = Assistant(load_settings(llm="local"))
    answerer = replace(assistant.answerer("local"), may_abstain=False)
    print(f"{'form':9}{'right':>8}{'kept':>7}{'dropped':>9}{'malformed':>11}{'uncited':>9}{'s':>7}")
    for form, t in measure(answerer, questions).items():
        share = t.right / t.judged if t.judged else 0.0
        print(
            f"{form:9}{share:8.2f}{t.kept:7}{t.dropped:9}{t.malformed:11}{t.uncited:9}"
            f"{t.seconds / len(questions):7.1f}"
        )
