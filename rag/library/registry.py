"""Named collections: folders of notes, each with an index of its own, and their registry on disk.

data_dir/collections.json   full name → folder, owner, whether the folder is ours
data_dir/uploads/           the folders that are ours: uploads go there, and only there we delete
"""

import json
import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rag.errors import CorpusError, RagError, UsageError, os_reason
from rag.notes.note_key import DEFAULT
from rag.storage.atomic import write_atomic
from rag.storage.locked import locked

_NAME = re.compile(r"[\w-]{1,40}")  # \w: letters and digits of any script, and _


@dataclass(frozen=True, slots=True)
class Collection:
    """A folder of notes under a name.

    Attributes:
        name: the full name: `papers`, `alice/papers` for what the login alice made, or `default`.
        folder: absolute.
        owner: the login that made it; "" is everybody's to read.
        uploaded: the folder is ours, so files may be put there and deleted; else it is only read.
    """

    name: str
    folder: Path
    owner: str = ""
    uploaded: bool = False

    def readable_by(self, user: str) -> bool:
        """`user` is a login, "" where the server asks for none."""
        return self.owner in {"", user}

    def changeable_by(self, user: str) -> bool:
        """Whoever made it; what was made without a login is read-only for those with one."""
        return self.owner == user


class Registry:
    """The collections of one data folder. Reads the file at every call: changes hold at once."""

    def __init__(self, data_dir: Path, default_folder: Path) -> None:
        self._path = data_dir / "collections.json"
        self._uploads = data_dir / "uploads"
        self._default = Collection(DEFAULT, default_folder)

    def all(self) -> list[Collection]:
        """The default one, then the named ones in order of name.

        Raises:
            RagError: the registry is damaged.
        """
        return [self._default, *(found for _, found in sorted(self._read().items()))]

    def get(self, name: str) -> Collection:
        """
        Raises:
            UsageError: there is no collection of that name.
        """
        if name == DEFAULT:
            return self._default
        known = self._read()
        if name not in known:
            shared = [DEFAULT, *sorted(key for key, item in known.items() if not item.owner)]
            raise UsageError(
                f"There is no collection '{name}'; there are: {', '.join(shared)}. 没有这个笔记集。"
            )
        return known[name]

    def add(self, name: str, folder: Path) -> Collection:
        """Register a user's folder; the same name for the same folder is no error.

        Raises:
            UsageError: the name is unfit, or stands for another folder.
            CorpusError: the folder does not exist.
        """
        folder = folder.expanduser().resolve()
        if not folder.is_dir():
            raise CorpusError(f"{folder} is not a folder; name a folder of notes.")
        wanted = Collection(check_name(name), folder)
        with self._locked() as known:
            found = known.get(wanted.name)
            if found is not None and found.folder != folder:
                raise UsageError(
                    f"The collection '{wanted.name}' stands for {found.folder}; choose another "
                    f"name, or run `rag collections remove {wanted.name}` first. 名称已被使用。"
                )
            if found is None:
                self._write({**known, wanted.name: wanted})
        return found or wanted

    def create(self, name: str, owner: str = "") -> Collection:
        """A new, empty collection in a folder of ours, to be filled by uploads.

        Raises:
            UsageError: the name is unfit or taken.
        """
        name = check_name(name)
        full = f"{owner}/{name}" if owner else name
        # The folder's name is not the collection's: that one can be changed and used again.
        made = Collection(full, self._uploads / f"{name}-{secrets.token_hex(4)}", owner, True)
        with self._locked() as known:
            if full in known:
                raise UsageError(
                    f"There is a collection '{name}' already; choose another name. 名称已被使用。"
                )
            try:
                made.folder.mkdir(parents=True)
            except OSError as error:
                raise RagError(f"Cannot make {made.folder}: {error.strerror}.") from error
            self._write({**known, full: made})
        return made

    def rename(self, name: str, new: str) -> Collection:
        """Give a collection another name; folder and index stay where they are.

        Raises:
            UsageError: there is none of that name, or the new name is unfit or taken.
        """
        new = check_name(new)
        with self._locked() as known:
            before = self._named(known, name)
            full = f"{before.owner}/{new}" if before.owner else new
            if full in known:
                raise UsageError(
                    f"There is a collection '{new}' already; choose another name. 名称已被使用。"
                )
            after = Collection(full, before.folder, before.owner, before.uploaded)
            self._write({**{k: v for k, v in known.items() if k != name}, full: after})
        return after

    def remove(self, name: str) -> Collection:
        """Forget a collection; uploaded files go with it, a user's own folder stays untouched.

        Raises:
            UsageError: there is none of that name.
        """
        with self._locked() as known:
            gone = self._named(known, name)
            self._write({k: v for k, v in known.items() if k != name})
            if gone.uploaded and gone.folder.parent == self._uploads:
                shutil.rmtree(gone.folder, ignore_errors=True)
        return gone

    def _named(self, known: dict[str, Collection], name: str) -> Collection:
        if name == DEFAULT:
            raise UsageError(
                "The default collection is the `corpus` setting and cannot be renamed or removed."
            )
        return known[name] if name in known else self.get(name)

    @contextmanager
    def _locked(self) -> Iterator[dict[str, Collection]]:
        """The registry as it is, nobody else changing it meanwhile."""
        with locked(self._path, "The list of collections", "is"):
            yield self._read()

    def _read(self) -> dict[str, Collection]:
        try:
            rows = json.loads(self._path.read_text(encoding="utf-8"))["collections"]
            return {
                str(name): Collection(
                    str(name), Path(row["folder"]), str(row["owner"]), bool(row["uploaded"])
                )
                for name, row in rows.items()
            }
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise RagError(
                f"The list of collections in {self._path} cannot be read: "
                f"{os_reason(error, 'set RAG_DATA_DIR to another folder')}."
            ) from error
        except (ValueError, AttributeError, KeyError, TypeError) as error:
            raise RagError(
                f"The list of collections in {self._path} cannot be read; restore the file, or "
                "delete it and run `rag index PATH --collection NAME` again."
            ) from error

    def _write(self, known: dict[str, Collection]) -> None:
        rows = {
            name: {"folder": str(c.folder), "owner": c.owner, "uploaded": c.uploaded}
            for name, c in known.items()
        }
        text = json.dumps({"collections": rows}, ensure_ascii=False, indent=1)
        write_atomic(self._path, text.encode("utf-8", "surrogateescape"))


def check_name(name: str) -> str:
    """The name in Unicode's composed form.

    Raises:
        UsageError: it is empty, too long, or has anything but letters, digits, - and _.
    """
    name = unicodedata.normalize("NFC", name.strip())
    if not _NAME.fullmatch(name) or name == DEFAULT or name.startswith("-"):
        raise UsageError(
            "A collection's name has 1 to 40 letters, digits, - or _ and is not 'default'; choose "
            "another. 名称只能用 1 到 40 个文字、数字、- 或 _，请换一个。"
        )
    return name
