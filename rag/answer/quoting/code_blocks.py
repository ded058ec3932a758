"""Code where code is asked for: the block of the likeliest section that has one."""

import re
from collections.abc import Sequence
from itertools import pairwise

from langchain_core.documents import Document

from rag.grounding.passage import Passage
from rag.index.documents import place_of
from rag.index.opened import ChunkStore
from rag.search.hit import Hit

# Code that is wanted ends a clause, or says of what it is; a code model is but a topic.
_ASKS = re.compile(
    r"手撕|手写|手搓|写一[下个段]|写出来|伪代码"
    r"|代码(?=\s*(?:$|[\s。？?！!，,、；;）)]|实现|怎么写|咋写|如何写|示例|例子|片段|吧|呢|啊|看))"
    r"|(?:写|给|附|贴|上|看)\S{0,8}代码(?!模型|助手|补全|生成|数据|评测|能力|库)"
    r"|\bcode\b(?=\s*(?:$|[?.,!;:]|(?:for|of|to|it|that|this|a|an|the|snippet|example)\b))"
    r"|\b(?:snippet|implement(?:ation)?|coding question|write (?:it|me|a|an|the)\b.{0,40}"
    r"\b(?:in|function|class|code)\b|in (?:python|pytorch|numpy))\b",
    re.IGNORECASE,
)
_BLOCK = re.compile(r"^(```|~~~)[^\n]*\n(?P<code>.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_FENCE = re.compile(r"^(?:```|~~~)", re.MULTILINE)
_SECTIONS = 6  # among which it is looked for
_BETWEEN = 2  # line breaks between the pieces of a block that was too long for one chunk
_FEWEST, _MOST = 4, 80  # lines


def asks_for_code(question: str) -> bool:
    """The answer is to hold code."""
    return bool(_ASKS.search(question))


def code_block(hits: Sequence[Hit], store: ChunkStore) -> Passage | None:
    """The first whole block in the first sections found, fences and all; one that was cut into
    chunks is put together again."""
    for hit in hits[:_SECTIONS]:
        found = _blocks(hit.document, hit.score)
        if not found and _FENCE.search(hit.document.page_content):
            found = _blocks(_with_neighbours(hit.document, store), hit.score)
        if found:
            return found[0]
    return None


def _blocks(document: Document, score: float) -> list[Passage]:
    start = int(document.metadata["start"])
    return [
        Passage(document, match.group(), start + match.start(), start + match.end(), score, 0.0)
        for match in _BLOCK.finditer(document.page_content)
        if _FEWEST <= match["code"].count("\n") <= _MOST
    ]


def _with_neighbours(document: Document, store: ChunkStore) -> Document:
    """The chunk with those of its section before and behind it that adjoin it."""
    headings = document.metadata.get("headings")
    chunks = sorted(
        (
            chunk
            for chunk in store.of_notes([place_of(document)])
            if chunk.metadata.get("headings") == headings
        ),
        key=lambda chunk: int(chunk.metadata["start"]),
    )
    runs: list[list[Document]] = []
    for chunk in chunks:
        if runs and _adjoins(runs[-1][-1], chunk):
            runs[-1].append(chunk)
        else:
            runs.append([chunk])
    own = int(document.metadata["start"])
    run = next(run for run in runs if any(int(each.metadata["start"]) == own for each in run))
    text = run[0].page_content
    for before, chunk in pairwise(run):
        text += "\n" * _gap(before, chunk) + chunk.page_content
    ends = {"start": run[0].metadata["start"], "end": run[-1].metadata["end"]}
    return Document(text, metadata={**document.metadata, **ends})


def _adjoins(before: Document, chunk: Document) -> bool:
    """Nothing but line breaks stands between two chunks."""
    return 0 < _gap(before, chunk) <= _BETWEEN and "\r" not in before.page_content


def _gap(before: Document, chunk: Document) -> int:
    return int(chunk.metadata["start"]) - int(before.metadata["end"])
