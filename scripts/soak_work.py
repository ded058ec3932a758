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
            soak.server.send_signal(signal.SIGKILL if soak.going_on else signal.SIGINT)
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
                ).json()
                told = client.get(f"/gradio_api/call/ask/{asked['event_id']}").text
                if "event: complete" not in told:
                    soak.fault(f"the page's answer: {told[:300]}")
                soak.done["page"] += 1
            except httpx.TransportError:
                soak.done["page: no server"] += 1
                time.sleep(0.5)
            except (ValueError, KeyError) as error:
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
                    tool = rng.choice(("search_notes", "ask_notes"))
                    name = "query" if tool == "search_notes" else "question"
                    reply = await client.call_tool(tool, {name: rng.choice(QUESTIONS[:4])})
                    if reply.is_error:
                        soak.fault(f"mcp {tool}: {reply.content}")
                    soak.done["mcp"] += 1

    while soak.going_on:
        try:
            asyncio.run(session())
        except Exception as error:  # an ExceptionGroup of whatever befell it
            soak.fault(f"mcp: {error!r}")


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
                path = rng.choice(files)
                path.write_text(
                    path.read_text("utf-8") + f"\n第 {number} 次补充：见上文。\n", "utf-8"
                )
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
