"""The tables of the kept conversations, and the condition that finds one by its words."""

MIGRATIONS = [
    [
        # AUTOINCREMENT: the id of a deleted chat, perhaps still open somewhere, never names another
        "CREATE TABLE chats (id INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT NOT NULL, "
        "title TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL)",
        "CREATE INDEX chats_of ON chats (owner, updated)",
        "CREATE TABLE turns (id INTEGER PRIMARY KEY AUTOINCREMENT, chat INTEGER NOT NULL "
        "REFERENCES chats (id) ON DELETE CASCADE, question TEXT NOT NULL, answer TEXT NOT NULL, "
        "at TEXT NOT NULL)",
        "CREATE INDEX turns_of ON turns (chat, id)",
        "CREATE TABLE feedback (turn INTEGER PRIMARY KEY REFERENCES turns (id) ON DELETE CASCADE, "
        "verdict TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL)",
    ],
    [
        # A question whose answer is being written: a page or a server that goes away loses nothing.
        "CREATE TABLE asking (chat INTEGER PRIMARY KEY REFERENCES chats (id) ON DELETE CASCADE, "
        "question TEXT NOT NULL, at TEXT NOT NULL)",
    ],
    [
        # What each owner has chosen of the page.
        "CREATE TABLE choices (owner TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, "
        "PRIMARY KEY (owner, name))",
    ],
]

# The sentences alone: the names of JSON fields and the numbers of an answer are nobody's words.
_HERE = (
    "(title LIKE ? ESCAPE '\\' OR EXISTS (SELECT 1 FROM turns WHERE chat = chats.id AND "
    "(question LIKE ? ESCAPE '\\' OR json_extract(answer, '$.answer') LIKE ? ESCAPE '\\')))"
)


def matching(words: str) -> tuple[str, list[str]]:
    """What goes after `WHERE …`, with its values: every one of the words stands somewhere in a
    conversation (its title, a question, an answer)."""
    wanted = words.split()
    return "".join(f"AND {_HERE} " for _ in wanted), [
        f"%{_literal(word)}%" for word in wanted for _ in range(3)
    ]


def _literal(word: str) -> str:
    """A word whose signs mean nothing to LIKE."""
    return "".join(f"\\{sign}" if sign in "\\%_" else sign for sign in word)
