"""Who works in `soak.py`: server, clients, command line, and somebody who edits notes."""

import asyncio
import json
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import httpx
import openai
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from soak_checks import children, resident_mb

if TYPE_CHECKING:
    from soak import Soak

RAG = [sys.executable, "-m", "rag"]
NOTES, SERVER_LIVES_S, START_S = 24, (20.0, 70.0), 180.0
QUESTIONS = (
    "LoRA 是什么？",
    "What is a KV cache?",
    "RoPE 有什么好处？",
    "今天天气怎么样？",
    "它的缺点呢？",
)


def serve(soak: "Soak", rng: random.Random) -> None:
    port = soak.url.rpartition(":")[2]
    with (soak.folder / "server.log").open("ab") as log:
        while soak.going_on:
            soak.server = subprocess.Popen(
                [*RAG, "serve", "--port", port], env=soak.environment, stdout=log, stderr=log
            )
            samples: list[float] = []
            _wait_for(soak)
            dies = time.monotonic() + rng.uniform(*SERVER_LIVES_S)
            while soak.going_on and time.monotonic() < dies and soak.server.poll() is None:
                time.sleep(1)
                samples.append(resident_mb(soak.server.pid))
            soak.memory.append(samples)
            if soak.server.poll() is not None:
                soak.fault(f"the server ended by itself ({soak.server.returncode})")
            left = children(soak.server.pid)
            soak.server.send_signal(signal.SIGKILL if soak.going_on else signal.SIGTERM)
            soak.server.wait(60)
            soak.done["server killed"] += 1
            soak.orphans(left, "server")


def ask_openai(soak: "Soak", rng: random.Random) -> None:
    client = openai.OpenAI(
        base_url=f"{soak.url}/v1", api_key="none", max_retries=0, timeout=60,
        http_client=httpx.Client(trust_env=False),
    )  # fmt: skip
    while soak.going_on:
        asked = [{"role": "user", "content": rng.choice(QUESTIONS)}]
        try:
            if rng.random() < 0.5:
                stream = client.chat.completions.create(
                    model="none",
                    messages=asked,
                    stream=True,  # type: ignore[arg-type]
                )
                if not "".join(c.choices[0].delta.content or "" for c in stream if c.choices):
                    soak.fault("an empty streamed answer")
            else:
                reply: Any = client.chat.completions.create(model="none", messages=asked)  # type: ignore[arg-type]
                message = reply.choices[0].message
                if bool(message.citations) == message.abstained:
                    soak.fault(f"cited and abstained, or neither: {message}")
            soak.done["openai"] += 1
        except openai.APIConnectionError:
            soak.done["openai: no server"] += 1
            time.sleep(0.5)
        except (openai.APIError, httpx.HTTPError) as error:
            if not isinstance(error, httpx.TransportError):
                soak.fault(f"openai: {error}")
        time.sleep(rng.uniform(0, 0.5))


def ask_page(soak: "Soak", rng: random.Random) -> None:
    """A browser's part: the page, and the question's event by Gradio's protocol."""
    with httpx.Client(base_url=soak.url, trust_env=False, timeout=60) as client:
        while soak.going_on:
            try:
                if client.get("/").status_code != 200:
                    soak.fault("the page does not open")
                asked = client.post(
                    "/gradio_api/call/ask", json={"data": [rng.choice(QUESTIONS), 8]}
                )
                if asked.status_code == 503:  # Gradio's queue starts after its server
                    soak.done["page: starting"] += 1
                    time.sleep(0.5)
                    continue
                if "event_id" not in asked.json():
                    soak.fault(f"page: {asked.status_code} {asked.text[:300]}")
                    continue
                event = asked.json()["event_id"]
                told = client.get(f"/gradio_api/call/ask/{event}").text
                if "event: complete" not in told:
                    soak.fault(f"the page's answer: {told[:300]}")
                soak.done["page"] += 1
            except httpx.TransportError:
                soak.done["page: no server"] += 1
                time.sleep(0.5)
            except ValueError as error:
                soak.fault(f"page: {type(error).__name__} {error}")
            time.sleep(rng.uniform(0.2, 1.5))


