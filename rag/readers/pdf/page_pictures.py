"""Pages that are pictures → runs of letters, by RapidOCR where the extra `ocr` is installed.

Its PP-OCR models (Chinese, English) come in its wheel; nothing is fetched.
"""

import logging
import statistics
from functools import cache
from importlib.util import find_spec
from typing import Any

from rag.processors import usable_cores
from rag.readers.pdf.pdf_glyphs import Run

HOW = 'install the extra ocr (pip install -c constraints.txt -e ".[ocr]") and index again, or '
_PIXELS = 2000  # of the longer side; more finds no more in print
_MOST_SCALE = 4.0  # pixels a point
_LETTER = 0.78  # of a box's height: the letter size that a text layer would state
_BASELINE = 0.2  # of a box's height, from below
_HEADING = 1.35  # times the usual size; boxes of one size differ by less
_LEAST_SURE = 0.7  # mean certainty of a page's lines, below which they are no text


def is_installed() -> bool:
    """The extra `ocr` is there."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def recognised(page: Any) -> tuple[tuple[Run, ...], float]:
    """What is written on a page (a `PdfPage`), and its height in points; () where that is nothing
    or too uncertain.
    """
    width, height = page.get_size()
    scale = min(_MOST_SCALE, _PIXELS / max(width, height, 1.0))
    found = _engine()(page.render(scale=scale).to_numpy())
    if found.boxes is None or not found.txts or statistics.fmean(found.scores) < _LEAST_SURE:
        return (), height
    boxes = []
    for box, text in zip(found.boxes, found.txts, strict=True):
        across, down = [float(x) / scale for x, _ in box], [float(y) / scale for _, y in box]
        if text.strip():
            boxes.append((text.strip(), min(across), max(across), min(down), max(down)))
    if not boxes:
        return (), height
    usual = statistics.median(bottom - top for *_, top, bottom in boxes)
    runs = []
    for text, left, right, top, bottom in boxes:
        high = bottom - top
        size = high if high > _HEADING * usual and right - left > high else usual
        runs.append(Run(text, round(_LETTER * size), left, right, bottom - _BASELINE * high))
    return tuple(runs), height


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": usable_cores(),
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
