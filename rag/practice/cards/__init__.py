"""The notes as cards for Anki: a CSV, or a package with a deck of its own."""
