"""Thirty pages of our own making in the layouts that readers get wrong, and what they say.

`python -m tests.benchmarks.pdf_pages` prints, for each layout, the share of the right characters
(blanks aside) that come out and in order.
"""

import difflib
import io
import random
import re
from collections.abc import Callable

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

WORDS = (
    "attention cache model token layer weight gradient batch learning memory head query key value "
    "training step loss rate draft target queue reward sample prompt context window score latency"
)
EN = WORDS.split()
ZH = (
    "注意力缓存模型词元层权重梯度批次学习显存头查询键值训练步"
    "损失率草稿目标队列奖励样本提示上下文窗口分数延迟"
)
FONT = "STSong-Light"
Page = Callable[[Canvas, random.Random, int], str]


def english(rng: random.Random, lines: int, width: int) -> list[str]:
    made = []
    for _ in range(lines):
        line = ""
        while len(line) < width - 7:
            line += rng.choice(EN) + " "
        made.append(line.strip())
    return made


def chinese(rng: random.Random, lines: int, width: int) -> list[str]:
    return ["".join(rng.choice(ZH) for _ in range(width)) for _ in range(lines)]


def write(
    c: Canvas,
    x: float,
    y: float,
    lines: list[str],
    font: str = "Helvetica",
    size: float = 10,
    step: float = 13,
) -> None:
    c.setFont(font, size)
    for n, line in enumerate(lines):
        c.drawString(x, y - n * step, line)


def one_column(c: Canvas, rng: random.Random, n: int) -> str:
    lines = english(rng, 30, 85)
    write(c, 72, 760, lines)
    return " ".join(lines)


def _columns(c: Canvas, columns: list[list[str]], xs: list[int], y: float, font: str) -> None:
    c.setFont(font, 9)
    for row in range(max(map(len, columns))):  # as browsers print: row by row
        for x, column in zip(xs, columns, strict=True):
            if row < len(column):
                c.drawString(x, y - 12 * row, column[row])


def two_columns(c: Canvas, rng: random.Random, n: int) -> str:
    c.setFont("Helvetica-Bold", 16)
    c.drawString(150, 780, f"A title across {n}")
    columns = [english(rng, 28, 45), english(rng, 25, 45)]
    _columns(c, columns, [60, 310], 740, "Helvetica")
    foot = english(rng, 2, 100)
    write(c, 60, 300, foot)
    return " ".join([f"A title across {n}", *columns[0], *columns[1], *foot])


def chinese_columns(c: Canvas, rng: random.Random, n: int) -> str:
    columns = [chinese(rng, 30, 24), chinese(rng, 30, 24)]
    _columns(c, columns, [60, 310], 760, FONT)
    return "".join(columns[0] + columns[1])


def three_columns(c: Canvas, rng: random.Random, n: int) -> str:
    columns = [english(rng, 24, 30), english(rng, 24, 30), english(rng, 20, 30)]
    _columns(c, columns, [40, 220, 400], 760, "Helvetica")
    return " ".join(line for column in columns for line in column)


def turned(c: Canvas, rng: random.Random, n: int) -> str:
    lines = english(rng, 20, 85)
    if n == 0:
        c.setPageRotation(90)
        c.rotate(90)
        c.translate(0, -595)
    else:
        c.rotate(90 if n == 1 else -90)
        c.translate(*((0, -595) if n == 1 else (-842, 0)))
    write(c, 72, 500, lines)
    return " ".join(lines)


def hyphens(c: Canvas, rng: random.Random, n: int) -> str:
    lines = ["The network uses self-", "attention, and state-of-the-", "art quanti-"]
    lines += ["zation; long-", "term memory is a fine-tuning target. We do fine-"]
    write(c, 72, 700, [*lines, "tuning of the gradi-", "ents in transform-", "ers."])
    return (
        "The network uses self-attention, and state-of-the-art quantization; long-term memory "
        "is a fine-tuning target. We do fine-tuning of the gradients in transformers."
    )


def powers(c: Canvas, rng: random.Random, n: int) -> str:
    c.setFont("Helvetica", 11)
    text = c.beginText(72, 700)
    raised = [("The cost is O(n", 0), ("2", 4), (" d) at 10", 0), ("-5", 4), (" and x", 0)]
    for part, rise in [*raised, ("ij", -3), (" is small.", 0)]:
        text.setFont("Helvetica", 7 if rise else 11)
        text.setRise(rise)
        text.textOut(part)
    c.drawText(text)
    c.setFont("Helvetica", 11)
    c.drawString(100, 650, "m + 1")
    c.drawString(101, 635, "n + k")
    c.line(98, 646, 132, 646)
    return "The cost is O(n^2 d) at 10^-5 and x_ij is small. (m + 1)/(n + k)"


def table(c: Canvas, rng: random.Random, n: int) -> str:
    rows = [["model", "layers", "width"]]
    rows += [[f"m{k} {rng.choice(EN)}", str(rng.randint(1, 99)), str(rng.randint(100, 9999))]
             for k in range(12)]  # fmt: skip
    c.setFont("Helvetica", 10)
    for at, row in enumerate(rows):
        for x, cell in zip((72, 220, 330), row, strict=True):
            c.drawString(x, 700 - 14 * at, cell)
    return " ".join(cell for row in rows for cell in row)


def spaced_chinese(c: Canvas, rng: random.Random, n: int) -> str:
    lines = chinese(rng, 12, 20)
    write(c, 72, 700, [" ".join(line) for line in lines] if n else lines, FONT, 12, 18)
    return "".join(lines)


def sidebar(c: Canvas, rng: random.Random, n: int) -> str:
    body, side = english(rng, 30, 60), english(rng, 8, 24)
    write(c, 60, 740, body)
    write(c, 420, 700, side, size=8, step=11)
    return " ".join(body + side)


LAYOUTS: dict[str, Page] = {
    page.__name__: page
    for page in (one_column, two_columns, chinese_columns, three_columns, turned, hyphens, powers,
                 table, spaced_chinese, sidebar)
}  # fmt: skip


def pages() -> list[tuple[str, bytes, str]]:
    """(layout, PDF of one page, right text), three of each layout."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    made = []
    for name, draw in LAYOUTS.items():
        for n in range(3):
            out = io.BytesIO()
            canvas = Canvas(out, pagesize=(595, 842))
            right = draw(canvas, random.Random(n), n)
            canvas.showPage()
            canvas.save()
            made.append((name, out.getvalue(), right))
    return made


def in_order(right: str, got: str) -> float:
    """The share of the right characters that came out in order, less what came out besides."""
    clean = [re.sub(r"[\s|#]|-{3,}", "", text) for text in (right, got)]
    matcher = difflib.SequenceMatcher(None, *clean, autojunk=False)
    return 2 * sum(block.size for block in matcher.get_matching_blocks()) / sum(map(len, clean))


def main() -> None:
    from rag.limits import DEFAULT_LIMITS
    from rag.readers import read_bytes

    shares: dict[str, list[float]] = {}
    for name, data, right in pages():
        try:
            got = read_bytes("n.pdf", data, DEFAULT_LIMITS).text
        except Exception as error:
            got = str(type(error))
        shares.setdefault(name, []).append(in_order(right, got))
    for name, found in shares.items():
        print(f"{name:16} {sum(found) / len(found):.3f}")
    print(f"{'all':16} {sum(map(sum, shares.values())) / sum(map(len, shares.values())):.3f}")


if __name__ == "__main__":
    main()
