"""After the grade: what could have been said, and what changed since the last attempt."""
