"""All rules over all notes, and whether their own questions find them: `rag corpus check`."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.evaluation.corpus import note_rules
from rag.evaluation.corpus.note_parts import parts_of
from rag.evaluation.corpus.quantities import Claim, claims_in, conflicts
from rag.evaluation.corpus.twin_rules import Embed, in_step, parallel
from rag.notes.note import Note
from rag.notes.study_path import path_faults, study_path_of
from rag.notes.topic import TWIN, Topic, original_of, topic_of, twin_of
from rag.search.hit import Hit
from rag.text.language import Language, detect_language

NEAR = 3


@dataclass(frozen=True, slots=True)
class Problem:
    note: str
    text: str


@dataclass(frozen=True, slots=True)
class QuestionRank:
    """Where a note's own question finds the note or its twin: 1 is first, None: not among those
    looked at."""

    note: str
    question: str
    language: Language
    rank: int | None


def check_notes(notes: Sequence[Note], embed: Embed | None = None) -> list[Problem]:
    """What is wrong with the notes.

    Args:
        embed: texts → unit vectors, shape `(n, dimension)`; None leaves the order of key points
            in the two languages to their ids alone.
    """
    problems: list[Problem] = []
    by_path = {note.path: note for note in notes}
    owners: dict[str, str] = {}
    topics: list[Topic] = []
    # By language: twins may round otherwise.
    claims: dict[bool, list[Claim]] = {False: [], True: []}
    for note in notes:
        topic = topic_of(note)
        claims[bool(original_of(note.path))].extend(claims_in(note.path, parts_of(note)))
        found = list(_alone(note, topic, set(by_path)))
        if not original_of(note.path):
            topics.append(topic)
            twin = by_path.get(twin_of(note.path))
            found += ["there is no English twin"] if twin is None else _pair(note, twin, embed)
            for name in dict.fromkeys(each.lower() for each in topic.names):
                owner = owners.setdefault(name, note.path)
                if owner != note.path:
                    found.append(f"the name '{name}' is also that of {owner}")
        elif original_of(note.path) not in by_path:
            found.append(f"it is the twin of {original_of(note.path)}, which does not exist")
        problems.extend(Problem(note.path, text) for text in dict.fromkeys(found))
    problems.extend(Problem(note, text) for note, text in note_rules.circles(topics))
    for values in claims.values():
        problems.extend(Problem(note, text) for note, text in conflicts(values))
    return problems


def check_path(path: Note, notes: Sequence[Note]) -> list[Problem]:
    """What is wrong with a corpus' order of study (`STUDY_PATH.md`)."""
    topics = [topic_of(note) for note in notes if not original_of(note.path)]
    try:
        faults = list(path_faults(study_path_of(path), topics))
    except ValueError as error:
        faults = [str(error)]
    return [Problem(path.path, fault) for fault in faults]


def rank_questions(
    notes: Sequence[Note],
    search: Callable[[str], Sequence[Hit]],
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> list[QuestionRank]:
    """The rank of each topic among the topics that its own questions retrieve."""
    asked = [(note.path, text) for note in notes for text in topic_of(note).questions]
    ranks: list[QuestionRank] = []
    for number, (path, question) in enumerate(asked, 1):
        found = [str(hit.document.metadata["note"]) for hit in search(question)]
        order = list(dict.fromkeys(original_of(note) or note for note in found))
        own = original_of(path) or path
        rank = order.index(own) + 1 if own in order else None
        ranks.append(QuestionRank(path, question, detect_language(question), rank))
        progress("ask", number, len(asked))
    return ranks


def _alone(note: Note, topic: Topic, paths: set[str]) -> Iterator[str]:
    english = note.path.endswith(TWIN)
    parts = parts_of(note)
    yield from note_rules.front_matter(topic, english)
    yield from note_rules.links(topic, paths)
    yield from note_rules.form(topic, parts, english)
    yield from note_rules.wording(note.path, parts, english)


def _pair(note: Note, twin: Note, embed: Embed | None) -> list[str]:
    one, two = topic_of(note), topic_of(twin)
    found = list(parallel(one, parts_of(note), two, parts_of(twin)))
    return found or list(in_step(one, two, embed) if embed else ())
