"""A first-time user's way as a film strip: `python -m tests.ui.film [OUT.png] [DATA_DIR]`.

Open, ask, open a source, practise, see the result, have it come back: over the shipped notes,
without a language model, each frame with the clicks and the seconds until then.
"""

import io
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from rag.assistant import Assistant
from rag.settings import load_settings
from tests.chromium import launched
from tests.live import start_server
from tests.readers.scans import font
from tests.ui.pictures import LOCALES, small
from ui.home.home_tab import PROFILE
from ui.home.standing import standing

SIZE = {"width": 1024, "height": 720}
FRAME = (512, 360)
CAPTION = 34  # pixels below a frame
COLUMNS = 3
MOST_CLICKS = 12
SAID = (
    "前缀微调在每层注意力的 Key 和 Value 前面拼接可训练的前缀向量，模型权重冻结；"
    "训练时用小 MLP 重参数化前缀，让优化稳定，训练完丢掉 MLP，只存前缀。"
)


@dataclass
class Film:
    """The frames so far."""

    page: Any
    began: float = field(default_factory=time.monotonic)
    clicks: int = 0
    frames: list[tuple[str, Image.Image]] = field(default_factory=list)

    def step(self, name: str, act: Callable[[], None], shown: str) -> None:
        """Do something, wait until it shows, take a picture."""
        act()
        self.page.wait_for_selector(shown)
        seconds = time.monotonic() - self.began
        self.page.wait_for_timeout(700)  # what scrolls comes to rest; no time of the user's
        self.began += 0.7
        taken = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        caption = f"{len(self.frames) + 1}  {name} · {self.clicks} clicks · {seconds:.1f} s"
        self.frames.append((caption, taken.resize(FRAME, Image.Resampling.LANCZOS)))

    def click(self, place: str) -> None:
        self.clicks += 1
        self.page.click(place)

    def strip(self) -> bytes:
        """All frames in one picture."""
        width, height = FRAME[0] + 8, FRAME[1] + CAPTION
        rows = -(-len(self.frames) // COLUMNS)
        made = Image.new("RGB", (COLUMNS * width, rows * height), "white")
        draw = ImageDraw.Draw(made)
        for number, (caption, frame) in enumerate(self.frames):
            left, top = number % COLUMNS * width, number // COLUMNS * height
            made.paste(frame, (left, top))
            draw.text((left + 6, top + FRAME[1] + 5), caption, font=font(18), fill="black")
        out = io.BytesIO()
        made.save(out, "PNG")
        return small(out.getvalue())


def filmed(address: str) -> Film:
    """The whole way, in Chinese."""
    with launched() as browser:
        page = browser.new_page(viewport=SIZE, locale=LOCALES["zh"])
        page.set_default_timeout(120_000)
        film = Film(page)

        def explained() -> None:
            page.fill("#explanation textarea", SAID)
            film.click("#grade")

        def ticked() -> None:
            for row in page.query_selector_all("#result .ticks"):
                if not row.query_selector("input:checked"):  # what the rules have not found
                    film.clicks += 1
                    row.query_selector("input[value=partly]").check()
            film.click("#tick")

        def rated() -> None:
            film.click("#rating label >> nth=1")  # it was hard: it comes back tomorrow
            film.click("#rate")

        film.step("打开", lambda: page.goto(address), ".first-steps .step")
        film.step("提问", lambda: film.click(".step >> nth=0"), "#chat .cite-0_1")
        film.step("看出处", lambda: film.click("#chat .cite-0_1"), "#note mark")
        film.step("练习", lambda: film.click(".latest .practise-this"), "#practice-question h3")
        film.step("讲一遍", explained, "#result .point")
        film.step("结果", ticked, "#result .score.given")
        film.step("安排复习", rated, "#scheduled p")
        film.step(
            "回到首页", lambda: film.click("[data-tab-id=home]"), ".today:has-text('下次复习')"
        )
    return film


def main(out: Path, folder: Path) -> None:
    """Film it, and put it where it was asked for."""
    assistant = Assistant(load_settings(data_dir=folder, llm="none"))
    if not assistant.has_index():
        assistant.build()
    address = start_server(assistant)
    assistant.warm()  # the way of somebody whose program runs, not of its start
    standing(assistant, "", PROFILE)
    film = filmed(address)
    out.write_bytes(film.strip())
    for caption, _ in film.frames:
        print(caption)
    assert film.clicks <= MOST_CLICKS, film.clicks


if __name__ == "__main__":
    where = Path(sys.argv[1] if len(sys.argv) > 1 else "film.png")
    with tempfile.TemporaryDirectory() as made:
        if len(sys.argv) > 2:  # its index alone: who begins has no past
            shutil.copytree(Path(sys.argv[2]) / "index", Path(made) / "index")
        main(where, Path(made))
