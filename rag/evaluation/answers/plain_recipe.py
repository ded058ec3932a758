"""The recipe of most RAG tutorials, to stand beside ours: same embedder, same LLM.

LangChain's recursive splitter at its usual 1000 characters with 200 overlap, the four nearest
chunks by cosine, one prompt that asks to answer from the context with `[n]` and to say so where
the context does not hold the answer. No evidence selection, no decision, no verification.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from langchain_core.documents import Document
from langchain_core.messages import HumanMessage

from rag.embedding.embedder import Embedder
from rag.embedding.vector_cache import embed_cached
from rag.errors import UsageError
from rag.index.documents import embedding_text
from rag.index.local.faiss_store import FaissStore
from rag.llm.model import LanguageModel, token_usage
from rag.notes.note import Note
from rag.text.citation_marks import marked_numbers, marks_before_stops, without_marks
from rag.text.language import Language
from rag.text.sentences import sentence_spans

CHUNK = 1000
OVERLAP = 200
TOP = 4
ANSWER_TOKENS = 260

_PROMPT = {
    "zh": (
        "请根据下面的上下文用中文回答问题，并在句末用[编号]标注出处。最多四句话，简明扼要。"
        "如果上下文里没有答案，就回答“资料中没有相关信息”，不要编造。\n\n"
        "上下文：\n{context}\n\n问题：{question}\n回答："
    ),
    "en": (
        "Answer the question in English from the context below and cite the source of each "
        "sentence as [number]. Use four sentences at most and keep it concise. If the context "
        "does not hold the answer, say that the context does not contain it; do not make one up."
        "\n\nContext:\n{context}\n\nQuestion: {question}\nAnswer:"
    ),
}


@dataclass(frozen=True, slots=True)
class PlainAnswer:
    """What the recipe gave: sentences with the places (from 0) of the chunks that they cite."""

    text: str
    sentences: tuple[tuple[str, tuple[int, ...]], ...]
    chunks: tuple[str, ...]
    usage: dict[str, int] | None
    first_token_s: float | None
    total_s: float


def plain_store(notes: Sequence[Note], embedder: Embedder, cache: Path) -> FaissStore:
    """The notes cut by LangChain's recursive splitter and embedded (each text once: `cache`).

    Raises:
        UsageError: langchain-text-splitters is not installed.
    """
    try:
        from langchain_text_splitters import RecursiveCharacterTextSplitter
    except ImportError as error:
        raise UsageError(
            "The baseline needs langchain-text-splitters; run `pip install -c constraints.txt "
            '-e ".[eval]"`.'
        ) from error
    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP)
    store = FaissStore(embedder)
    texts = [(note.path, text) for note in notes for text in splitter.split_text(note.text)]
    documents = [Document(page_content=text, metadata={"note": path}) for path, text in texts]
    vectors, _ = embed_cached([embedding_text(item) for item in documents], embedder, cache)
    store.add_vectors(documents, vectors, [None] * len(documents))
    return store


def answer_plainly(
    model: LanguageModel, question: str, language: Language, chunks: Sequence[str]
) -> PlainAnswer:
    """Ask the LLM over some chunks. Errors as in `LanguageModel.stream`."""
    began = time.perf_counter()
    context = "\n\n".join(f"[{number}] {text}" for number, text in enumerate(chunks, 1))
    prompt = _PROMPT[language].format(context=context, question=question)
    text, usage, first = "", None, None
    for chunk in model.stream([HumanMessage(prompt)], max_tokens=ANSWER_TOKENS):
        text += str(chunk.text)
        usage = token_usage(chunk) or usage
        if text and first is None:
            first = time.perf_counter() - began
    sentences = cited_sentences(text, len(chunks))
    return PlainAnswer(text, sentences, tuple(chunks), usage, first, time.perf_counter() - began)


def cited_sentences(text: str, count: int) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Sentences with the chunks that the marks inside or right behind them name."""
    joined = marks_before_stops(text)
    found = []
    for start, end in sentence_spans(joined):
        sentence = joined[start:end]
        named = (number - 1 for number in marked_numbers(sentence))
        bare = without_marks(sentence).strip()
        if any(map(str.isalnum, bare)):
            found.append((bare, tuple(n for n in dict.fromkeys(named) if 0 <= n < count)))
    return tuple(found)
