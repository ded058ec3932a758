"""Practice over several collections: whose note is practised, cited, scheduled and seen by whom."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import gradio as gr
import pytest
from typer.testing import CliRunner

from rag.assistant import Assistant
from rag.cli.main import app
from rag.errors import CorpusError
from rag.llm.fair_queue import FairQueue
from rag.llm.remote_model import RemoteModel
from rag.notes.note_key import DEFAULT, split_note_key
from rag.notes.topic import Topic
from rag.practice.stats import progress
from tests.chromium import launched, new_page
from tests.live import start_server
from ui.app import Warmth, build
from ui.practising import interview_parts
from ui.practising.interview_actions import InterviewActions
from ui.practising.sitting import Sitting
from ui.tabs.practice_exercise import PracticeSession, source_of

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
ROPE = (
    "# RoPE\n\nRoPE 用旋转矩阵编码位置，使注意力只依赖相对位置。RoPE 的底数 base 通常取 10000。\n"
    "RoPE 的底数越大，能外推的长度越长。\n"
)
SAID = "RoPE 用旋转矩阵编码位置。底数 base 通常取 10000。"
BOTH = [DEFAULT, "papers"]
HANDLERS = {"ui.practising.own_points", "ui.tabs.practice_tab", "ui.practising.exercise_actions"}


@pytest.fixture
def both(assistant, tmp_path):
    folder = tmp_path / "papers"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "rope.md").write_text(ROPE, "utf-8")
    (folder / "lora.md").write_text(
        "# LoRA 变体\n\nDoRA 把权重分解为幅度和方向两部分。rsLoRA 把缩放因子改为秩的平方根。\n",
        "utf-8",
    )
    (folder / "empty.md").write_text("# 待写\n\n待写。\n", "utf-8")
    (folder / "plain.txt").write_text("ALiBi 在注意力分数上加与距离成正比的负偏置。\n", "utf-8")
    assistant.library.registry.add("papers", folder)
    assistant.build(name="papers")
    return assistant


def rated(coach, topic, text, profile="me"):
    graded = coach.grade(coach.exercise(topic, "zh"), text, profile, now=NOW)
    graded = coach.assess(profile, graded.attempt, [1])  # the others were not said
    return graded, coach.rate(profile, graded.attempt, graded.grade.topic, "good", NOW)


def test_notes_of_equal_names_are_two_topics_and_each_cites_its_own(both):
    coach = both.coach(collections=BOTH)
    assert {topic.key for topic in coach.topics} >= {"lora.md", "papers//lora.md", "sub/kv.md"}
    for topic, words in (("lora.md", "LoRA 冻结"), ("papers//lora.md", "DoRA")):
        exercise = coach.exercise(topic, "zh")
        assert exercise.topic == topic
        assert words in "".join(item.page_content for item in exercise.documents)
        assert {item.metadata["note"] for item in exercise.documents} == {"lora.md"}
        sources = [point.source for point in exercise.points]
        assert {source.collection for source in sources} == {exercise.collection}
        for source in sources:  # "open the note" finds the words where they stand
            text = both.note(source.note, source.collection).text
            assert text[source.start : source.end] == source.quote
    graded = coach.grade(coach.exercise("RoPE", "zh"), SAID, "me", now=NOW).grade.to_dict()
    assert (graded["topic"], graded["collection"]) == ("papers//deep/rope.md", "papers")
    assert {point["source"]["collection"] for point in graded["points"]} == {"papers"}
    alone = both.coach().grade(both.coach().exercise("lora.md", "zh"), "LoRA", "me", now=NOW)
    assert "collection" not in json.dumps(alone.grade.to_dict())  # the default one by itself


def test_what_was_learned_before_holds_and_each_choice_shows_its_own(both):
    """A history of the default collection alone, as it was always kept, then one of two."""
    _, due = rated(both.coach(), "lora.md", "LoRA 冻结预训练权重，只训练两个低秩矩阵。")
    assert list(both.history().cards("me")) == ["lora.md"]
    joined = both.coach(collections=BOTH)
    assert [topic.key for topic in joined.due("me", due + timedelta(days=9))] == ["lora.md"]
    graded, _ = rated(joined, "papers//deep/rope.md", SAID)
    assert joined.history.attempts("me", "papers//deep/rope.md")[0].id == graded.attempt
    later = due + timedelta(days=9)
    seen = {
        names: [topic.key for topic in both.coach(collections=names).due("me", later)]
        for names in ((DEFAULT,), ("papers",), tuple(BOTH))
    }
    assert seen[(DEFAULT,)] == ["lora.md"]
    assert seen[("papers",)] == ["papers//deep/rope.md"]
    assert sorted(seen[tuple(BOTH)]) == ["lora.md", "papers//deep/rope.md"]
    for names, practised, folders in (
        ((DEFAULT,), 1, {".", "sub"}),
        (("papers",), 1, {"papers", "papers/deep"}),
        (tuple(BOTH), 2, {".", "sub", "papers", "papers/deep"}),
    ):
        coach = both.coach(collections=names)
        found = progress(coach.history, coach.topics, "me", NOW)
        assert (found.practised, found.attempts) == (practised, practised)
        assert {name for name, _, _ in found.folders} == folders
        assert sum(done for _, done, _ in found.folders) == practised
    weak = [row for row in found.to_dict()["weakest"] if row.get("collection") == "papers"]
    assert weak and all(row["title"] == "RoPE" for row in weak)


def test_what_is_chosen_next(both, tmp_path):
    papers = both.coach(collections=["papers"])
    order = []
    for _ in range(3):
        order.append(papers.next_topic("me", now=NOW).key)
        both.history().rate(
            "me", 0, "good", order[-1], {"due": (NOW + timedelta(days=9)).isoformat()}
        )
    assert sorted(order) == ["papers//deep/rope.md", "papers//lora.md", "papers//plain.txt"]
    # All three are scheduled; the note that says nothing is passed over, not stuck upon.
    assert papers.next_topic("me", now=NOW).key in order
    # What was typed over one collection is no obstacle where the notes know nothing of it.
    both.history().rate("me", 0, "good", "topic:RoPE 外推", {"due": NOW.isoformat()})
    assert papers.next_topic("me", now=NOW).free
    assert not both.coach().next_topic("me", now=NOW).free
    both.library.registry.create("blank")
    both.build(name="blank")
    with pytest.raises(CorpusError, match="no notes"):
        both.coach(collections=["blank"]).next_topic("me")


def test_only_notes_with_front_matter_are_opened(both, monkeypatch):
    opened = []
    read = Assistant.note

    def noted(self, path, collection=None):
        opened.append((collection, path))
        return read(self, path, collection)

    monkeypatch.setattr(Assistant, "note", noted)
    topics = {topic.key: topic for topic in both.coach(collections=["papers"]).topics}
    assert topics["papers//plain.txt"].title == "plain"
    assert sorted(opened) == [
        ("papers", "deep/rope.md"), ("papers", "empty.md"), ("papers", "lora.md"),
    ]  # fmt: skip
    both.coach(collections=BOTH)
    assert len(opened) == 6  # the papers' are known, three of the default collection are new


def test_a_new_name_keeps_what_was_learned(both):
    coach = both.coach(collections=["papers"])
    rated(coach, "papers//lora.md", "DoRA 把权重分解为幅度和方向。")
    rated(both.coach(), "lora.md", "LoRA 冻结预训练权重。")
    coach.history.save_draft("me", "papers//deep/rope.md", "写到一半", NOW)
    both.rename_collection("papers", "论文")
    history = both.history()
    assert sorted(history.cards("me")) == ["lora.md", "论文//lora.md"]
    assert history.draft("me", "论文//deep/rope.md") == "写到一半"
    again = both.coach(collections=["论文"])
    assert [t.key for t in again.due("me", NOW + timedelta(days=99))] == ["论文//lora.md"]
    assert [item.topic for item in history.attempts("me")] == ["论文//lora.md", "lora.md"]


def test_keys_are_unambiguous():
    places = [
        ("", "x.md"), ("a", "x.md"), ("a", "b/x.md"), ("a/b", "x.md"), ("", "a/x.md"),
        ("a//b", "x.md"), ("topic:a/b", "x.md"),
    ]  # fmt: skip
    topics = [Topic(note, "", collection=collection) for collection, note in places]
    assert [split_note_key(topic.key) for topic in topics] == places
    assert Topic("x.md", "", collection=DEFAULT).key == "x.md"


def test_commands(both, embedder, monkeypatch):
    monkeypatch.setattr("rag.assistant.load_embeddings", lambda settings: embedder)
    settings = both.settings
    environment = {
        "RAG_DATA_DIR": str(settings.data_dir), "RAG_LLM": "none",
        "RAG_CORPUS": str(settings.corpus),
    }  # fmt: skip

    def rag(*arguments, text=None):
        ran = CliRunner().invoke(app, ["practice", *arguments], env=environment, input=text)
        assert ran.exception is None, ran.exception
        return ran.stdout

    named = ["--collection", "papers", "--collection", "default"]
    graded = json.loads(
        rag("--topic", "RoPE", *named, "--explanation", "-", "--rating", "again", "--json",
            text=SAID)
    )  # fmt: skip
    assert (graded["topic"], graded["collection"]) == ("papers//deep/rope.md", "papers")
    soon = [{"topic": "papers//deep/rope.md", "title": "RoPE", "collection": "papers"}]
    monkeypatch.setattr("rag.practice.plan.timetable.due_of", lambda card: NOW)
    assert json.loads(rag("due", *named, "--json")) == soon
    assert "(papers//deep/rope.md)" in rag("due", *named)
    assert json.loads(rag("due", "--json")) == []
    assert json.loads(rag("stats", "--json"))["practised"] == 0
    assert json.loads(rag("stats", *named, "--json"))["practised"] == 1
    assert "papers: deep/rope.md" in rag(
        "--topic", "RoPE", *named, "--explanation", "-", "--rating", "good", text=SAID
    )


# The page


def test_a_choice_takes_its_topics_and_tags_along(both):
    def refreshed(names, topic, tag):
        shown = page["refresh"]("me", names, topic, tag, "", "", Sitting(), "zh", visitor(""))
        return shown[choices.collections], shown[choices.topic], shown[choices.tag]

    page = handlers_of(both)
    choices = page["choose"].__self__.choices
    choice, topics, tags = refreshed(BOTH, "papers//lora.md", "")
    assert "value" not in choice and "value" not in topics  # nothing to take back
    assert ("LoRA 变体 · papers", "papers//lora.md") in topics["choices"]
    assert ("LoRA 低秩适配", "lora.md") in topics["choices"]
    for gone in ("papers//lora.md", "nowhere.md"):
        choice, topics, tags = refreshed([DEFAULT], gone, "rope")
        assert topics["value"] is None and tags["value"] == ""
    typed = refreshed([DEFAULT], "缓存的代价", "")[1]
    assert "value" not in typed
    assert refreshed(["nosuch"], None, "")[0]["value"] == [DEFAULT]


def handlers_of(assistant):
    """The functions behind the Practice page by name."""
    made = [block.fn for block in build(assistant, Warmth()).fns.values()]
    return {fn.__name__: fn for fn in made if getattr(fn, "__module__", "") in HANDLERS}


def visitor(name):
    return SimpleNamespace(username=name, session_hash=f"page of {name}")


@pytest.fixture
def logins(both):
    """The server of two logins; alice has notes of her own."""
    both.library.registry.create("mine", owner="alice")
    own = both.collection("alice/mine")
    (own.folder / "rope.md").write_text(ROPE, "utf-8")
    both.build(name="alice/mine")
    return both


def test_nobody_practises_anothers_notes(logins):
    """Also by a request that no page of ours would send."""
    page = handlers_of(logins)
    acts = page["choose"].__self__
    part, choices = acts.parts, acts.choices
    alice, bob = visitor("alice"), visitor("bob")

    def choose(topic, names, who):
        updates = page["choose"]("me", topic, names, "", "", 0, "zh", who)
        return updates[part.session], updates[part.question]

    session, shown = choose("alice/mine//rope.md", ["alice/mine"], alice)
    assert session.exercise.collection == "alice/mine" and "RoPE" in shown
    for names in (["alice/mine"], [DEFAULT, "alice/mine"]):
        forged, shown = choose("alice/mine//rope.md", names, bob)
        assert forged.exercise is None and "error" in shown and "旋转" not in shown
    forged, shown = choose("alice/mine//rope.md", [DEFAULT], bob)
    assert forged.exercise is None or forged.exercise.collection == ""
    *_, last = page["judge"](SAID, session, "me", "zh", alice)
    graded = last[part.session]
    assert graded.grade is not None
    assert "旋转矩阵" in source_of(logins, f"p_{1}_0", graded, "zh", "alice")
    points = page["keep"].__self__
    area = points.area
    own = points.follow("", None, {}, session, "zh", alice)
    assert own[area.draft].made.note == "rope.md"
    # A session that reached another login somehow opens, grades and changes nothing.
    assert area.text not in points.follow("", None, {}, session, "zh", bob)
    kept = points.keep("1. 改了", own[area.draft], {}, session, "zh", bob)
    assert "error" in kept[area.told]
    folder = logins.collection("alice/mine").folder
    assert not (folder / "rope.md.points.yaml").exists()
    points.keep("1. 改了", own[area.draft], {}, session, "zh", alice)
    assert (folder / "rope.md.points.yaml").exists()
    assert "旋转" not in source_of(logins, f"p_{1}_0", graded, "zh", "bob")
    *_, last = page["judge"](SAID, session, "me", "zh", bob)
    assert part.session not in last and "error" in last[part.result]  # nothing is graded
    chosen = ["alice/mine", "papers"]
    shown = page["refresh"]("me", chosen, None, "", "", "", Sitting(), "zh", bob)
    assert shown[choices.collections]["value"] == ["papers"]
    assert "alice" not in str(shown[choices.topic])
    assert logins.history().attempts("alice") and not logins.history().attempts("bob")


def test_nobody_sees_or_answers_anothers_interview(logins):
    with gr.Blocks():
        part, offer = interview_parts.draw("zh"), interview_parts.draw_offer("zh")
        past = interview_parts.draw_past()
    acts = InterviewActions(logins, part, offer, past)
    alice, bob = visitor("alice"), visitor("bob")
    begun = acts.begin("me", [DEFAULT], "due", "", "", "", 5, 0, "zh", alice)
    sitting = begun[part.sitting]
    assert sitting.number
    for updates in (
        acts.open_past(f"{sitting.number}_0", "me", "zh", bob),
        acts.end(sitting, "me", "zh", bob),
        [*acts.send("这是回答。", sitting, "me", "zh", bob)][-1],
        [*acts.appeal(1, "note wrong", "", sitting, "me", "zh", bob)][-1],
    ):
        assert "没有这场面试" in str(updates)
    nothing = {offer.text: "", past.listed: ""}
    assert acts.standing(Sitting(), "me", "zh", bob) == nothing
    assert acts.export(sitting, "me", bob) == ""
    assert acts.standing(Sitting(), "me", "zh", alice)[offer.text]
    forged = acts.begin("me", ["alice/mine"], "due", "", "", "", 5, 0, "zh", bob)
    assert forged[part.sitting].number == 0 and "error" in forged[part.notice]
    assert not logins.history().attempts("bob") and not logins.history().attempts("alice")


def test_a_grading_waits_its_turn_under_its_learners_name(both, scripted):
    queue = FairQueue(limit=4)
    both.models["none"] = None
    both.models["scripted:q"] = RemoteModel("scripted:q", lambda refused: scripted, queue=queue)
    both.settings = both.settings.model_copy(update={"llm": "scripted:q"})
    session = PracticeSession(both.coach("none").exercise("lora.md", "zh"), (DEFAULT,))
    judge = handlers_of(both)["judge"]
    part = judge.__self__.parts
    judging = judge("LoRA 冻结预训练权重。", session, "me", "zh", visitor("li"))
    next(judging)
    with queue.turn("login wang"):
        assert "1" in next(judging)[part.result]
        assert queue.waiting == ("login li",)
    *_, last = judging
    assert last[part.session].grade.llm == "scripted:q" and len(queue) == 0
    # A learner who leaves the page leaves the queue.
    judging = judge("LoRA 冻结预训练权重。", session, "me", "zh", visitor("li"))
    with queue.turn("login wang"):
        next(judging), next(judging)
        assert len(queue) == 2
        judging.close()
        assert len(queue) == 1


@pytest.mark.browser
def test_from_an_answer_to_practice_and_back(both):
    with launched() as browser:
        drive(new_page(browser), start_server(both))


def drive(page, url, shots=None):
    """The whole way; with `shots`, a folder, screenshots are kept there."""

    def shoot(name):
        if shots:
            page.screenshot(path=f"{shots}/{name}.png", full_page=True)

    page.goto(f"{url}/?tab=ask")
    page.wait_for_selector("#question textarea")
    page.click("#settings button")
    page.click("#collections input")
    page.get_by_role("option", name="papers").click()
    page.keyboard.press("Escape")
    page.fill("#question textarea", "RoPE 的底数 base 通常取多少？")
    page.keyboard.press("Enter")
    page.wait_for_selector("#chat [class*='cite-0_']")
    page.click("#chat .practise-this")
    page.wait_for_selector("#practice-question:has-text('RoPE') h3")
    page.click("#practise-settings button >> nth=0")
    page.wait_for_selector("#practised-collections:has-text('papers')")
    shoot("practice-zh")
    page.fill("#explanation textarea", SAID)
    page.click("#grade")
    page.wait_for_selector("#result .point")
    page.click("#result button.cite >> nth=0")
    page.wait_for_selector("#practice-note mark:has-text('旋转矩阵')")
    assert "papers · deep/rope.md" in page.inner_text("#practice-note")
    page.click("#tick")
    page.get_by_label("良好").check()
    page.click("#rate")
    page.wait_for_selector("#progress-line:has-text('已练 1/7')")  # of both collections
    shoot("graded-zh")
    # Back, with a collection less chosen there: the topic's own comes along.
    page.get_by_role("tab", name="提问").click()
    page.click("#settings > button")  # it has closed when something else was clicked
    page.click("#collections .token:has-text('papers') .token-remove")
    page.wait_for_selector("#collections:not(:has-text('papers'))")
    page.get_by_role("tab", name="练习").click()
    page.click("#ask-about")
    page.wait_for_selector("#collections:has-text('papers')", state="attached")
    assert page.input_value("#question textarea")
    # In English: another choice, another progress.
    page.get_by_label("English").click()
    page.get_by_role("tab", name="Practice").click()
    page.wait_for_selector("#practised-collections:has-text('Collections to practise')")
    page.click("#practised-collections .token:has-text('papers') .token-remove")
    page.wait_for_selector("#progress-line:has-text('0/3 topics practised')")
    assert page.input_value("#topic input") == ""  # RoPE went with its collection
    shoot("practice-en")
    page.set_viewport_size({"width": 390, "height": 844})
    shoot("practice-390")
    # The page fits as soon as Gradio has heard of the new width.
    page.wait_for_function("document.documentElement.scrollWidth - window.innerWidth <= 1")
