"""Word files: styles built on headings, initials, fonts of signs, the strict variant, fields."""

import io
import zipfile

import docx
from docx.oxml import parse_xml

from rag.limits import DEFAULT_LIMITS
from rag.readers import read_bytes
from rag.text.symbol_font import as_letters

SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)


def document(*parts, prepare=None):
    made = docx.Document()
    if prepare:
        prepare(made)
    for part in parts:
        for element in list(parse_xml(f"<w:x {SPACES}>{part}</w:x>")):
            made.element.body.insert(len(made.element.body) - 1, element)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def said(text, before=""):
    return f'<w:p>{before}<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def styled(name, text):
    return said(text, f'<w:pPr><w:pStyle w:val="{name}"/></w:pPr>')


def read(data):
    return read_bytes("n.docx", data, DEFAULT_LIMITS)


def test_styles_that_build_on_headings_or_state_an_outline_are_headings():
    def styles(made):
        made.styles.add_style("Chapter", 1).base_style = made.styles["Heading 1"]
        section = made.styles.add_style("Part", 1).element
        section.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {SPACES} w:val="1"/>'))
        plain = made.styles.add_style("Lead", 1)
        plain.base_style = made.styles["Heading 1"]
        plain.element.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {SPACES} w:val="9"/>'))

    note = read(document(styled("Chapter", "Lamp"), styled("Part", "Oil"),
                         styled("Lead", "It is blue."), prepare=styles))  # fmt: skip
    assert note.blocks[0].headings == ("Lamp", "Oil") and note.title == "Lamp"


def test_a_large_first_letter_belongs_to_its_word():
    initial = said("T", '<w:pPr><w:framePr w:dropCap="drop"/></w:pPr>')
    assert read(document(initial, said("he lamp is lit."))).text == "The lamp is lit."
    assert read(document(said("One."), initial)).text.endswith("T")


def test_letters_of_fonts_of_signs():
    symbol = '<w:r><w:sym w:font="Symbol" w:char="F0B3"/></w:r>'
    run = '<w:r><w:rPr><w:rFonts w:ascii="Symbol"/></w:rPr><w:t>\uf061</w:t></w:r>'
    tick = '<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>'
    assert read(document(f"<w:p>{run}{symbol}{tick}</w:p>")).text == "α≥✓"
    assert as_letters("a\uf0ff\uf0b7", "Symbol") == "a•" and as_letters("是", "") == "是"


def test_two_versions_of_a_paragraph_are_read_once():
    both = (
        f"<mc:AlternateContent><mc:Choice Requires='w'>{said('New.')}</mc:Choice>"
        f"<mc:Fallback>{said('Old.')}</mc:Fallback></mc:AlternateContent>"
    )
    assert read(document(both)).text == "New."


def test_formulas_in_fields_are_named():
    field = "<w:r><w:instrText> EQ \\f(1,2) </w:instrText></w:r>"
    assert "object" in read(document(said("Half:"), f"<w:p>{field}</w:p>")).gaps[0]


def test_the_strict_variant_is_read():
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(document(said("The lamp is lit.")))) as old,
        zipfile.ZipFile(out, "w") as new,
    ):
        for name in old.namelist():
            part = old.read(name)
            for kind in (b"wordprocessingml", b"officeDocument"):
                part = part.replace(
                    b"http://schemas.openxmlformats.org/%s/2006/" % kind,
                    b"http://purl.oclc.org/ooxml/%s/" % kind,
                )
            new.writestr(name, part)
    assert read(out.getvalue()).text == "The lamp is lit."
