"""`rag mcp` as an MCP client sees it: a process that speaks over stdio."""

import json
import os
import subprocess
import sys

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.session import ClientSession
from mcp.client.stdio import stdio_client

from rag.answer.answer import AnswerJson
from rag.mcp_server import create_server
from tests.live import small_assistant, write_corpus

RAG = ["-c", "from rag.cli.main import main; main()"]


@pytest.fixture(scope="module")
def small(tmp_path_factory, embedder):
    return small_assistant(tmp_path_factory.mktemp("mcp"), embedder)


@pytest.fixture
def environment(tmp_path):
    return {
        **os.environ, "RAG_DATA_DIR": str(tmp_path / "data"), "RAG_LLM": "none",
        "RAG_CORPUS": str(tmp_path / "notes"), "OMP_NUM_THREADS": "1",
    }  # fmt: skip


async def test_a_session_over_stdio(tmp_path, environment):
    notes = write_corpus(tmp_path)  # not indexed yet: the first call does it
    server = StdioServerParameters(command=sys.executable, args=[*RAG, "mcp"], env=environment)
    with (tmp_path / "err").open("w") as err:
        async with stdio_client(server, errlog=err) as streams, ClientSession(*streams) as session:
            await session.initialize()
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            assert set(tools) == {
                "search_notes", "ask_notes", "list_due_topics", "practice_question",
                "grade_explanation", "read_note",
            }  # fmt: skip
            told = tools["ask_notes"].output_schema
            assert set(told["properties"]) == set(AnswerJson.model_fields)
            assert "table_header" in told["$defs"]["Citation"]["properties"]
            called = await session.call_tool("ask_notes", {"question": "LoRA 的缺点是什么?"})
            assert not called.is_error, (tmp_path / "err").read_text()
            answer = called.structured_content
            first = answer["citations"][0]
            text = (notes / first["note"]).read_text("utf-8")
            assert text[first["start"] : first["end"]] == first["quote"]
            found = await session.call_tool("search_notes", {"query": "PPO 四个模型", "k": 2})
            hits = found.structured_content["result"]
            assert hits[0]["note"] == "ppo.md" and len(hits) == 2
    lines = [line for line in (tmp_path / "err").read_text("utf-8").splitlines() if line[:1] == "{"]
    asked = [json.loads(line) for line in lines]
    assert [event["citations"] for event in asked if event["event"] == "question"] == [
        len(answer["citations"])
    ]


async def test_abstention_and_wrong_arguments(small):
    async with Client(create_server(small)) as client:
        told = (
            await client.call_tool("ask_notes", {"question": "今天北京天气怎么样?"})
        ).structured_content
        assert told["abstained"] and told["citations"] == [] and told["nearest"]
        for tool, arguments in (
            ("ask_notes", {"question": "??"}),
            ("ask_notes", {"question": "x" * 20_000}),
            ("search_notes", {"query": "LoRA", "k": 0}),
            ("search_notes", {}),
        ):
            wrong = await client.call_tool(tool, arguments)
            assert wrong.is_error
            assert "Traceback" not in wrong.content[0].text


async def test_practice_and_notes_as_tools(small):
    async with Client(create_server(small)) as client:

        async def call(tool, **arguments):
            done = await client.call_tool(tool, arguments)
            assert not done.is_error, done.content[0].text
            return done.structured_content

        assert (await call("list_due_topics"))["result"] == []
        asked = await call("practice_question", topic="LoRA 低秩适配")
        assert asked["topic"] == "lora.md" and asked["points"] > 0 and "LoRA" in asked["question"]
        graded = await call(
            "grade_explanation", topic="lora.md", rating="again",
            explanation="LoRA 冻结预训练权重,只训练两个低秩矩阵 A 和 B。",
        )  # fmt: skip
        assert graded["rating"] == "again" and graded["due"]
        assert graded["self_assessed"] and graded["score"] is None  # no model has judged it
        said = "LoRA 冻结预训练权重,只训练两个低秩矩阵 A 和 B。"
        ticked = await call("grade_explanation", topic="lora.md", explanation=said, said=[1])
        assert 0 < ticked["score"] <= 100 and ticked["points"][0]["status"] == "covered"
        open_ = await call("grade_explanation", topic="lora.md", explanation=said)
        assert open_["rating"] is None and open_["due"] is None
        source = graded["points"][0]["source"]
        note = await call("read_note", note=source["note"])
        assert note["text"][source["start"] : source["end"]] == source["quote"]
        part = await call("read_note", note="lora.md", offset=3, length=5)
        assert part["text"] == note["text"][3:8] and part["length"] == len(note["text"])
        assert small.history().attempts("me")[0].rating == "again"
        for tool, arguments in (
            ("read_note", {"note": "../../etc/passwd"}), ("read_note", {"note": "no.md"}),
            ("practice_question", {"topic": "量子色动力学"}),
            ("practice_question", {"profile": " "}),
            ("grade_explanation", {"topic": "lora.md", "explanation": ""}),
            ("grade_explanation", {"topic": "lora.md", "explanation": "x", "rating": "great"}),
        ):  # fmt: skip
            wrong = await client.call_tool(tool, arguments)
            assert wrong.is_error and "Traceback" not in wrong.content[0].text


async def test_named_collections(small):
    made = small.library.registry.create("papers")
    (made.folder / "rope.md").write_text("# RoPE\n\nRoPE 把位置编码成旋转矩阵。\n", "utf-8")
    small.build(name="papers")
    async with Client(create_server(small)) as client:
        both = {"collections": ["default", "papers"]}
        found = await client.call_tool("search_notes", {"query": "RoPE 旋转矩阵", **both})
        assert found.structured_content["result"][0]["collection"] == "papers"
        told = await client.call_tool("ask_notes", {"question": "RoPE 把位置编码成什么?", **both})
        assert told.structured_content["citations"][0]["collection"] == "papers"
        wrong = await client.call_tool("ask_notes", {"question": "RoPE?", "collections": ["no"]})
        assert wrong.is_error and "collection" in wrong.content[0].text


async def test_the_notes_are_prepared_once(small):
    prepared = []
    async with Client(create_server(small, lambda: prepared.append(1))) as client:
        assert prepared == []
        for _ in range(2):
            assert not (await client.call_tool("search_notes", {"query": "LoRA"})).is_error
    assert prepared == [1]


def test_without_the_package_one_sentence(environment, tmp_path):
    write_corpus(tmp_path)
    code = "import sys; sys.modules['mcp'] = None; from rag.cli.main import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", code, "mcp"], capture_output=True, text=True, env=environment
    )
    assert ran.returncode == 1
    assert '".[mcp]"' in ran.stderr and "Traceback" not in ran.stderr
    assert ran.stdout == ""


async def test_they_are_prepared_until_all_are_read(small, monkeypatch):
    prepared, read = [], [(1, 3)]
    monkeypatch.setattr(small.library, "is_whole", lambda collection: not read)
    monkeypatch.setattr(small.library, "so_far", lambda names: read[0] if read else None)
    async with Client(create_server(small, lambda: prepared.append(1))) as client:
        found = await client.call_tool("search_notes", {"query": "LoRA"})
        assert found.structured_content["result"][0]["notes_read"] == [1, 3]
        read.clear()
        for _ in range(2):
            found = await client.call_tool("search_notes", {"query": "LoRA"})
    assert found.structured_content["result"][0]["notes_read"] is None
    assert prepared == [1, 1]
