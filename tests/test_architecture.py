import ast
import subprocess
import sys
from pathlib import Path

RAG = Path(__file__).parent.parent / "rag"
# Data flows one way: a module may import only what stands before it here.
ORDER = [
    # ground
    "errors", "limits", "settings", "logs", "tracing", "files", "accounts", "collections",
    "database", "openmp",
    # notes and chunks
    "language", "orders", "notes", "topics", "readers", "uploads", "chunking",
    # index
    "e5", "bundled_e5", "embedding", "embedding_cache", "chunk_table", "index_kinds", "vectors",
    "store", "bm25", "vocabulary", "lexical", "generations",
    "index_summary", "index_build", "index", "joined",
    "milvus_schema", "milvus", "milvus_words", "milvus_state", "milvus_index",
    # retrieval
    "duplicates", "retrieval", "corpus_check",
    # answers
    "weights", "engine", "models", "evidence", "prompts", "clauses", "citing", "answerability",
    "library", "questions", "answers", "extractive", "conflicts", "conversation", "drafting",
    "verification", "abstaining", "answering",
    # practice and what is kept
    "practice", "saved_answers", "chats", "feedback", "chat_markdown",
    # whole
    "observing", "assistant", "doctor", "evaluation",
    # command line
    "progress", "rendering", "cli_common", "watching", "cli_eval", "cli_corpus", "cli_collections",
    "cli_practice", "cli_chat",
    "cli_user", "cli_service", "cli",
]  # fmt: skip


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
    return found


def part(path: Path) -> str:
    """The module or package of `rag` that a file belongs to."""
    return path.relative_to(RAG).parts[0].removesuffix(".py")


def test_every_module_has_its_place():
    assert {part(path) for path in RAG.rglob("*.py")} - {"__init__"} == set(ORDER)


def test_imports_follow_the_flow():
    for path in RAG.rglob("*.py"):
        own = part(path)
        for name in imports(path):
            assert not name.startswith(("ui", "gradio")), f"{path} imports {name}"
            parts = name.split(".")
            if parts[0] == "rag" and len(parts) > 1 and parts[1] in ORDER:
                assert ORDER.index(parts[1]) <= ORDER.index(own), f"{path} imports {name}"


def test_help_imports_nothing_heavy():
    code = (
        "import sys, rag.cli; "
        "sys.exit(any(m in sys.modules for m in ('torch', 'faiss', 'langchain_core', 'gradio')))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