def ask_mcp(soak: "Soak", rng: random.Random) -> None:
    async def session() -> None:
        server = StdioServerParameters(command=RAG[0], args=[*RAG[1:], "mcp"], env=soak.environment)
        with (soak.folder / "mcp.log").open("a") as log:
            async with (
                stdio_client(server, errlog=log) as (read, write),
                ClientSession(read, write) as client,
            ):
                await client.initialize()
                for _ in range(rng.randrange(1, 12)):
                    if not soak.going_on:
                        return
                    tool, given = rng.choice(_calls(rng))
                    reply = await client.call_tool(tool, given)
                    if reply.is_error:
                        soak.fault(f"mcp {tool}: {reply.content}")
                    soak.done["mcp"] += 1
                    soak.done["mcp: graded"] += tool == "grade_explanation"

    while soak.going_on:
        try:
            asyncio.run(session())
        except Exception as error:  # an ExceptionGroup of whatever befell it
            soak.fault(f"mcp: {error!r}")


def _calls(rng: random.Random) -> list[tuple[str, dict[str, Any]]]:
    asked = rng.choice(QUESTIONS[:4])
    who = {"profile": "mcp"}
    return [
        ("search_notes", {"query": asked}),
        ("ask_notes", {"question": asked}),
        ("list_due_topics", who),
        ("practice_question", who),
        (
            "grade_explanation",
            {"topic": "LoRA", "explanation": "它只训练低秩矩阵。", "rating": "good", **who},
        ),
    ]


# The Notes page's own handlers, in a process that may be killed while it stores or indexes.
_PAGE = """
import sys
from rag.assistant import Assistant
from rag.errors import UsageError
from rag.settings import load_settings
from ui import notes_actions as page
assistant, name, todo, *files = Assistant(load_settings()), "uploads", *sys.argv[1:]
try:
    page.create_collection(assistant, name, "")
except UsageError:
    pass  # it is there
if todo == "add":
    page.add_files(assistant, name, files, "en", "", lambda *_: None)
else:
    page.delete_note(assistant, name, files[0], "en", "")
"""


def use_notes_page(soak: "Soak", rng: random.Random) -> None:
    """Uploads and deletions as the Notes page makes them; some are killed on the way."""
    number = 0
    sent = soak.folder / "sent"
    sent.mkdir()
    while soak.going_on:
        number += 1
        file = sent / f"up-{number}.md"
        file.write_text(f"# 上传 {number}\n\n第 {number} 份上传的笔记。\n" * 200, encoding="utf-8")
        _page(soak, rng, "add", str(file))
        stored = sorted((soak.data / "uploads").glob("uploads-*/*.md"))
        if stored and rng.random() < 0.5:
            _page(soak, rng, "delete", rng.choice(stored).name)
        time.sleep(rng.uniform(1, 4))


def _page(soak: "Soak", rng: random.Random, todo: str, file: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _PAGE, todo, file], env=soak.environment, cwd=soak.folder,
        stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    killed = rng.random() < 0.3
    try:
        _, err = process.communicate(timeout=rng.uniform(0.5, 8) if killed else 240)
        soak.done[f"page {todo}"] += 1
        expected = ("no uploaded file", "Another `rag index`", "no note")
        if process.returncode and not any(words in err for words in expected):
            soak.fault(f"page {todo}: {err[-600:]}")
    except subprocess.TimeoutExpired:
        left = children(process.pid)
        process.kill()
        process.communicate()
        soak.done[f"page {todo} killed"] += 1
        if not killed:
            soak.fault(f"page {todo} did not end")
        soak.orphans(left, f"page {todo}")


