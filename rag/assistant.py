"""The composition root: builds everything from settings. Faces (CLI, UI) import this."""

import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from rag.answer.abstention.background import background_of, reference_vectors
from rag.answer.answer import Answer, Turn
from rag.answer.answerer import Answerer
from rag.answer.events import Event, finished
from rag.answer.question import check_question
from rag.answer.question_telemetry import with_telemetry
from rag.chats.chat_store import Chats
from rag.embedding.endpoint import EndpointEmbeddings
from rag.embedding.load import load_embeddings
from rag.embedding.sentence_transformer import SentenceTransformerEmbeddings
from rag.errors import CorpusError, RagError
from rag.index.build_report import BuildProgress, BuildReport
from rag.index.opened import Index
from rag.library.library import Library
from rag.library.registry import Collection
from rag.llm.model import LanguageModel, quiet
from rag.llm.specs import checker_of, load_model
from rag.llm.weights import ByteProgress
from rag.notes.note import Note
from rag.notes.note_key import DEFAULT
from rag.notes.study_path import FILE, StudyPlan, study_path_of
from rag.notes.topic import Topic
from rag.practice.catalogue import Catalogue
from rag.practice.coach import Coach
from rag.practice.history import History
from rag.practice.kept.moved_notes import follow_moves
from rag.practice.plan.learner_plan import Plans
from rag.readers.corpus import find_note
from rag.readers.sidecar import read_sidecar
from rag.runtime import Runtime, shared_runtime
from rag.search.hit import Hit
from rag.search.hybrid import HybridRetriever
from rag.settings import Settings


