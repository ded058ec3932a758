"""Damaged files of every format: only `CorpusError` may come out, and spans must hold.

python -m tests.benchmarks.fuzz_readers [--inputs 5000] [--seed 1]
"""

import argparse
import io
import random
import tempfile
import time
import zipfile
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from rag.errors import CorpusError
from rag.evaluation.samples import WRITERS, Section
from rag.limits import ReadLimits
from rag.notes.note import Content, Note, Skipped
from rag.readers import read_bytes
from rag.readers.corpus import contents_of

SECTIONS = (
    Section("LoRA 低秩适配", ("LoRA 冻结预训练权重,只训练两个低秩矩阵。秩 r 取 8 到 64。",) * 2),
    Section("KV cache", ("The cache keeps keys and values of the tokens so far. " * 3,)),
)
LIMITS = ReadLimits(file_bytes=2_000_000, unpacked_bytes=5_000_000, pages=50, files=50)
TELLING = [
    b"\0", b"\xff\xff\xff\xff", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"<", b">", b"/",
    b"999999999", b"-1", b"obj", b"stream", b"{", b"[" * 200, b"<div>" * 300, b"\x80", b"`" * 9,
    b"---\n", b"$$\n", b"| a |\n|---|\n", b"../../", b"\xef\xbb\xbf", b"\xff\xfe",
]  # fmt: skip
ATTRIBUTES = ["", "-1", "99999999999999999999", "x", "../../../etc/passwd", "%00", "\u202e", "1.5"]
TEXT = {".md", ".txt", ".html", ".ipynb"}


@dataclass
class Tally:
    """What became of the damaged files."""

    tried: Counter[str] = field(default_factory=Counter)
    read: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    at_boundary: Counter[str] = field(default_factory=Counter)  # by format and exception
    slowest: dict[str, float] = field(default_factory=dict)  # CPU seconds


def damage(data: bytes, rng: random.Random) -> bytes:
    """One to eight random edits."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 8))):
        at = rng.randrange(len(out) + 1) if out else 0
        length = rng.choice((1, 2, 8, 64, 512))
        match rng.randrange(6):
            case 0:
                out[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del out[at : at + length]
            case 2:
                out[at:at] = out[at : at + length] * rng.choice((1, 3, 50))
            case 3:
                out[at:at] = rng.choice(TELLING)
            case 4:
                out[at : at + length] = rng.randbytes(length)
            case 5:
                if rng.random() < 0.2:
                    del out[at:]
                else:
                    other = rng.randrange(len(out) + 1)
                    out[at : at + length] = out[other : other + length]
    return bytes(out)


def damage_inside(data: bytes, rng: random.Random) -> bytes:
    """Edits to one file of a zip container, packed again so that the parsers get to see them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        markup = [name for name in names if name.endswith(("xml", "rels", "opf", "md"))]
        hit = rng.choice(markup or names)
        for name in names:
            body = old.read(name)
            if name == hit:
                if rng.random() < 0.05:
                    continue
                body = damage_tree(body, rng) if rng.random() < 0.6 else damage(body, rng)
            new.writestr(name, body)
    return out.getvalue()


def damage_tree(data: bytes, rng: random.Random) -> bytes:
    """Edits that leave XML well-formed: elements lost, doubled or moved, odd attributes."""
    try:
        root = etree.fromstring(data)
    except etree.XMLSyntaxError:
        return damage(data, rng)
    for _ in range(rng.choice((1, 2, 4))):
        parts = [part for part in root.iter() if isinstance(part.tag, str)]
        part, other = rng.choice(parts), rng.choice(parts)
        match rng.randrange(5):
            case 0:
                if part is not root:
                    part.getparent().remove(part)
            case 1:
                other.append(deepcopy(part))
            case 2:
                if part.attrib:
                    part.set(rng.choice(list(part.attrib)), rng.choice(ATTRIBUTES))
            case 3:
                for name in list(part.attrib)[:1]:
                    del part.attrib[name]
            case 4:
                part.text = rng.choice(ATTRIBUTES)
    return etree.tostring(root)


def fuzz(inputs: int, seed: int) -> Tally:
    """Try `inputs` damaged files, the formats in turn.

    Raises:
        AssertionError: a span that does not lie in its text, a blank block, or blocks out of order.
        Exception: whatever else a reader lets out.
    """
    rng = random.Random(seed)
    samples = [(name, suffix, write(SECTIONS)) for name, (suffix, write) in WRITERS.items()]
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(inputs):
            name, suffix, data = samples[number % len(samples)]
            inside = data.startswith(b"PK") and rng.random() < 0.75
            path = Path(folder) / f"n{suffix}"
            damaged = damage_inside(data, rng) if inside else damage(data, rng)
            if suffix in TEXT and rng.random() < 0.6:  # else nearly all fail as no UTF-8
                damaged = damaged.decode("utf-8", "ignore").encode()
            path.write_bytes(damaged)
            began = time.process_time()
            entries = [read_here(item) for item in contents_of(path, path.name, LIMITS)]
            took = time.process_time() - began
            tally.tried[name] += 1
            tally.slowest[name] = max(tally.slowest.get(name, 0.0), took)
            for entry in entries:
                count(entry, name, tally)
    return tally


def read_here(item: Content | Skipped) -> Note | Skipped:
    """In this process, unlike the product, so that a crash or a foreign exception shows."""
    if isinstance(item, Skipped):
        return item
    try:
        return read_bytes(item.path, item.data, LIMITS)
    except CorpusError as error:
        return Skipped(item.path, str(error))


def count(entry: Note | Skipped, name: str, tally: Tally) -> None:
    if isinstance(entry, Skipped):
        tally.refused[name] += 1
        if "(" in entry.reason and "Error" in entry.reason:
            tally.at_boundary[f"{name}: {entry.reason.split('(')[1].split(')')[0]}"] += 1
        return
    tally.read[name] += 1
    end = 0
    for block in entry.blocks:
        assert end <= block.start < block.end <= len(entry.text), (name, block)
        assert entry.text[block.start : block.end].strip(), (name, block)
        assert all(block.start < at < block.end for at in block.breaks), (name, block)
        end = block.end


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    tally = fuzz(given.inputs, given.seed)
    print(f"{'format':10} {'tried':>6} {'read':>6} {'refused':>8} {'slowest':>9}")
    for name, tried in tally.tried.items():
        slow = tally.slowest[name]
        print(f"{name:10} {tried:6} {tally.read[name]:6} {tally.refused[name]:8} {slow:8.2f}s")
    print("stopped at the boundary:", dict(tally.at_boundary.most_common()))


if __name__ == "__main__":
    main()
