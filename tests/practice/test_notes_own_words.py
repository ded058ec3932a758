"""Whoever says a note's key points in its own words has said them: in every note of ours."""

import numpy as np
import pytest

from rag.assistant import Assistant
from rag.practice.grading import grade
from rag.settings import load_settings
from tests.places import CORPUS
from tests.practice.scripted_judge import NO, ScriptedJudge

pytestmark = pytest.mark.slow


class Flat:
    """Every text is like every other: words alone decide here, and the test takes seconds."""

    def embed_documents(self, texts):
        return [np.ones(2, np.float32)] * len(texts)


def test_no_judge_is_asked_about_a_notes_own_words(tmp_path, embedder):
    assistant = Assistant(load_settings(corpus=CORPUS, data_dir=tmp_path, llm="none"))
    assistant.embedder = embedder
    assistant.build()
    coach = assistant.coach("none")
    judge = ScriptedJudge(*[NO] * 100_000).at_once()
    fell_short, notes = [], 0
    for topic in coach.topics:
        for language, end in (("zh", "。"), ("en", ".")):
            exercise = coach.exercise_on(topic, language)
            text = "\n".join(p.in_language(language) + end for p in exercise.points)
            given = grade(exercise, text, Flat(), coach.index.lexical, judge)
            notes += 1
            if given.score != 100 or given.warnings:
                fell_short.append((topic.key, language, given.score, given.warnings))
    assert not fell_short
    assert notes >= 700 and judge.given == 0
