"""Logins for a server that others can reach: names and scrypt hashes in one file (mode 0600).

scrypt: RFC 7914, with OWASP's parameters N=2^15, r=8, p=1 and a random salt of 16 bytes. A login
may have one API key: 256 random bits, of which only the SHA-256 is kept (nothing to guess, so
nothing to slow down). A new password or a removed login takes the key with it.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.errors import RagError, UsageError
from rag.storage.atomic import write_atomic
from rag.storage.locked import locked

SHORTEST = 8
KEY_PREFIX = "sk-rag-"  # the form that chat front ends and our log redaction know
_COST = {"n": 2**15, "r": 8, "p": 1, "maxmem": 64 * 1024 * 1024}


class Accounts:
    """Who may log in. Reads the file at every check, so that changes hold at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        """All names, sorted.

        Raises:
            RagError: the file is damaged.
        """
        return sorted(self._read())

    def stamps(self) -> dict[str, str]:
        """Name → a text that changes with the password, which it does not tell."""
        return {name: user["salt"] for name, user in self._read().items()}

    def set(self, name: str, password: str) -> None:
        """Add a login or change its password.

        Raises:
            UsageError: the name is empty, too long or odd, or the password too short.
        """
        if not name or len(name) > 40 or not name.isprintable() or name != name.strip():
            raise UsageError(
                "A name has 1 to 40 printable characters; choose another. 请换个名字。"
            )
        if len(password) < SHORTEST:
            raise UsageError(
                f"A password has at least {SHORTEST} characters; choose a longer one. 密码太短。"
            )
        salt = secrets.token_bytes(16)
        stored = {"salt": salt.hex(), "hash": _hash(password, salt).hex()}
        with self._changed() as users:
            users[name] = stored

    def remove(self, name: str) -> None:
        """Take a login away.

        Raises:
            UsageError: there is none of that name.
        """
        with self._changed() as users:
            if users.pop(name, None) is None:
                raise UsageError(f"There is no login '{name}'; see `rag user list`. 没有这个用户。")

    def new_key(self, name: str) -> str:
        """A fresh API key for a login; an earlier one no longer holds.

        Raises:
            UsageError: there is no login of that name.
        """
        key = f"{KEY_PREFIX}{secrets.token_urlsafe(32)}"
        with self._changed() as users:
            if name not in users:
                raise UsageError(
                    f"There is no login '{name}'; run `rag user add {name}` first. 没有这个用户。"
                )
            users[name]["key"] = _key_hash(key)
        return key

    def key_owner(self, key: str) -> str | None:
        """The login that an API key belongs to; None for a key that does not hold."""
        given = _key_hash(key)
        owner = None
        for name, user in self._read().items():
            if "key" in user and hmac.compare_digest(user["key"], given):
                owner = name
        return owner

    def check(self, name: str, password: str) -> bool:
        """Whether name and password belong together; as slow for an unknown name."""
        stored = self._read().get(name)
        salt = bytes.fromhex(stored["salt"]) if stored else b"\0" * 16
        given = _hash(password, salt)
        return stored is not None and hmac.compare_digest(given, bytes.fromhex(stored["hash"]))

    @contextmanager
    def _changed(self) -> Iterator[dict[str, dict[str, str]]]:
        """The logins, to be changed and then written, nobody else changing them meanwhile.

        Raises:
            RagError: another program keeps them, or they cannot be written.
        """
        with locked(self._path, "The logins in", "are"):
            users = self._read()
            yield users
            write_atomic(self._path, json.dumps(users, indent=1).encode(), mode=0o600)

    def _read(self) -> dict[str, dict[str, str]]:
        try:
            users = json.loads(self._path.read_text(encoding="utf-8"))
            return {
                str(name): {"salt": u["salt"], "hash": u["hash"]}
                | ({"key": str(u["key"])} if "key" in u else {})
                for name, u in users.items()
            }
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
            raise RagError(
                f"The logins in {self._path} cannot be read; restore the file, or delete it and "
                "run `rag user add NAME`."
            ) from error


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, **_COST)


def _key_hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
