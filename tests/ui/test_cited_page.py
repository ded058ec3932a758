"""A citation of a PDF opens its page as a picture; a long conversation is shown by its end."""

from dataclasses import replace
from itertools import pairwise

import pytest

from rag.answer.answer import Answer, Sentence
from rag.grounding.citation import Citation
from tests.chromium import ask
from tests.live import start_server
from tests.readers.test_page_image import QUOTE, book
from ui.answer_stream import answer_stream
from ui.session import (
    RECENT,
    STEP,
    Session,
    first_shown,
    messages,
    session_of,
    thumbs,
    turn_at,
)
from ui.tabs.cited_note import open_citation, page_picture, page_waits


def answered(question, note="book.pdf", page=2):
    item = Citation(1, note, "Book", (), QUOTE, 0, len(QUOTE), 1.0, page)
    return Answer(question, "en", (Sentence(QUOTE, (1,), True),), (item,), "none", {})


def test_a_cited_pdf_page_is_shown_with_the_quote_marked(assistant, corpus):
    (corpus / "book.pdf").write_bytes(book())
    now = Session((answered("What does LoRA keep?"),))
    assert "第 2 页" in page_waits("0_1_5", now, "zh")
    html = page_picture(assistant, "0_1_5", now, "zh")
    assert html.count("page-mark") == 2 and "data:image/webp;base64," in html
    assert f"标出：{QUOTE}" in html  # for those who do not see it


def test_where_there_is_no_picture_the_text_must_do(assistant, corpus):
    (corpus / "book.pdf").write_bytes(b"%PDF-1.4 no more")
    now = Session((answered("a"), answered("b", "lora.md", None), answered("c", "gone.pdf")))
    assert "pdf-page" not in page_picture(assistant, "0_1", now, "zh")
    assert "gone.pdf" in page_picture(assistant, "2_1", now, "zh")  # one sentence says why
    for place in ("1_1", "9_1", "x", "0_-1"):
        assert page_waits(place, now, "zh") == page_picture(assistant, place, now, "zh") == ""


def test_a_long_conversation_shows_its_end_and_the_rest_is_a_click_away():
    now = Session(
        tuple(answered(f"question {n}") for n in range(200)), chat=1,
        turns=tuple(range(1000, 1200)), verdicts=("up",) * 200,
    )  # fmt: skip
    shown = messages(now, "en")
    assert 2 * RECENT <= len(shown) <= 2 * (RECENT + STEP)
    assert "Show the 180 before" in shown[0]["content"] and "earlier" not in shown[2]["content"]
    assert "question 199" in shown[-2]["content"] and "cite-199_1" in shown[-1]["content"]
    assert len(thumbs(now)) == len(shown) // 2
    assert turn_at(now, len(shown) - 1) == 1199 and turn_at(now, len(shown) + 1) is None
    whole = messages(Session(now.answers, unfolded=200), "en")
    assert len(whole) == 400 and "earlier" not in whole[0]["content"]
    # Each question changes how many are shown: the page scrolls to it by that.
    counts = [len(now.answers[:n]) - first_shown(Session(now.answers[:n])) for n in range(60)]
    assert all(a != b for a, b in pairwise(counts))


def test_thumbs_stay_with_their_answers_when_the_window_moves(assistant):
    chats, shown = assistant.chats(), RECENT + STEP - 1  # with the next answer the oldest ones go
    number, turns = chats.add("", None, [answered(f"question {n}") for n in range(shown)])
    now = session_of(chats.load("", number))
    chats.judge("", turns[STEP], "up")  # on the page, after it was opened
    chats.judge("", turns[-1], "down")
    steps = list(answer_stream(assistant, "LoRA 是什么？", now, "none", 6, "zh"))
    assert all(step.thumbs is None for step in steps[:-2])  # nothing has moved yet
    for step in steps[-2:]:
        assert first_shown(step.session) == STEP
        assert step.thumbs == ["Like", *[None] * (RECENT - 3), "Dislike", None]
    # Where nothing moves a thumb that is given meanwhile is not taken back.
    again = list(answer_stream(assistant, "LoRA 是什么？", steps[-1].session, "none", 6, "zh"))
    assert all(step.thumbs is None for step in again)


def test_a_cited_passage_leads_to_the_whole_note(assistant, corpus):
    note = (corpus / "lora.md").read_text(encoding="utf-8")
    quote = note.strip().splitlines()[-1]
    made = answered("a", "lora.md", None)
    item = replace(made.citations[0], quote=quote, start=note.index(quote))
    now = Session((replace(made, citations=(item,)),))
    head = open_citation(assistant, "0_1", now, "en").split("</div>")[0]
    assert "passage-head" in head and "lora.md" in head and "read-this quietly read-0_1" in head


@pytest.mark.browser
def test_a_thumb_given_on_the_page_stays_with_its_answer(page, assistant):
    shown = RECENT + STEP - 1
    number, _ = assistant.chats().add("", None, [answered(f"question {n}") for n in range(shown)])
    page.goto(f"{start_server(assistant)}/?chat={number}")
    page.wait_for_selector(f"#chat .cite-{shown - 1}_1")
    liked = "[aria-label='Liked'], [aria-label='已赞']"
    page.locator("#chat button:is([aria-label='Like'], [aria-label='赞'])").last.click()
    page.wait_for_selector(f"#chat :is({liked})")
    ask(page, "LoRA 的缺点是什么?", shown)
    page.wait_for_function(
        f"document.querySelectorAll('#chat .message-buttons-left').length === {RECENT}"
    )
    rows = page.locator("#chat .message-buttons-left")
    assert [n for n in range(RECENT) if rows.nth(n).locator(liked).count()] == [RECENT - 2]
