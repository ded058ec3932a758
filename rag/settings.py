"""One typed settings object, read from `RAG_*` variables and one file of the user's choice."""

from difflib import get_close_matches
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_cache_path, user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from rag.errors import UsageError
from rag.limits import ReadLimits
from rag.processors import usable_cores
from rag.settings_sources import check_address, check_names, file_in_force, read_file

REPOSITORY = Path(__file__).resolve().parent.parent
BUNDLED = "bundled"


def shipped_corpus() -> Path:
    """Our own notes: beside the package in the repository, inside it in a wheel."""
    beside, inside = REPOSITORY / "corpus", Path(__file__).resolve().parent / "_corpus"
    return beside if (REPOSITORY / "pyproject.toml").is_file() or not inside.is_dir() else inside


class Settings(BaseSettings):
    """Everything that can be tuned; a misspelt name fails at load."""

    model_config = SettingsConfigDict(
        env_prefix="RAG_", env_ignore_empty=True, extra="forbid", frozen=True
    )

    corpus: Path = Field(default_factory=shipped_corpus, description="Folder of notes")
    data_dir: Path = Field(user_data_path("interview-notes-rag"), description="Indexes, history")
    cache_dir: Path = Field(user_cache_path("interview-notes-rag"), description="Model weights")

    embedding: str = Field(
        BUNDLED, description="`bundled`, a sentence-transformers name or path, or `openai:MODEL`"
    )
    embedding_base_url: str | None = None
    embedding_query_prompt: str = ""
    embedding_document_prompt: str = ""

    index_kind: Literal["auto", "flat", "hnsw", "ivf", "ivfpq"] = Field(
        "auto", description="FAISS index; `auto` goes by the number of chunks"
    )
    store: str = Field(
        "", description="Empty: FAISS here. Else Milvus: a milvus-lite file or http://host:19530"
    )
    store_token: SecretStr | None = None

    llm: str = Field("local", description="local | none | gguf:PATH | openai:MODEL | ollama:MODEL…")
    llm_base_url: str | None = None
    llm_api_key: SecretStr | None = None
    llm_timeout_s: float = 120.0
    local_llm_writes: bool = Field(
        False,
        description="Let an embedded model put answers in its own words: slower, less often right",
    )
    judge_written: bool = Field(
        True,
        description="Let the embedded model check each sentence that an API model writes (about a"
        " second each, 1.4 GB); else rules over words do, which are right far less often",
    )
    llm_temperature: float = Field(0.0, ge=0)
    llm_max_tokens: int | None = Field(
        None,
        ge=16,
        description="Longest reply; not set: as short as its use asks. Thinking models"
        " need a few thousand",
    )
    llm_threads: int = Field(
        default_factory=usable_cores, ge=1, description="Not set: the physical cores at hand"
    )
    llm_context: int = Field(4096, ge=512)
    llm_queue: int = Field(16, ge=1, description="Askers that may wait for the one local engine")

    chunk_tokens: int = Field(440, ge=40, le=480, description="Longest section, embedder tokens")
    k: int = Field(6, ge=1, le=50, description="Passages retrieved for a question")
    max_note_bytes: int = Field(20_000_000, ge=1)
    max_note_pages: int = Field(2_000, ge=1, description="PDF pages, slides, chapters of a file")
    max_unpacked_bytes: int = Field(200_000_000, ge=1, description="Of an archive or document")
    max_archive_files: int = Field(5_000, ge=1)
    max_read_s: float = Field(60.0, gt=0, description="To parse one file")
    ocr: bool = Field(True, description="Recognise pages that are pictures, if `ocr` is installed")
    max_read_memory_bytes: int = Field(
        4_000_000_000, ge=100_000_000, description="Of the process that parses files"
    )
    max_upload_bytes: int = Field(500_000_000, ge=1, description="All uploads of one collection")
    max_upload_files: int = Field(5_000, ge=1, description="All uploads of one collection")

    day_starts: int = Field(
        4, ge=0, le=23, description="Hour at which a learner's day begins; a plan may say another"
    )

    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Names beside the loopback ones by which browsers may reach `rag serve`, e.g. "
        "behind a proxy: RAG_ALLOWED_HOSTS=notes.example.org (`*.example.org` for all below); "
        "several with commas",
    )

    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Web pages and plugins elsewhere that may use /v1 from a browser, e.g. "
        "RAG_ALLOWED_ORIGINS=app://obsidian.md,http://localhost:3000",
    )

    root_path: str = Field(
        "",
        pattern=r"^(/[\w.~-]+)*/?$",
        description="Folder under which a proxy serves the page: RAG_ROOT_PATH=/notes for "
        "https://example.org/notes",
    )

    log_level: Literal["debug", "info", "warning", "error"] | None = Field(
        None, description="Not set: info for servers, warning for single commands"
    )
    log_file: Path | None = Field(None, description="JSON lines go here instead of stderr")
    log_questions: bool = Field(False, description="Let logs and traces hold what was asked")
    traces: Literal["off", "console", "otlp"] = Field(
        "off", description="OpenTelemetry; otlp reads the usual OTEL_* variables"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        path = file_in_force()
        found = read_file(path)
        check_address(path, found, init_settings())
        return (init_settings, env_settings, InitSettingsSource(settings_cls, found))

    @field_validator("corpus", "data_dir", "cache_dir", "log_file")
    @classmethod
    def _from_home(cls, path: Path | None) -> Path | None:
        """`~` is the user's folder in a file or a variable too, where no shell replaces it."""
        if path is None:
            return None
        try:
            return path.expanduser().absolute()
        except RuntimeError as error:  # there is no such user
            raise ValueError(str(error)) from error

    @field_validator("allowed_hosts", "allowed_origins", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        """`a, b` or, as it was before, `["a", "b"]`."""
        if not isinstance(value, str):
            return value
        parts = (part.strip(" \t\"'") for part in value.strip().strip("[]").split(","))
        return tuple(part for part in parts if part)

    @field_validator("root_path")
    @classmethod
    def _no_last_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @property
    def read_limits(self) -> ReadLimits:
        """How much of a file the readers take."""
        return ReadLimits(
            file_bytes=self.max_note_bytes,
            unpacked_bytes=self.max_unpacked_bytes,
            pages=self.max_note_pages,
            files=self.max_archive_files,
            seconds=self.max_read_s,
            memory_bytes=self.max_read_memory_bytes,
            ocr=self.ocr,
            ocr_folder=str(self.data_dir / "recognised") if self.ocr else "",
        )

    @cached_property
    def index_dir(self) -> Path:
        """Where the index of this corpus lives: one folder for each corpus path."""
        return self.index_dir_of(self.corpus)

    @property
    def embedding_cache(self) -> Path:
        """Vectors by content hash, shared by all indexes."""
        return self.data_dir / "index" / "embeddings.sqlite"

    def index_dir_of(self, folder: Path) -> Path:
        """Where the index of a folder of notes lives; a collection's name plays no part in it."""
        folder = folder.expanduser().resolve()
        digest = sha256(str(folder).encode("utf-8", "surrogateescape")).hexdigest()[:12]
        name = folder.name.encode("utf-8", "surrogateescape")[:200].decode("utf-8", "ignore")
        return self.data_dir / "index" / f"{name}-{digest}"


def load_settings(**overrides: Any) -> Settings:
    """Settings with `overrides` (None means "not given").

    Raises:
        UsageError: a value or a name in the environment, the settings file or `overrides` is wrong.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    check_names(Settings.model_fields)
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        near = get_close_matches(name, list(Settings.model_fields), n=1)
        hint = f" (did you mean '{near[0]}'?)" if near and near[0] != name else ""
        raise UsageError(
            f"Setting '{name}' is wrong{hint}: {first['msg']}. Correct it in "
            f"{file_in_force() or 'the settings file'}, the RAG_{name.upper()} variable or the "
            "command line."
        ) from error