def browse(soak: "Soak", rng: random.Random) -> None:
    """A real browser that asks, and reloads the page where its server was killed."""
    import shutil

    from playwright.sync_api import Error, sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: _page_error(soak, str(error)))
        while soak.going_on:
            try:
                page.goto(soak.url)
                page.get_by_role("tab").nth(1).click()
                for turn in range(rng.randrange(1, 4)):
                    page.fill("#question textarea", "LoRA 是什么？")
                    page.keyboard.press("Enter")
                    page.wait_for_selector(f"#chat [class*='cite-{turn}_']")
                    soak.done["browser: answered"] += 1
            except Error:  # the server is away, or the tests' machine is slow
                soak.done["browser: again"] += 1
                time.sleep(1)
        browser.close()


def _page_error(soak: "Soak", error: str) -> None:
    """A page whose server is killed while it loads cannot load the rest: it is opened again."""
    if any(failed in error for failed in ("Failed to fetch", "Unable to preload")):
        soak.done["browser: cut off"] += 1
    else:
        soak.fault(f"browser: {error}")


def change_notes(soak: "Soak", rng: random.Random) -> None:
    number = 0
    while soak.going_on:
        files = sorted(soak.notes.rglob("*.md"))
        number += 1
        match rng.randrange(5):
            case 0:
                text = f"# 新笔记 {number}\n\n第 {number} 篇笔记说，参数 p{number} 取 {number}。\n"
                (soak.notes / f"new-{number}.md").write_text(text, encoding="utf-8")
            case 1:
                with rng.choice(files).open("ab") as note:  # which may be one of random bytes
                    note.write(f"\n第 {number} 次补充：见上文。\n".encode())
            case 2 if len(files) > NOTES // 2:
                rng.choice(files).unlink()
            case 3:
                folder = soak.notes / f"folder-{rng.randrange(4)}"
                folder.mkdir(exist_ok=True)
                path = rng.choice(files)
                path.rename(folder / path.name)
            case _:
                name = rng.choice(("broken.pdf", "locked.docx", "empty.md"))
                (soak.notes / name).write_bytes(rng.randbytes(rng.randrange(0, 400)))
        done = soak.command("index", rng=rng)
        if done and done.returncode and "Another `rag index`" not in done.stderr:
            soak.fault(f"rag index: {done.stderr[-300:]}")
        time.sleep(rng.uniform(1, 4))


def practise(soak: "Soak", rng: random.Random) -> None:
    number = 0
    while soak.going_on:
        number += 1
        said = f"第{number}次讲解：它冻结权重，只训练低秩矩阵。"
        done = soak.command(
            "practice", "--topic", "LoRA", "--explanation", "-", "--rating", "good", "--json",
            stdin=said, rng=rng,
        )  # fmt: skip
        if done and done.returncode == 0:
            soak.said["attempts"].append(said)
        out = soak.folder / "practice.json"
        done = soak.command("practice", "export", str(out), rng=rng)
        if done and done.returncode == 0:
            json.loads(out.read_text("utf-8"))
        time.sleep(rng.uniform(1, 5))


def chat(soak: "Soak", rng: random.Random) -> None:
    number = 0
    while soak.going_on:
        number += 1
        asked = f"第{number}问：LoRA 的秩取多少？"
        done = soak.command("chat", stdin=f"{asked}\n它的缺点呢？\n\n", rng=rng)
        if done and done.returncode == 0:
            soak.said["chats"].append(asked)
        name = f"c{rng.randrange(2)}"
        other = soak.folder / name
        other.mkdir(exist_ok=True)
        (other / "a.md").write_text(f"# 甲\n\n第 {number} 版的笔记。\n", encoding="utf-8")
        soak.command("index", str(other), "--collection", name, rng=rng)
        if rng.random() < 0.4:
            soak.command("collections", "remove", name, rng=rng)
        time.sleep(rng.uniform(1, 5))


def _wait_for(soak: "Soak") -> None:
    """Until the server answers: it lives from then on."""
    deadline = time.monotonic() + START_S
    while soak.going_on and time.monotonic() < deadline:
        try:
            httpx.get(soak.url, trust_env=False, timeout=5)
            return
        except httpx.TransportError:
            time.sleep(0.5)
    if soak.going_on:
        soak.fault(f"the server did not answer within {START_S:.0f} s")
