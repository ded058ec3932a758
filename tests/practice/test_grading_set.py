"""The shipped grading weights against the hand-labelled explanations (no LLM)."""

import json

from sklearn.metrics import cohen_kappa_score

from rag.assistant import Assistant
from rag.evaluation.fit.fit_grading import DATA, NOTES
from rag.practice.grading import grade
from rag.settings import load_settings


def test_agreement_with_hand_labels(tmp_path, embedder):
    items = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]
    assert len(items) >= 40
    assistant = Assistant(load_settings(corpus=NOTES, data_dir=tmp_path, llm="none"))
    assistant.embedder = embedder
    assistant.build()
    coach = assistant.coach()
    truth, found = [], []
    for item in items:
        exercise = coach.exercise(item["topic"], "zh")
        result = grade(exercise, item["explanation"], embedder, coach.index.lexical, None)
        truth += item["labels"]
        found += [point.status for point in result.points]
        if item["kind"] in {"stuffed", "off-topic"}:
            assert result.score <= 30, item["explanation"]
        for point in result.points:
            quote = point.source
            text = (NOTES / quote.note).read_text("utf-8")
            assert text[quote.start : quote.end] == quote.quote
    assert len(truth) >= 250
    assert cohen_kappa_score(truth, found) >= 0.6
