"""The tables of the practice file, and how a file of an earlier version becomes one of today's."""

from pathlib import Path

from rag.storage.database import Database

# One statement list a version; `PRAGMA user_version` says how many were run.
_MIGRATIONS: list[list[str]] = [
    [
        "CREATE TABLE cards (profile TEXT NOT NULL, topic TEXT NOT NULL, card TEXT NOT NULL, "
        "due TEXT NOT NULL, PRIMARY KEY (profile, topic))",
        "CREATE TABLE attempts (id INTEGER PRIMARY KEY, profile TEXT NOT NULL, topic TEXT NOT NULL,"
        " title TEXT NOT NULL, question TEXT NOT NULL, explanation TEXT NOT NULL, "
        "grade TEXT NOT NULL, score INTEGER NOT NULL, rating TEXT, hints INTEGER NOT NULL, "
        "at TEXT NOT NULL)",
        "CREATE INDEX attempts_of ON attempts (profile, topic, at)",
        "CREATE TABLE drafts (profile TEXT NOT NULL, topic TEXT NOT NULL, text TEXT NOT NULL, "
        "at TEXT NOT NULL, PRIMARY KEY (profile, topic))",
    ],
    [
        # The card before the attempt, and when it was first rated: a rating can be corrected.
        "ALTER TABLE attempts ADD COLUMN before TEXT",
        "ALTER TABLE attempts ADD COLUMN rated_at TEXT",
    ],
    [
        # A score may be open (nobody has judged it yet); a follow-up belongs to a first answer.
        "CREATE TABLE attempts_3 (id INTEGER PRIMARY KEY, profile TEXT NOT NULL, "
        "topic TEXT NOT NULL, title TEXT NOT NULL, question TEXT NOT NULL, "
        "explanation TEXT NOT NULL, grade TEXT NOT NULL, score INTEGER, rating TEXT, "
        "hints INTEGER NOT NULL, at TEXT NOT NULL, before TEXT, rated_at TEXT, part_of INTEGER)",
        "INSERT INTO attempts_3 SELECT id, profile, topic, title, question, explanation, grade, "
        "score, rating, hints, at, before, rated_at, NULL FROM attempts",
        "DROP TABLE attempts",
        "ALTER TABLE attempts_3 RENAME TO attempts",
        "CREATE INDEX attempts_of ON attempts (profile, topic, at)",
        "CREATE TABLE plans (profile TEXT PRIMARY KEY, plan TEXT NOT NULL)",
        # `until` is a day (ISO): buried till then; "": suspended.
        "CREATE TABLE held (profile TEXT NOT NULL, topic TEXT NOT NULL, until TEXT NOT NULL, "
        "PRIMARY KEY (profile, topic))",
        "CREATE TABLE appeals (id INTEGER PRIMARY KEY, attempt INTEGER NOT NULL, "
        "profile TEXT NOT NULL, topic TEXT NOT NULL, point TEXT NOT NULL, kind TEXT NOT NULL, "
        "words TEXT NOT NULL, status_before TEXT NOT NULL, status_after TEXT NOT NULL, "
        "at TEXT NOT NULL, UNIQUE (attempt, point))",
        "CREATE TABLE interviews (id INTEGER PRIMARY KEY, profile TEXT NOT NULL, "
        "state TEXT NOT NULL, open INTEGER NOT NULL, started TEXT NOT NULL, updated TEXT NOT NULL)",
        # What a practised note looked like, to know it again under another name; and where it went.
        "CREATE TABLE note_marks (topic TEXT PRIMARY KEY, mark TEXT NOT NULL)",
        "CREATE TABLE moves (before TEXT PRIMARY KEY, after TEXT NOT NULL)",
    ],
]
# Tables that know a topic by its key.
TOPIC_TABLES = ("cards", "attempts", "drafts", "held", "appeals", "note_marks")


def practice_file(path: Path) -> Database:
    """The practice database of one installation."""
    return Database(path, "practice history", _MIGRATIONS)
