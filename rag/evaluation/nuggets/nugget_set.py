"""Questions with the facts ("nuggets") that a good answer must state, and where notes state them.

JSON lines: `{question, lang, nuggets: [{text, vital, note, quote}]}`; several places may state one
nugget: then `quotes: [{note, quote}, …]` stands for `note` and `quote`. `half` is "tune" for what
may be looked at while building, "held" for what figures are reported on. A question without
nuggets is one that the notes cannot answer; `missing` then names the thing that they lack.

The method is that of TREC's nugget evaluation (Voorhees 2003; Pradeep et al. 2024, AutoNuggetizer).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import UsageError
from rag.evaluation.json_files import read_json_lines
from rag.text.language import Language, detect_language


@dataclass(frozen=True, slots=True)
class Place:
    """Where a note states a nugget: these very words."""

    note: str
    quote: str


@dataclass(frozen=True, slots=True)
class Nugget:
    """One fact. `places` is empty where no note states it."""

    text: str
    vital: bool
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class NuggetQuestion:
    """A question, what a good answer states, and whether it was set apart before tuning."""

    question: str
    language: Language
    nuggets: tuple[Nugget, ...]
    half: str = "held"
    missing: str = ""

    @property
    def answerable(self) -> bool:
        return any(nugget.places for nugget in self.nuggets)


def read_nuggets(path: Path, half: str = "") -> list[NuggetQuestion]:
    """The questions of a file; those of one half where it is named.

    Raises:
        UsageError: the file cannot be read, or a line has another form.
    """
    found = []
    for number, row in enumerate(read_json_lines(path), 1):
        try:
            question = str(row["question"])
            language = row.get("lang") or detect_language(question)
            found.append(
                NuggetQuestion(
                    question,
                    "en" if language == "en" else "zh",
                    tuple(_nugget(item) for item in row["nuggets"]),
                    str(row.get("half", "held")),
                    str(row.get("missing", "")),
                )
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise UsageError(
                f"{path}, line {number}, is no question with nuggets ({error}); see "
                "`rag eval nuggets --help`."
            ) from error
    return [item for item in found if not half or item.half == half]


def _nugget(item: Mapping[str, Any]) -> Nugget:
    places = item.get("quotes") or ([item] if item.get("quote") else [])
    return Nugget(
        str(item["text"]),
        bool(item["vital"]),
        tuple(Place(str(place["note"]), str(place["quote"])) for place in places),
    )
