"""Where things are that tests read."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
CORPUS = REPOSITORY / "corpus"
DATA = Path(__file__).resolve().parent / "data"
