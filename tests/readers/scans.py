"""Scans: lines of text drawn as a picture, a page each."""

import io
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

A4 = (595, 842)


@cache
def font(size=34):
    """One with Chinese letters if the machine has any."""
    found = sorted(Path("/usr/share/fonts").rglob("*CJK-Regular*"))
    return ImageFont.truetype(str(found[0]), size) if found else ImageFont.load_default(size)


def picture(lines, left=120):
    made = Image.new("RGB", (1240, 1754), "white")
    draw = ImageDraw.Draw(made)
    for number, line in enumerate(lines):
        draw.text((left, 140 + 60 * number), line, font=font(), fill="black")
    return made


def pdf(*pages):
    """Pages: a string is text that can be selected, a list of lines or a picture is a scan."""
    out = io.BytesIO()
    made = canvas.Canvas(out, pagesize=A4)
    for page in pages:
        if isinstance(page, str):
            made.drawString(72, 700, page)
        else:
            drawn = picture(page) if isinstance(page, list) else page
            made.drawImage(ImageReader(drawn), 0, 0, *A4)
        made.showPage()
    made.save()
    return out.getvalue()
