"""Notes without front matter: points drafted, corrected, kept beside the note, and practised."""

import json

import pytest
from typer.testing import CliRunner

from rag.cli.main import app
from rag.errors import UsageError
from rag.practice.own.drafted_points import drafted, says_something
from rag.practice.own.kept_beside import corrected, kept_points, save_beside
from rag.practice.own.points_text import as_text, from_text
from rag.practice.topic_points import points_of
from rag.readers.corpus import scan

OWN = """# 投机解码

投机解码是用小模型先猜若干个 token、再由大模型一次并行验证的加速方法。见下图。

## 为什么分布不变
大模型按接受概率决定是否保留每个猜测，因此输出分布与原来完全一致。这很重要。

## 代价
待补充

草稿模型要占额外的显存，接受率低时反而变慢。参考 https://example.org/paper 。
"""


@pytest.fixture
def coach(assistant, corpus):
    (corpus / "spec.md").write_text(OWN, "utf-8")
    assistant.build()
    return assistant.coach("none")


def draft_of(coach):
    topic = next(topic for topic in coach.topics if topic.note == "spec.md")
    return drafted(topic, points_of(coach.index, topic)[0])


@pytest.mark.parametrize(
    "sentence",
    ["不能，基座只会续写，要先微调。", "可以看作序列级的解码，对答案投票。",
     "待补充", "见下图。", "这很重要。", "主要有以下几点：", "2024-01-02", "为什么要这样做？",
     "参考 https://example.org/paper 。", "它也更快一些而且显存更少。",
     "TODO write more about this", "However it is also much faster here."],
)  # fmt: skip
def test_what_says_nothing_by_itself_is_no_point(sentence):
    assert not says_something(sentence)


def test_a_draft_has_points_and_a_question_a_section(coach):
    draft = draft_of(coach)
    assert len(draft.points) == 3 and len({point.id for point in draft.points}) == 3
    assert (
        draft.points[0].text.startswith("投机解码是用小模型") and draft.points[0].weight == "must"
    )
    assert [point.section for point in draft.points[1:]] == ["为什么分布不变", "代价"]
    questions = [question.text for question in draft.questions]
    assert "投机解码：为什么分布不变？" in questions and len(questions) >= 3
    assert draft == draft_of(coach)  # the ids are the same each time


def test_kept_points_are_practised_under_their_ids_and_the_note_is_untouched(
    assistant, coach, corpus
):
    draft = corrected(draft_of(coach), drop=[3], texts={1: "小模型先猜，大模型并行验证"})
    save_beside(corpus, draft)
    assert (corpus / "spec.md").read_text("utf-8") == OWN
    again = assistant.coach("none")  # without indexing anew
    topic = next(topic for topic in again.topics if topic.note == "spec.md")
    assert [p.text for p in topic.points] == ["小模型先猜，大模型并行验证", draft.points[1].text]
    exercise = again.exercise(topic, "zh", "me")
    assert exercise.question == draft.questions[0].text
    done = again.grade(exercise, "小模型先猜，大模型验证。", "me")
    assert [p.id for p in done.grade.points] == [p.id for p in draft.points]
    for point in exercise.points:
        assert OWN[point.source.start : point.source.end] == point.source.quote
    assert scan(corpus).remarks == ()  # nobody is told that it is not read
    assert assistant.build().partial == ()


@pytest.mark.parametrize(
    "text", ["key_points: 3", "[1, 2", "a: &a [*a]", "\x00", "key_points: [{}]"]
)
def test_a_broken_sidecar_does_no_harm(assistant, coach, corpus, text):
    (corpus / "spec.md.points.yaml").write_text(text, "utf-8")
    topic = next(t for t in assistant.coach("none").topics if t.note == "spec.md")
    assert assistant.coach("none").exercise(topic, "zh").points


def test_code_is_no_point(assistant, corpus):
    (corpus / "code.md").write_text(
        "# 分词\n\n中文分词是把汉字序列切成词序列的任务。\n\n```python\n"
        "total = sum(freq.values()) is used as the denominator\n```\n", "utf-8",
    )  # fmt: skip
    assistant.build()
    asked = assistant.coach("none").exercise("code.md", "zh")
    assert [point.text for point in asked.points] == ["中文分词是把汉字序列切成词序列的任务。"]


def test_wrong_corrections_are_refused(coach):
    draft = draft_of(coach)
    for drop, texts in (([9], {}), ([], {1: " "}), ([1, 2, 3], {}), ([], {0: "x"})):
        with pytest.raises(UsageError):
            corrected(draft, drop, texts)


def test_the_command(coach, corpus, assistant, embedder, monkeypatch):
    monkeypatch.setattr("rag.assistant.load_embeddings", lambda settings: embedder)
    monkeypatch.setenv("RAG_DATA_DIR", str(assistant.settings.data_dir))
    run = CliRunner().invoke
    base = ["practice", "points", "spec.md", "--corpus", str(corpus)]
    shown = run(app, [*base, "--json"])
    assert shown.exit_code == 0, shown.exception
    assert len(json.loads(shown.stdout)["points"]) == 3
    assert not (corpus / "spec.md.points.yaml").exists()
    kept = run(app, [*base, "--drop", "3", "--correct", "1: 先猜后验", "--save"])
    assert kept.exit_code == 0, kept.exception
    assert "先猜后验" in (corpus / "spec.md.points.yaml").read_text("utf-8")
    assert isinstance(run(app, ["practice", "points", "no.md"]).exception, UsageError)


