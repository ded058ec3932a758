"""Whatever an uploaded file is called, it lies in its collection's folder, and only there."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import RagError
from rag.library.registry import Collection
from rag.library.uploads import UploadLimits, delete, files_of, safe_name, save

NAMES = st.one_of(
    st.text(max_size=40),
    st.builds("{}{}".format, st.text(max_size=300), st.sampled_from([".md", ".PDF", ".zip"])),
    st.lists(
        st.sampled_from(["..", ".", "/", "\\", "C:", "a", "\u202e", "\x00", "~", "文", ".md", " "])
    ).map("".join),
)  # fmt: skip
LIMITS = UploadLimits(file_bytes=100, all_bytes=1000, files=20)


@given(NAMES)
@settings(max_examples=300, deadline=None)
def test_names_saved_and_deleted(name):
    folder = Path(tempfile.mkdtemp())
    try:
        source = folder / "source"
        source.write_bytes(b"x")
        made = Collection("c", folder / "c", "", True)
        made.folder.mkdir()
        try:
            stored = save(made, name, source, LIMITS)
        except RagError as error:
            assert str(error) and files_of(made) == []
            return
        assert stored == safe_name(name) == safe_name(stored)
        assert [path.name for path in files_of(made)] == [stored]
        assert len(stored.encode()) < 200 and stored.isprintable()
        assert sorted(path.name for path in folder.iterdir()) == ["c", "source"]
        try:
            delete(made, name)  # by another name it deletes that one or nothing
        except RagError:
            delete(made, stored)
        assert files_of(made) == [] and source.exists()
    finally:
        shutil.rmtree(folder)
