"""The pictures of the README, taken from the page itself: `python -m tests.ui.pictures [DATA_DIR]`.

Over the shipped notes, without a language model; a learner's past is made up, so that the map has
something to show. With DATA_DIR its index is used, and the past is written there.
"""

import io
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image

from rag.assistant import Assistant
from rag.practice.history import Attempt
from rag.settings import load_settings
from rag.text.language import Language
from tests.chromium import launched
from tests.live import start_server
from tests.places import REPOSITORY

PICTURES = REPOSITORY / "docs" / "pictures"
LARGEST = 250_000  # bytes of a picture
ASKED: dict[Language, str] = {
    "zh": "LoRA 和 Prefix Tuning 有什么区别？",
    "en": "How does LoRA differ from prefix tuning?",
}
SAID: dict[Language, str] = {
    "zh": "RoPE 把 Q 和 K 的维度两两成对，按位置 m 旋转角度 mθ，旋转之后内积只依赖相对位置 m−n。"
    "它没有可训练参数。",
    "en": "RoPE pairs up the dimensions of Q and K and turns each pair by an angle m times theta, "
    "so their inner product depends on the distance m minus n only. It has no trained parameters.",
}
LOCALES: dict[Language, str] = {"zh": "zh-CN", "en": "en-US"}


def learned(assistant: Assistant) -> None:
    """A few weeks of practice: most of it went well, some is due, some was weak."""
    coach, now = assistant.coach("none"), datetime.now(UTC)
    topics = [topic for topic in coach.topics if topic.folder[:2] in {"01", "02", "04"}]
    for place, topic in enumerate(topics[::2]):
        score = (92, 85, 40, 78, 88)[place % 5]
        when = now - timedelta(days=1 if place % 4 else 30)
        number = coach.history.save_attempt(
            Attempt(0, "me", topic.key, topic.title, "", "", {}, score, None, 0, when.isoformat())
        )
        coach.rate("me", number, topic.key, "good" if score > 60 else "hard", when)


def taken(address: str, language: Language) -> dict[str, bytes]:
    """The pictures as PNG, by their names."""
    twin = ".en" if language == "en" else ""
    with launched() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 800}, locale=LOCALES[language])
        page.set_default_timeout(120_000)
        page.goto(f"{address}/?tab=ask")
        page.fill("#question textarea", ASKED[language])
        page.keyboard.press("Enter")
        page.wait_for_selector("#chat .cite-0_1")
        page.click("#chat .cite-0_1")
        page.wait_for_selector("#note mark")
        page.evaluate("document.activeElement.blur()")
        page.wait_for_timeout(800)
        found = {f"ask{twin}": page.screenshot()}
        page.goto(f"{address}/?tab=read&note=02-transformer/rope{twin}.md")
        page.click("#read-head [data-go=practise]")
        page.wait_for_selector("#practice-question h3")
        page.fill("#explanation textarea", SAID[language])
        page.click("#grade")
        page.click("#tick")
        page.wait_for_selector("#result .score.given")
        page.evaluate("document.activeElement.blur()")
        page.wait_for_timeout(800)
        found[f"practise{twin}"] = page.screenshot()
        page.goto(address)
        page.wait_for_selector(".folder")
        page.click(".folder >> nth=1")
        page.evaluate(
            "scrollBy(0, document.querySelector('.map').getBoundingClientRect().top - 70)"
        )
        page.evaluate("document.activeElement.blur()")
        page.wait_for_timeout(800)
        found[f"map{twin}"] = page.screenshot()
    return found


def small(png: bytes) -> bytes:
    """The same picture in 128 colours."""
    image = Image.open(io.BytesIO(png)).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def main(folder: Path) -> None:
    """Take the pictures and put them where the README looks."""
    assistant = Assistant(load_settings(data_dir=folder, llm="none"))
    if not assistant.has_index():
        assistant.build()
    learned(assistant)
    PICTURES.mkdir(parents=True, exist_ok=True)
    address = start_server(assistant)
    for language in LOCALES:
        for name, png in taken(address, language).items():
            data = small(png)
            assert len(data) <= LARGEST, name
            (PICTURES / f"{name}.png").write_bytes(data)
            print(f"{name}.png: {len(data)} bytes")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as made:
            main(Path(made))
