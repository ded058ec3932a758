"""Of files damaged at random what is missing is said, or the file is refused with a reason."""

import random

import pytest

from rag.evaluation.samples import WRITERS
from tests.readers.test_nothing_silent import SECTIONS, lost

FORMATS = {name: pair for name, pair in WRITERS.items()
           if pair[0] in {".docx", ".pptx", ".epub", ".pdf", ".ipynb"}}  # fmt: skip


def hurt(data, rng):
    """As disks and broken downloads do: cut, a block of zeros or of another file, a bit."""
    out = bytearray(data)
    at, length = rng.randrange(len(out)), rng.choice((16, 64, 256))
    match rng.randrange(4):
        case 0:
            del out[at:]
        case 1:
            out[at : at + length] = bytes(len(out[at : at + length]))
        case 2:
            out[at : at + length] = rng.randbytes(len(out[at : at + length]))
        case 3:
            out[at] ^= 1 << rng.randrange(8)
    return bytes(out)


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_is_lost_silently(name):
    suffix, write = FORMATS[name]
    data, rng = write(SECTIONS), random.Random(19)
    silent = sum(bool(lost(suffix, hurt(data, rng))) for _ in range(12))
    assert silent == 0
