"""Files and databases: atomic writes, SQLite with migrations."""
