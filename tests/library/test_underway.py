"""How long a build takes yet."""

from pathlib import Path

from rag.library.underway import Builds

FOLDER = Path("index")


def test_what_an_earlier_build_read_is_no_work_of_this_one():
    now = [0.0]
    builds = Builds(lambda: now[0])
    with builds.told(FOLDER, 1000, lambda *told: None) as tell:
        now[0] = 7.0  # what is held is read again
        tell("notes", 900, 1000)
        assert builds.of(FOLDER).left_s is None
        now[0] = 17.0
        tell("notes", 910, 1000)
        assert builds.of(FOLDER).left_s == 90.0


def test_more_notes_than_files_are_of_nobody_knows_how_many():
    builds = Builds()
    with builds.told(FOLDER, 1, lambda *told: None) as tell:
        tell("read", 5, 0)
        assert (builds.of(FOLDER).read, builds.of(FOLDER).of) == (5, 0)
