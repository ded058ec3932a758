"""Cited question answering and graded practice over study notes, as a library:

    from rag import Assistant, load_settings

    assistant = Assistant(load_settings(corpus="~/notes", llm="none"))
    assistant.build()
    answer = assistant.answer("What is LoRA?")

`__all__` is what other programs may rely on; the modules below may move. Every failure that a user
can cause is a `RagError`. `import rag` loads nothing: each name is fetched when it is first used.
"""

from typing import TYPE_CHECKING

__version__ = "0.1.0"  # the only place: the package metadata reads it here

__all__ = [
    "Answer",
    "Assistant",
    "BusyError",
    "Citation",
    "CorpusError",
    "Hit",
    "IndexUnusable",
    "ModelError",
    "Note",
    "RagError",
    "Sentence",
    "Settings",
    "UsageError",
    "__version__",
    "load_settings",
]

if TYPE_CHECKING:
    from rag.answer.answer import Answer, Sentence
    from rag.assistant import Assistant
    from rag.errors import (
        BusyError,
        CorpusError,
        IndexUnusable,
        ModelError,
        RagError,
        UsageError,
    )
    from rag.grounding.citation import Citation
    from rag.notes.note import Note
    from rag.search.hit import Hit
    from rag.settings import Settings, load_settings
else:
    _HOMES = {
        "Answer": "rag.answer.answer",
        "Assistant": "rag.assistant",
        "BusyError": "rag.errors",
        "Citation": "rag.grounding.citation",
        "CorpusError": "rag.errors",
        "Hit": "rag.search.hit",
        "IndexUnusable": "rag.errors",
        "ModelError": "rag.errors",
        "Note": "rag.notes.note",
        "RagError": "rag.errors",
        "Sentence": "rag.answer.answer",
        "Settings": "rag.settings",
        "UsageError": "rag.errors",
        "load_settings": "rag.settings",
    }

    def __getattr__(name):
        if name not in _HOMES:
            raise AttributeError(f"module 'rag' has no attribute '{name}'")
        from importlib import import_module

        value = globals()[name] = getattr(import_module(_HOMES[name]), name)
        return value

    def __dir__():
        return sorted({*globals(), *__all__})
