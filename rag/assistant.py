"""The composition root: builds everything from settings. Faces (CLI, UI) import this."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.answerability import Background, reference_texts
from rag.answering import Answerer, check_question
from rag.answers import Answer, Event, Finished, Turn
from rag.chats import Chats
from rag.embedding import EndpointEmbeddings, SentenceTransformerEmbeddings, load_embeddings
from rag.embedding_cache import embed_cached
from rag.errors import CorpusError, IndexError_
from rag.index import BuildReport, Index, Progress, build_index, current_generation, load_index
from rag.milvus import MilvusStore
from rag.milvus_index import build_milvus, load_milvus, milvus_generation
from rag.models import LanguageModel, load_model
from rag.notes import Note, find_note, read_corpus
from rag.observing import observed
from rag.practice.coach import Coach
from rag.practice.history import History
from rag.retrieval import Hit, HybridRetriever
from rag.settings import Settings
from rag.topics import Topic, topic_of

BACKGROUND_SAMPLE = 50_000  # vectors that stand for all of a larger index


@dataclass(frozen=True, slots=True)
class _Loaded:
    index: Index
    background: Background
    topics: tuple[Topic, ...]


class Assistant:
    """Index, retrieval, LLM and answers over one corpus. Safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.embedder: SentenceTransformerEmbeddings | EndpointEmbeddings = load_embeddings(
            settings
        )
        self._loaded: _Loaded | None = None
        self._store: MilvusStore | None = None
        self._lock = threading.Lock()
        self._history = History(settings.data_dir / "practice.sqlite")
        self._chats = Chats(settings.data_dir / "chats.sqlite")
        self._models: dict[str, LanguageModel | None] = {}

    def build(self, progress: Progress = lambda stage, done, total: None) -> BuildReport:
        """Index the corpus (only what changed is embedded). Errors as in `build_index`."""
        settings = self.settings
        entries = read_corpus(settings.corpus.expanduser(), settings.read_limits)
        if settings.store:
            return build_milvus(
                settings.index_dir, self._milvus(), entries, self.embedder,
                settings.chunk_tokens, progress,
            )  # fmt: skip
        return build_index(
            settings.index_dir, entries, self.embedder, settings.chunk_tokens, progress,
            settings.index_kind,
        )  # fmt: skip

    def has_index(self) -> bool:
        """Something was indexed for this corpus before."""
        try:
            self._generation()
        except IndexError_:
            return False
        return True

    def index(self) -> Index:
        """The current index; a new generation is picked up at the next call."""
        return self._load().index

    def _load(self) -> _Loaded:
        with self._lock:
            generation = self._generation()
            if self._loaded is None or self._loaded.index.generation != generation:
                index = self._open()
                cache = self.settings.index_dir.parent / "embeddings.sqlite"
                reference, _ = embed_cached(reference_texts(), self.embedder, cache, optional=True)
                self._loaded = _Loaded(
                    index,
                    Background(index.store.vectors(BACKGROUND_SAMPLE), reference),
                    tuple(self._topics(index)),
                )
            return self._loaded

    def _generation(self) -> str:
        folder = self.settings.index_dir
        return milvus_generation(folder) if self.settings.store else current_generation(folder)

    def _open(self) -> Index:
        folder = self.settings.index_dir
        if self.settings.store:
            return load_milvus(folder, self._milvus(), self.embedder)
        return load_index(folder, self.embedder)

    def _milvus(self) -> MilvusStore:
        """The Milvus store of this corpus, connected once; the corpus is one of its partitions."""
        if self._store is None:
            settings = self.settings
            token = settings.store_token.get_secret_value() if settings.store_token else ""
            self._store = MilvusStore(
                self.embedder, settings.store, settings.index_dir.name, token=token
            )
        return self._store

    def model(self, spec: str | None = None) -> LanguageModel | None:
        """The LLM of a spec (default: the setting), made once for each spec."""
        spec = spec or self.settings.llm
        with self._lock:
            if spec not in self._models:
                self._models[spec] = load_model(self.settings.model_copy(update={"llm": spec}))
            return self._models[spec]

    def retriever(self, k: int | None = None) -> HybridRetriever:
        """A LangChain retriever over the current index."""
        index = self.index()
        return HybridRetriever(store=index.store, lexical=index.lexical, k=k or self.settings.k)

    def search(self, query: str, k: int | None = None) -> list[Hit]:
        """The best chunks for a query, best first.

        Raises:
            UsageError: the query is empty, too long or holds no word.
            IndexError_: there is no index, or it is damaged.
        """
        return self.retriever(k).search(check_question(query))

    def answerer(self, llm: str | None = None, k: int | None = None) -> Answerer:
        loaded = self._load()
        return Answerer(
            loaded.index, loaded.background, self.embedder, self.model(llm), k or self.settings.k
        )

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        llm: str | None = None,
        k: int | None = None,
    ) -> Iterator[Event]:
        """Events of one answer; see `Answerer.ask`."""
        check_question(question)
        events = self.answerer(llm, k).ask(question, history)
        return observed(events, question, self.settings.log_questions)

    def answer(
        self,
        question: str,
        history: Sequence[Turn] = (),
        llm: str | None = None,
        k: int | None = None,
    ) -> Answer:
        """The verified answer, without the events on the way."""
        for event in self.ask(question, history, llm, k):
            if isinstance(event, Finished):
                return event.answer
        raise AssertionError("the last event is always Finished")

    def coach(self, llm: str | None = None) -> Coach:
        """The practice engine over the current index and the learners' history."""
        loaded = self._load()
        return Coach(loaded.index, loaded.topics, self.embedder, self.model(llm), self.history())

    def history(self) -> History:
        """Every learner's attempts and schedule."""
        return self._history

    def chats(self) -> Chats:
        """Every user's conversations."""
        return self._chats

    def _topics(self, index: Index) -> Iterator[Topic]:
        for path in sorted(index.notes):
            try:
                yield topic_of(self.note(path))
            except CorpusError:  # gone since it was indexed
                continue

    def note(self, path: str) -> Note:
        """One note of the corpus, by the path that citations give.

        Raises:
            CorpusError: no such note inside the corpus, or unreadable.
        """
        return find_note(self.settings.corpus, path, self.settings.read_limits)

    def warm(self, say: Callable[[str], None] = lambda text: None) -> None:
        """Load embedder, index and LLM, telling what is being loaded."""
        say("embedder")
        self.embedder.embed_query("warm up")
        say("index")
        self._load()
        model = self.model()
        if model is not None:
            say("llm")
            model.chat()
        say("ready")