def test_kept_corrections_are_what_is_corrected_next(assistant, coach, corpus):
    topic = next(topic for topic in coach.topics if topic.note == "spec.md")
    assert kept_points(topic, corpus) is None
    draft = corrected(draft_of(coach), drop=[3], texts={1: "小模型先猜，大模型并行验证"})
    save_beside(corpus, draft, looked_through=False)
    kept = kept_points(topic, corpus)
    assert (kept.points, kept.questions) == (draft.points, draft.questions)
    again = assistant.coach("none")
    assert again.exercise("spec.md", "zh").draft  # nobody has looked through it
    save_beside(corpus, kept)
    assert not assistant.coach("none").exercise("spec.md", "zh").draft


def test_a_draft_is_corrected_as_text(coach):
    draft = draft_of(coach)
    assert from_text(draft, as_text(draft)) == draft
    left = from_text(
        draft, "2. 分布不变\n+ 草稿模型要与大模型同词表\n\n? 为什么不变？ (2)\n？都讲讲"
    )
    assert [p.text for p in left.points] == ["分布不变", "草稿模型要与大模型同词表"]
    assert left.points[0].id == draft.points[1].id and left.points[1].id not in draft.quotes
    every = tuple(point.id for point in left.points)
    assert [q.points for q in left.questions] == [every[:1], every]
    for text in ("", "9. 没有", "1. 甲\n1. 乙", "没有编号", "? 只有问题", "1. " + "长" * 600):
        with pytest.raises(UsageError):
            from_text(draft, text)


def test_an_own_note_is_asked_several_questions_from_the_start(coach):
    asked = set()
    for _ in range(3):
        exercise = coach.exercise("spec.md", "zh", "me")
        assert exercise.draft and exercise.points
        asked.add((exercise.question, len(exercise.points)))
        coach.grade(exercise, "小模型先猜，大模型验证。", "me")
    assert len(asked) == 3


@pytest.mark.parametrize(
    "asked",
    ["", "questions:\n- {text: 为什么不变？, points: [gone]}\n", "questions:\n- {text: 讲讲}\n"],
)
def test_a_sidecar_edited_by_hand_can_be_corrected_and_kept(coach, corpus, asked):
    points = "key_points:\n- {id: a, text: 小模型先猜，大模型并行验证}\n- {id: b, text: 分布不变}\n"
    (corpus / "spec.md.points.yaml").write_text(points + asked, "utf-8")
    topic = next(topic for topic in coach.topics if topic.note == "spec.md")
    kept = kept_points(topic, corpus)
    assert [question.points for question in kept.questions] == [("a", "b")]
    assert from_text(kept, as_text(kept)) == kept
    assert corrected(kept, drop=[1]).questions[0].points == ("b",)


TWIN = """# Speculative decoding

Speculative decoding lets a small model guess several tokens and the large one check them at once.

## Price
The draft model takes memory of its own and makes decoding slower when few guesses are accepted.
"""


@pytest.fixture
def twins(corpus, coach, assistant):
    (corpus / "spec.en.md").write_text(TWIN, "utf-8")
    assistant.build()
    return assistant.coach("none")


def test_who_is_asked_in_english_is_asked_for_what_the_english_note_says(twins):
    english = twins.exercise("spec.md", "en")
    assert english.question == "Explain Speculative decoding."
    texts = [point.text for point in english.points]
    assert any("guess several tokens" in text for text in texts)
    assert all(text.isascii() for text in texts)
    assert {point.source.note for point in english.points} == {"spec.en.md"}
    chinese = twins.exercise("spec.md", "zh")
    assert all(not point.text.isascii() for point in chinese.points)
    assert {point.source.note for point in chinese.points} == {"spec.md"}
    topic = next(topic for topic in twins.topics if topic.note == "spec.md")
    assert all(p.text.isascii() for p in twins.exercise_on(topic, "en").points)  # of no question


def test_both_languages_points_are_kept_beside_the_note(twins, corpus, assistant):
    from rag.practice.own.note_draft import draft_of as both

    topic = next(topic for topic in twins.topics if topic.note == "spec.md")
    save_beside(corpus, both(twins, topic))
    again = assistant.coach("none")
    exercise = again.exercise("spec.md", "en")
    assert not exercise.draft and all(point.text.isascii() for point in exercise.points)


def test_a_note_written_by_hand_is_asked_for_all_of_its_points(corpus, assistant):
    """A point that is a name in the other language is no draft from the twin."""
    head = "---\ntitle: 缓存\nkey_points: [KV cache, 避免对历史 token 重复计算]\n---\n# 缓存\n\n"
    text = "KV cache 缓存每层的键和值，避免对历史 token 重复计算。\n"
    (corpus / "cached.md").write_text(head + text, "utf-8")
    (corpus / "cached.en.md").write_text(
        "# Cache\n\nThe KV cache keeps keys and values.\n", "utf-8"
    )
    assistant.build()
    coach = assistant.coach("none")
    topic = next(topic for topic in coach.topics if topic.note == "cached.md")
    assert topic.twin and len(coach.points(topic, "zh")) == 2


def test_a_note_is_drafted_once(twins, monkeypatch):
    from rag.practice.own import drafted_topic

    drafts = []
    real = drafted_topic.drafted
    monkeypatch.setattr(drafted_topic, "drafted", lambda *args: drafts.append(args) or real(*args))
    first = [twins.exercise("spec.md", language) for language in ("zh", "en", "zh")]
    assert len(drafts) == 2  # the note, and its twin
    assert first[0].points == first[2].points
