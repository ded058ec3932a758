"""Mixed work with random kills; afterwards every invariant must hold.

    python scripts/soak.py MINUTES [--seed 1] [--keep FOLDER]

A server, clients of its OpenAI and Gradio interfaces, an MCP client, the command line (index, practice,
chat, exports, collections) and somebody who edits, renames and deletes notes work on one data folder.
Servers, clients and commands are killed (SIGKILL) at random. No language model, and nothing but this
machine is asked. Exit status 1 and a line for each fault; needs the extras `mcp` and `dev`.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import openai
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

sys.path.insert(0, str(Path(__file__).resolve().parent))
from soak_checks import children, faults_of, resident_mb

REPOSITORY = Path(__file__).resolve().parents[1]
RAG = [sys.executable, "-m", "rag"]
NOTES, KILLED_SHARE, SERVER_LIVES_S = 24, 0.15, (20.0, 70.0)
QUESTIONS = (
    "LoRA 是什么？",
    "What is a KV cache?",
    "RoPE 有什么好处？",
    "今天天气怎么样？",
    "它的缺点呢？",
)


class Soak:
    """One run: its folder, its clock, what was done and what went wrong."""

    def __init__(self, folder: Path, minutes: float, seed: int) -> None:
        self.folder, self.seed = folder, seed
        self.notes, self.data = folder / "notes", folder / "data"
        self.ends = time.monotonic() + 60 * minutes
        self.done: Counter[str] = Counter()
        self.faults: list[str] = []
        self.said: dict[str, list[str]] = {"attempts": [], "chats": []}  # what was confirmed
        self.memory: list[list[float]] = []  # megabytes of each server, sampled
        self.server: subprocess.Popen[bytes] | None = None
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        self.environment = {
            **os.environ, "RAG_CORPUS": str(self.notes), "RAG_DATA_DIR": str(self.data),
            "RAG_LLM": "none", "PYTHONPATH": str(REPOSITORY), "NO_PROXY": "127.0.0.1",
        }  # fmt: skip

    @property
    def going_on(self) -> bool:
        return time.monotonic() < self.ends

    def fault(self, text: str) -> None:
        self.faults.append(text)
        print("FAULT", text, flush=True)

    def prepare(self) -> None:
        """A share of our notes, indexed."""
        self.notes.mkdir()
        for path in sorted((REPOSITORY / "corpus").rglob("*.md"))[: NOTES * 12 : 12]:
            shutil.copy(path, self.notes / path.name)
        done = self.command("index")
        if done is None or done.returncode:
            raise SystemExit(f"The notes could not be indexed: {done and done.stderr}")

    def command(
        self, *arguments: str, stdin: str = "", rng: random.Random | None = None
    ) -> subprocess.CompletedProcess[str] | None:
        """`rag …` to its end; with `rng` it may be killed on the way (None)."""
        process = subprocess.Popen(
            [*RAG, *arguments], env=self.environment, cwd=self.folder, encoding="utf-8",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        patience = rng.uniform(0.5, 6) if rng and rng.random() < KILLED_SHARE else 240.0
        try:
            out, err = process.communicate(stdin, timeout=patience)
        except subprocess.TimeoutExpired:
            left = children(process.pid)
            process.kill()
            process.communicate()
            if patience > 200:
                self.fault(f"rag {arguments[0]} did not end in {patience:.0f} s")
            self.done[f"{arguments[0]} killed"] += 1
            self.orphans(left, arguments[0])
            return None
        self.done[arguments[0]] += 1
        if "Traceback" in err:
            self.fault(f"rag {' '.join(arguments)[:80]}: {err[-600:]}")
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def orphans(self, pids: list[int], of: str) -> None:
        """None of a killed process' children may live on."""
        deadline = time.monotonic() + 10
        while left := [pid for pid in pids if children(pid, alive=True)]:
            if time.monotonic() > deadline:
                self.fault(f"{len(left)} processes outlive the {of} that was killed: {left}")
                return
            time.sleep(0.2)

    # Who works

    def serve(self, rng: random.Random) -> None:
        port = self.url.rpartition(":")[2]
        with (self.folder / "server.log").open("ab") as log:
            while self.going_on:
                self.server = subprocess.Popen(
                    [*RAG, "serve", "--port", port], env=self.environment, stdout=log, stderr=log
                )
                samples: list[float] = []
                dies = time.monotonic() + rng.uniform(*SERVER_LIVES_S)
                while self.going_on and time.monotonic() < dies and self.server.poll() is None:
                    time.sleep(1)
                    samples.append(resident_mb(self.server.pid))
                self.memory.append(samples)
                if self.server.poll() is not None:
                    self.fault(f"the server ended by itself ({self.server.returncode})")
                left = children(self.server.pid)
                self.server.send_signal(signal.SIGKILL if self.going_on else signal.SIGINT)
                self.server.wait(60)
                self.done["server killed"] += 1
                self.orphans(left, "server")

    def ask_openai(self, rng: random.Random) -> None:
        client = openai.OpenAI(
            base_url=f"{self.url}/v1", api_key="none", max_retries=0, timeout=60,
            http_client=httpx.Client(trust_env=False),
        )  # fmt: skip
        while self.going_on:
            asked = [{"role": "user", "content": rng.choice(QUESTIONS)}]
            try:
                if rng.random() < 0.5:
                    stream = client.chat.completions.create(
                        model="none",
                        messages=asked,
                        stream=True,  # type: ignore[arg-type]
                    )
                    if not "".join(c.choices[0].delta.content or "" for c in stream if c.choices):
                        self.fault("an empty streamed answer")
                else:
                    reply: Any = client.chat.completions.create(model="none", messages=asked)  # type: ignore[arg-type]
                    message = reply.choices[0].message
                    if bool(message.citations) == message.abstained:
                        self.fault(f"cited and abstained, or neither: {message}")
                self.done["openai"] += 1
            except openai.APIConnectionError:
                self.done["openai: no server"] += 1
                time.sleep(0.5)
            except (openai.APIError, httpx.HTTPError) as error:
                if not isinstance(error, httpx.TransportError):
                    self.fault(f"openai: {error}")
            time.sleep(rng.uniform(0, 0.5))

    def ask_page(self, rng: random.Random) -> None:
        """A browser's part: the page, and the question's event by Gradio's protocol."""
        with httpx.Client(base_url=self.url, trust_env=False, timeout=60) as client:
            while self.going_on:
                try:
                    if client.get("/").status_code != 200:
                        self.fault("the page does not open")
                    asked = client.post(
                        "/gradio_api/call/ask", json={"data": [rng.choice(QUESTIONS), 8]}
                    ).json()
                    told = client.get(f"/gradio_api/call/ask/{asked['event_id']}").text
                    if "event: complete" not in told:
                        self.fault(f"the page's answer: {told[:300]}")
                    self.done["page"] += 1
                except httpx.TransportError:
                    self.done["page: no server"] += 1
                    time.sleep(0.5)
                except (ValueError, KeyError) as error:
                    self.fault(f"page: {type(error).__name__} {error}")
                time.sleep(rng.uniform(0.2, 1.5))

    def ask_mcp(self, rng: random.Random) -> None:
        async def session() -> None:
            server = StdioServerParameters(
                command=RAG[0], args=[*RAG[1:], "mcp"], env=self.environment
            )
            with (self.folder / "mcp.log").open("a") as log:
                async with (
                    stdio_client(server, errlog=log) as (read, write),
                    ClientSession(read, write) as client,
                ):
                    await client.initialize()
                    for _ in range(rng.randrange(1, 12)):
                        if not self.going_on:
                            return
                        tool = rng.choice(("search_notes", "ask_notes"))
                        name = "query" if tool == "search_notes" else "question"
                        reply = await client.call_tool(tool, {name: rng.choice(QUESTIONS[:4])})
                        if reply.is_error:
                            self.fault(f"mcp {tool}: {reply.content}")
                        self.done["mcp"] += 1

        while self.going_on:
            try:
                asyncio.run(session())
            except Exception as error:  # an ExceptionGroup of whatever befell it
                self.fault(f"mcp: {error!r}")

    def change_notes(self, rng: random.Random) -> None:
        number = 0
        while self.going_on:
            files = sorted(self.notes.rglob("*.md"))
            number += 1
            match rng.randrange(5):
                case 0:
                    text = (
                        f"# 新笔记 {number}\n\n第 {number} 篇笔记说，参数 p{number} 取 {number}。\n"
                    )
                    (self.notes / f"new-{number}.md").write_text(text, encoding="utf-8")
                case 1:
                    path = rng.choice(files)
                    path.write_text(
                        path.read_text("utf-8") + f"\n第 {number} 次补充：见上文。\n", "utf-8"
                    )
                case 2 if len(files) > NOTES // 2:
                    rng.choice(files).unlink()
                case 3:
                    folder = self.notes / f"folder-{rng.randrange(4)}"
                    folder.mkdir(exist_ok=True)
                    path = rng.choice(files)
                    path.rename(folder / path.name)
                case _:
                    name = rng.choice(("broken.pdf", "locked.docx", "empty.md"))
                    (self.notes / name).write_bytes(rng.randbytes(rng.randrange(0, 400)))
            done = self.command("index", rng=rng)
            if done and done.returncode and "Another `rag index`" not in done.stderr:
                self.fault(f"rag index: {done.stderr[-300:]}")
            time.sleep(rng.uniform(1, 4))

    def practise(self, rng: random.Random) -> None:
        number = 0
        while self.going_on:
            number += 1
            said = f"第{number}次讲解：它冻结权重，只训练低秩矩阵。"
            done = self.command(
                "practice", "--topic", "LoRA", "--explanation", "-", "--rating", "good", "--json",
                stdin=said, rng=rng,
            )  # fmt: skip
            if done and done.returncode == 0:
                self.said["attempts"].append(said)
            out = self.folder / "practice.json"
            done = self.command("practice", "export", str(out), rng=rng)
            if done and done.returncode == 0:
                json.loads(out.read_text("utf-8"))
            time.sleep(rng.uniform(1, 5))

    def chat(self, rng: random.Random) -> None:
        number = 0
        while self.going_on:
            number += 1
            asked = f"第{number}问：LoRA 的秩取多少？"
            done = self.command("chat", stdin=f"{asked}\n它的缺点呢？\n\n", rng=rng)
            if done and done.returncode == 0:
                self.said["chats"].append(asked)
            name = f"c{rng.randrange(2)}"
            other = self.folder / name
            other.mkdir(exist_ok=True)
            (other / "a.md").write_text(f"# 甲\n\n第 {number} 版的笔记。\n", encoding="utf-8")
            self.command("index", str(other), "--collection", name, rng=rng)
            if rng.random() < 0.4:
                self.command("collections", "remove", name, rng=rng)
            time.sleep(rng.uniform(1, 5))

    def run(self) -> None:
        """Everybody at work until the time is over."""
        workers: list[Callable[[random.Random], None]] = [
            self.serve, self.ask_openai, self.ask_page, self.ask_page, self.ask_mcp,
            self.change_notes, self.practise, self.chat,
        ]  # fmt: skip

        def working(work: Callable[[random.Random], None], number: int) -> None:
            try:
                work(random.Random(self.seed * 100 + number))
            except Exception as error:
                self.fault(f"{work.__name__} broke: {type(error).__name__} {error}")

        threads = [
            threading.Thread(target=working, args=(work, n)) for n, work in enumerate(workers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("minutes", type=float)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder that is left for a look afterwards")
    given = parser.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="soak-"))
    folder.mkdir(parents=True, exist_ok=True)
    soak = Soak(folder.resolve(), given.minutes, given.seed)
    soak.prepare()
    soak.run()
    for text in faults_of(soak):
        soak.fault(text)
    print(json.dumps(dict(sorted(soak.done.items())), ensure_ascii=False))
    for samples in soak.memory:
        print("server, MB:", [round(mb) for mb in samples[:: max(1, len(samples) // 8)]])
    print(f"{len(soak.faults)} faults")
    if given.keep is None:
        shutil.rmtree(folder)
    return 1 if soak.faults else 0


if __name__ == "__main__":
    sys.exit(main())
