"""The boxes of a slide are read as a person reads them, whatever their order in the file."""

import io

import pytest
from pptx import Presentation
from pptx.util import Inches

from rag.limits import DEFAULT_LIMITS
from rag.readers import read_bytes

# text: left, top, width, height in inches; in the order in which they are drawn.
SLIDES = {
    "one below the other": (
        {"third": (1, 4, 3, 1), "first": (1.2, 1, 3, 1), "second": (0.8, 2.5, 3, 1)},
        "first second third",
    ),
    "steps in a row, not quite level": (
        {"third": (6.5, 1, 2.5, 1), "first": (0.5, 1.05, 2.5, 1), "second": (3.5, 0.98, 2.5, 1)},
        "first second third",
    ),
    "a head stays with its column": (
        {"BERT": (5, 2, 4, 3), "GPT": (0.5, 2, 4, 3), "Encoder": (5, 1, 4, 0.8),
         "Decoder": (0.5, 1, 4, 0.8)},
        "Decoder GPT Encoder BERT",
    ),
    "what goes over both columns": (
        {"end": (0.5, 5.5, 9, 1), "right": (5.2, 2, 4, 3), "left": (0.5, 2, 4, 3),
         "intro": (0.5, 1, 9, 0.6)},
        "intro left right end",
    ),
    "two rows of cards": (
        {"d": (5, 4, 4, 1), "b": (5, 1, 4, 1), "c": (0.5, 4, 4, 1), "a": (0.5, 1, 4, 1)},
        "a b c d",
    ),
    "boxes that overlap": (
        {"right": (2, 1.2, 4, 2), "below": (1, 2.8, 5, 2), "left": (1, 1, 4, 2)},
        "left right below",
    ),
}  # fmt: skip


def read(deck):
    out = io.BytesIO()
    deck.save(out)
    return read_bytes("n.pptx", out.getvalue(), DEFAULT_LIMITS)


def box(shapes, text, left, top, width, height):
    made = shapes.add_textbox(Inches(left), Inches(top), Inches(width), Inches(height))
    made.text_frame.text = text


@pytest.mark.parametrize("name", SLIDES)
def test_boxes_come_in_reading_order(name):
    boxes, order = SLIDES[name]
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    for text, place in boxes.items():
        box(slide.shapes, text, *place)
    assert read(deck).text.replace("# Slide 1", "").split() == order.split()


def test_a_group_is_read_as_a_whole():
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    box(slide.shapes, "below", 1, 5, 3, 1)
    group = slide.shapes.add_group_shape()
    box(group.shapes, "second", 1, 2, 2, 0.5)
    box(group.shapes, "first", 1, 1, 2, 0.5)
    box(slide.shapes, "above", 1, 0.3, 3, 0.5)
    assert read(deck).text.split()[3:] == ["above", "first", "second", "below"]


def test_placeholders_stand_where_their_layout_says():
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[4])  # two columns with a head each
    for number, text in ((4, "BERT"), (2, "GPT"), (3, "Encoder"), (1, "Decoder")):
        slide.placeholders[number].text = text
    slide.shapes.title.text = "Compare"
    shapes = slide.shapes._spTree  # python-pptx writes them in the layout's order
    for shape in list(slide.placeholders)[::-1]:
        shapes.append(shape._element)
    assert read(deck).text.split()[2:] == ["Decoder", "GPT", "Encoder", "BERT"]


def test_words_in_place_of_a_new_chart_are_not_the_slides():
    from pptx.oxml import parse_xml

    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    box(slide.shapes, "Loss falls.", 1, 1, 3, 1)
    spaces = (
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
        'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    )
    slide.shapes._spTree.append(
        parse_xml(
            f"<mc:AlternateContent {spaces}><mc:Choice Requires='cx1'><p:graphicFrame>"
            "<p:nvGraphicFramePr><p:cNvPr id='9' name='Chart'/><p:cNvGraphicFramePr/><p:nvPr/>"
            "</p:nvGraphicFramePr></p:graphicFrame></mc:Choice><mc:Fallback><p:sp><p:nvSpPr>"
            "<p:cNvPr id='0' name=''/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/><p:txBody>"
            "<a:bodyPr/><a:p><a:r><a:t>This chart is not available.</a:t></a:r></a:p></p:txBody>"
            "</p:sp></mc:Fallback></mc:AlternateContent>"
        )
    )
    note = read(deck)
    assert "not available" not in note.text and "object" in note.gaps[0]