class Assistant:
    """Indexes, retrieval, LLM and answers over collections. Safe to share between threads.

    Args:
        collections: names of what is asked where a call names none; () is the settings' corpus.
        models: LLMs by spec that are there already; others are made when they are asked for.
        runtime: engine, queue and reader processes; None: those that all assistants share.

    Attributes:
        models: the LLMs by spec, those given and those made.
    """

    def __init__(
        self,
        settings: Settings,
        collections: Sequence[str] = (),
        models: Mapping[str, LanguageModel | None] | None = None,
        runtime: Runtime | None = None,
    ) -> None:
        self.settings = settings
        self.runtime = runtime or shared_runtime(settings.llm_queue)
        self.models: dict[str, LanguageModel | None] = dict(models or {})
        self.embedder: SentenceTransformerEmbeddings | EndpointEmbeddings = load_embeddings(
            settings
        )
        self.library = Library(settings, lambda: self.embedder, self.runtime.readers)
        self.chosen = tuple(dict.fromkeys(collections)) or (DEFAULT,)
        self._catalogue = Catalogue(
            lambda collection, path: self.note(path, collection),
            lambda collection, path: read_sidecar(self.collection(collection).folder, path),
        )
        self._lock = threading.Lock()
        self._history = History(settings.data_dir / "practice.sqlite")
        self._chats = Chats(settings.data_dir / "chats.sqlite")

    def collection(self, name: str | None = None) -> Collection:
        """A collection by name; None: the first chosen one.

        Raises:
            UsageError: there is none of that name.
        """
        return self.library.registry.get(self.chosen[0] if name is None else name)

    def build(
        self, progress: BuildProgress = lambda stage, done, total: None, name: str | None = None
    ) -> BuildReport:
        """Index a collection (only what changed is embedded). Errors as in `build_index`."""
        report = self.library.build(self.collection(name), progress)
        # While the model that embeds texts is loaded: a question by itself does without it.
        with suppress(RagError):  # the notes are indexed; the first question tries this again
            reference_vectors(self.embedder, self.settings.embedding_cache)
        return report

    def has_index(self, name: str | None = None) -> bool:
        """Something was indexed for this collection before."""
        return self.library.has_index(self.collection(name))

    def index(self) -> Index:
        """The current index of the first chosen collection."""
        return self.library.load(self.collection())

    def _load(self, names: Sequence[str] = ()) -> Index:
        """What to search: the corpus' own index, or a join that tells collections apart."""
        names = self._named(names)
        found = [self.library.registry.get(name) for name in names]
        if names == (DEFAULT,):
            return self.library.load(found[0])
        return self.library.load_all(found)

    def _named(self, names: Sequence[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(names)) or self.chosen

    def model(self, spec: str | None = None) -> LanguageModel | None:
        """The LLM of a spec (default: the setting), made once for each spec."""
        spec = spec or self.settings.llm
        with self._lock:
            if spec not in self.models:
                chosen = self.settings.model_copy(update={"llm": spec})
                self.models[spec] = load_model(chosen, self.runtime.host)
            return self.models[spec]

    def retriever(self, k: int | None = None, collections: Sequence[str] = ()) -> HybridRetriever:
        """A LangChain retriever over the chosen collections."""
        index = self._load(collections)
        return HybridRetriever(
            store=index.store, lexical=index.lexical, notes=index.notes, k=k or self.settings.k
        )

    def search(
        self, query: str, k: int | None = None, collections: Sequence[str] = ()
    ) -> list[Hit]:
        """The best chunks for a query, best first.

        Raises:
            UsageError: the query is empty, too long or holds no word, or a collection unknown.
            IndexUnusable: there is no index, or it is damaged.
        """
        return self.retriever(k, collections).search(check_question(query))

    def answerer(
        self,
        llm: str | None = None,
        k: int | None = None,
        collections: Sequence[str] = (),
        asker: str = "",
    ) -> Answerer:
        index, model = self._load(collections), self.model(llm)
        background = background_of(index, self.embedder, self.settings.embedding_cache)
        return Answerer(
            index, background, self.embedder, model, k or self.settings.k,
            local_writes=self.settings.local_llm_writes, asker=asker,
            judge=checker_of(model, self.settings, self.model),
        )  # fmt: skip

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        llm: str | None = None,
        k: int | None = None,
        collections: Sequence[str] = (),
        asker: str = "",
    ) -> Generator[Event]:
        """Events of one answer; see `Answerer.ask`.

        Args:
            collections: names of what to ask over; () is what was chosen for this assistant.
            asker: a login, session or address: the one local engine is shared out fairly between
                askers, not between questions. "" is somebody else each time.
        """
        check_question(question)
        events = self.answerer(llm, k, collections, asker).ask(question, history)
        return with_telemetry(events, question, self.settings.log_questions)

    def answer(
        self,
        question: str,
        history: Sequence[Turn] = (),
        llm: str | None = None,
        k: int | None = None,
        collections: Sequence[str] = (),
        asker: str = "",
    ) -> Answer:
        """The verified answer, without the events on the way."""
        return finished(self.ask(question, history, llm, k, collections, asker))

    def coach(
        self, llm: str | None = None, collections: Sequence[str] = (), asker: str = ""
    ) -> Coach:
        """The practice engine over collections and the learners' history; arguments as in `ask`."""
        names = self._named(collections)
        index = self._load(names)
        topics = self._topics(names)
        with suppress(RagError):  # said when the history is next needed
            follow_moves(self.history(), topics, index)
        return Coach(
            index, topics, self.embedder, self.model(llm), self.history(), asker,
            self.settings.day_starts,
        )  # fmt: skip

    def _topics(self, names: Sequence[str]) -> list[Topic]:
        alone = tuple(names) == (DEFAULT,)
        topics: list[Topic] = []
        for name in names:
            own = self.library.load(self.collection(name))
            topics += self._catalogue.topics_of(name, own, named=not alone)
        return topics

    def study_plan(self, collection: str | None = None) -> StudyPlan | None:
        """The order of study of a collection (None: the first chosen one), from `STUDY_PATH.md`;
        None where its author gives none.

        Raises:
            UsageError: there is no such collection.
            IndexUnusable: it has no index, or a damaged one.
            CorpusError: the path is written in a form that cannot be read.
        """
        name = self.chosen[0] if collection is None else collection
        topics = self._topics([name])
        try:
            note = self.note(FILE, name)
        except CorpusError:  # no such file
            return None
        try:
            path = study_path_of(note)
        except ValueError as error:
            raise CorpusError(
                f"The order of study cannot be read: {error} 学习路线有误。"
            ) from error
        return StudyPlan(path, {topic.note: topic for topic in topics})

    def path_ahead(self, profile: str, names: Sequence[str] = ()) -> list[str]:
        """Keys of what the study paths have next for a learner who follows them; [] for others."""
        if not Plans(self.history().database).load(profile).path:
            return []
        learned = self.history().cards(profile)
        plans = [self.study_plan(name) for name in self._named(names)]
        return [key for plan in plans if plan for key in plan.ahead(learned)]

    def history(self) -> History:
        """Every learner's attempts and schedule."""
        return self._history

    def chats(self) -> Chats:
        """Every user's conversations."""
        return self._chats

    def rename_collection(self, name: str, new: str) -> Collection:
        """Give a collection another name; index and practice history stay with it.

        Raises:
            UsageError: there is none of that name, or the new name is unfit or taken.
        """
        renamed = self.library.registry.rename(name, new)
        self.history().collection_renamed(name, renamed.name)
        return renamed

    def remove_collection(self, name: str) -> Collection:
        """Forget a collection with its index and uploads; what was practised of it is put aside.

        Raises:
            UsageError: there is none of that name, or it is the default one.
        """
        gone = self.library.remove(name)
        self.history().collection_removed(gone.name, datetime.now(UTC))
        return gone

    def note(self, path: str, collection: str | None = None) -> Note:
        """One note, by the path and the collection that citations give.

        A note that was renamed or moved since is found where it was last indexed (`Note.path`).

        Raises:
            UsageError: there is no such collection.
            CorpusError: no such note inside the collection's folder, or unreadable.
        """
        place = self.collection(collection or None)
        limits, readers = self.settings.read_limits, self.runtime.readers
        try:
            return find_note(place.folder, path, limits, readers)
        except CorpusError:
            if elsewhere := self.library.moved_to(place, path):
                return find_note(place.folder, elsewhere, limits, readers)
            raise

    def warm(self, say: Callable[[str], object] = str, weights: ByteProgress = quiet) -> None:
        """Load embedder, index and LLM, telling what is being loaded."""
        say("embedder")
        self.embedder.embed_query("warm up")
        say("index")
        self._load()
        model = self.model()
        if model is not None:
            say("llm")
            model.chat(weights)
        say("ready")
