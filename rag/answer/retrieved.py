"""What was found for a question, and for each of the things that it asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest

from rag.answer.understanding.resolving import Understood
from rag.index.opened import Index
from rag.search.hit import Hit
from rag.search.hybrid import HybridRetriever
from rag.text.language import detect_language


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A question and the sections found.

    Attributes:
        hits: for the whole question, the best first.
        apart: for each of its parts.
        aspects: for each of the things that it perhaps asks.
        own: where another language is asked for, what was found in the question's own.
    """

    asked: Understood
    hits: Sequence[Hit]
    apart: Mapping[str, Sequence[Hit]] = field(default_factory=dict)
    own: Sequence[Hit] = ()
    aspects: Mapping[str, Sequence[Hit]] = field(default_factory=dict)

    @property
    def question(self) -> str:
        return self.asked.standalone

    @property
    def telling(self) -> Sequence[Hit]:
        """What tells whether the notes hold the answer: words are only alike in one language."""
        return self.own or self.hits

    @property
    def read(self) -> list[Hit]:
        """The sections that a writer reads: the best of every part in turn, none twice."""
        if not self.apart:
            return list(self.hits)
        found: dict[tuple[str, str, int], Hit] = {}
        for hit in chain(*zip_longest(*self.apart.values(), self.hits)):
            if hit is not None:
                meta = hit.document.metadata
                key = str(meta.get("collection")), str(meta.get("note")), int(meta["start"])
                found.setdefault(key, hit)
        return list(found.values())


def retrieve(asked: Understood, index: Index, k: int) -> Retrieved:
    """Search for a question as a whole and for each of its parts; `k` sections each."""
    search = HybridRetriever.over(index).search
    own_language = detect_language(asked.standalone)  # a part may be but a name
    language = asked.language or own_language
    hits = search(asked.standalone, k, language=language)
    apart = {part: search(part, k, language=language) for part in asked.parts}
    aspects = {part: search(part, k, language=language) for part in asked.aspects}
    crosses = language != own_language
    own = search(asked.standalone, k) if crosses else ()
    return Retrieved(asked, hits, apart, own, aspects)
