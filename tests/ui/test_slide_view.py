"""A cited slide stands by itself, its quote marked."""

from rag.answer.answer import Answer, Sentence
from rag.evaluation.samples import Section, pptx
from rag.grounding.citation import Citation
from rag.notes.note import Note
from ui.session import Session
from ui.tabs.cited_note import page_picture, page_waits

DECK = [
    Section("LoRA", ["LoRA trains two small matrices.", "The rank is often 8."]),
    Section("Cost <b>", ["Its cost is the limit of the rank.", "Nothing else."]),
    Section("End", ["Thank you."]),
]


def cited(note: Note, quote: str, page: int, name: str = "") -> Session:
    start = note.text.find(quote)
    item = Citation(1, name or note.path, "Deck", (), quote, start, start + len(quote), 1.0, page)
    sentence = Sentence(quote, (1,), True)
    return Session((Answer("?", "en", (sentence,), (item,), "none", {}),))


def test_the_slide_of_a_citation_is_shown_alone(assistant, corpus):
    (corpus / "deck.pptx").write_bytes(pptx(DECK))
    assistant.build()
    note = assistant.note("deck.pptx")
    now = cited(note, "Its cost is the limit of the rank.", 2)
    html = page_picture(assistant, "0_1_5", now, "en")
    assert "<mark class='page-mark-text'>Its cost is the limit of the rank.</mark>" in html
    assert "Cost" in html and "Nothing else." in html and "The text of slide 2" in html
    assert "LoRA" not in html and "Thank you" not in html and "<b>" not in html
    assert 'id="cited"' not in html  # the note below has it
    assert page_waits("0_1_5", now, "en") == ""


def test_a_slide_that_is_gone_or_changed_is_said_or_left_to_the_text(assistant, corpus):
    (corpus / "deck.pptx").write_bytes(pptx(DECK))
    assistant.build()
    note = assistant.note("deck.pptx")
    assert page_picture(assistant, "0_1", cited(note, "The rank", 9), "zh") == ""
    changed = page_picture(assistant, "0_1", cited(note, "Words of an older deck.", 1), "zh")
    assert "第 1 张幻灯片" in changed and "<mark" not in changed
    assert "gone.pptx" in page_picture(assistant, "0_1", cited(note, "x", 1, "gone.pptx"), "zh")
