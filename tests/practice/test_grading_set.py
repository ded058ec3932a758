"""The shipped grading weights against the hand-labelled explanations (no LLM)."""

import json
import shutil

from sklearn.metrics import cohen_kappa_score

from rag.assistant import Assistant
from rag.evaluation.fit.fit_grading import DATA
from rag.practice.grading import grade
from rag.settings import load_settings
from tests.places import CORPUS


def test_agreement_with_hand_labels(tmp_path, embedder):
    items = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]
    assert len(items) >= 40
    for topic in {item["topic"] for item in items}:
        (tmp_path / "notes" / topic).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CORPUS / topic, tmp_path / "notes" / topic)
    assistant = Assistant(load_settings(corpus=tmp_path / "notes", data_dir=tmp_path, llm="none"))
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
            text = (CORPUS / quote.note).read_text("utf-8")
            assert text[quote.start : quote.end] == quote.quote
    assert len(truth) >= 250
    assert cohen_kappa_score(truth, found) >= 0.6
