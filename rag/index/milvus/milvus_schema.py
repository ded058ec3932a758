"""The Milvus collection: fields and indexes, its filter language, and how words are spelt in it.

The engine gets words that we have cut already (rjieba and stems, as the local index has them),
spelt in hexadecimal so that no analyzer of any Milvus version cuts them again.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from langchain_core.embeddings import Embeddings

from rag.errors import IndexUnusable, UsageError
from rag.index.bm25_parameters import K1, B

ID, WORDS, DENSE, SPARSE, PARTITION = "id", "words", "dense", "sparse", "collection"
BATCH = 500


def connect(embedding: Embeddings, uri: str, name: str, token: str) -> Any:
    """`langchain_milvus.Milvus` over our collection, which the first write makes.

    Raises:
        UsageError: the extra `milvus` is not installed.
        IndexUnusable: the server cannot be reached.
    """
    try:
        from langchain_milvus import BM25BuiltInFunction, Milvus
        from pymilvus.exceptions import MilvusException
    except ImportError as error:
        raise UsageError(
            "The Milvus store needs packages that are not installed; run "
            '`pip install -c constraints.txt -e ".[milvus]"`.'
        ) from error
    bm25 = BM25BuiltInFunction(
        input_field_names=WORDS,
        output_field_names=SPARSE,
        analyzer_params={"tokenizer": "standard"},
        function_name="bm25",
    )
    parameters = {"bm25_k1": K1, "bm25_b": B}
    try:
        return Milvus(
            embedding,
            collection_name=name,
            connection_args={"uri": uri, **({"token": token} if token else {})},
            consistency_level="Strong",
            builtin_function=bm25,
            primary_field=ID,
            text_field=WORDS,
            vector_field=[DENSE, SPARSE],
            enable_dynamic_field=True,
            partition_key_field=PARTITION,
            index_params=[
                {"metric_type": "COSINE", "index_type": "AUTOINDEX", "params": {}},
                {
                    "metric_type": "BM25",
                    "index_type": "SPARSE_INVERTED_INDEX",
                    "params": parameters,
                },
            ],
        )
    except (MilvusException, OSError, ValueError) as error:
        raise IndexUnusable(
            f"Milvus at {uri} does not answer ({type(error).__name__}); check `store` and that "
            "the server runs."
        ) from error


class Explained:
    """The engine's client, what goes wrong in it told in one sentence."""

    def __init__(self, inner: Any, uri: str) -> None:
        from grpc import RpcError
        from pymilvus.exceptions import MilvusException

        self._inner = inner
        self._uri = uri
        self._kinds = (MilvusException, RpcError, OSError, RuntimeError, ValueError)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)

        def call(*arguments: Any, **named: Any) -> Any:
            try:
                return found(*arguments, **named)
            except self._kinds as error:
                said = " ".join(str(getattr(error, "message", "") or error).split())
                raise IndexUnusable(
                    f"Milvus at {self._uri} failed ({type(error).__name__}: {said[:200]}); check "
                    "that its server runs, then run `rag index`. Milvus 出错。"
                ) from error

        return call if callable(found) else found

    def query_iterator(self, *arguments: Any, **named: Any) -> "Explained":
        """Its pages fail in the same words."""
        return Explained(self.__getattr__("query_iterator")(*arguments, **named), self._uri)


def encoded_words(words: Sequence[str]) -> str:
    """Words as the text that Milvus indexes."""
    return " ".join(f"w{word.encode().hex()}" for word in words) or "none"


def decoded_word(word: str) -> str:
    """One such word as it was."""
    return "" if word == "none" else bytes.fromhex(word[1:]).decode()


def listed(values: Iterable[str]) -> str:
    """A list literal of Milvus' filter language; JSON's string escapes are its own."""
    return json.dumps(sorted(set(values)), ensure_ascii=False)


def parts(values: Sequence[str]) -> Iterator[list[str]]:
    """At most `BATCH` values at a time: what one filter or request may hold."""
    for start in range(0, len(values), BATCH):
        yield list(values[start : start + BATCH])
