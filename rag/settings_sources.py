"""Where settings come from: `RAG_*` variables, and one file that the user has chosen.

The file is `rag.toml` in the user's configuration folder, or the one that `--config` or
`RAG_CONFIG` names. A `rag.toml` in the current folder is *not* read: whoever wrote that folder
could have the user's key and passages sent to an address of his own.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from rag.errors import UsageError

PREFIX = "RAG_"
CONFIG = "RAG_CONFIG"
FILE_NAME = "rag.toml"
_FOLDERS = ("corpus", "data_dir", "cache_dir", "log_file")  # relative to the file that names them
_ADDRESSES = ("llm_base_url", "embedding_base_url", "store")
LLM_KEY, STORE_TOKEN = f"{PREFIX}LLM_API_KEY", f"{PREFIX}STORE_TOKEN"
_A_KEY = re.compile(r"(?:API_?KEY|TOKEN)\Z")
_OTHERS = re.compile(r"RAG_STORE|GITHUB_|GH_|GITLAB_|CI_|NPM_|PYPI_|TWINE_|CARGO_|DOCKER_")


def own_file() -> Path:
    """The settings file in the user's configuration folder, whether or not it exists."""
    return user_config_path("interview-notes-rag") / FILE_NAME


def use_file(path: Path) -> None:
    """Read settings from `path` from now on, in this process and those that it starts."""
    os.environ[CONFIG] = str(path.expanduser().absolute())


def file_in_force() -> Path | None:
    """The settings file that is read; None where there is none.

    Raises:
        UsageError: `--config` or `RAG_CONFIG` names none.
    """
    if given := os.environ.get(CONFIG, ""):
        path = Path(given).expanduser().absolute()
        if not path.is_file():
            raise UsageError(f"The settings file {path} (--config or {CONFIG}) does not exist.")
        return path
    return own_file() if own_file().is_file() else None


def read_file(path: Path | None) -> dict[str, Any]:
    """What the file says, its relative folders taken from where it lies.

    Raises:
        UsageError: it cannot be read or is no TOML.
    """
    if path is None:
        return {}
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise UsageError(
            f"The settings file {path} cannot be read ({error}); correct or remove it."
        ) from error
    for name in _FOLDERS:
        if isinstance(found.get(name), str):
            found[name] = str(path.parent / Path(found[name]).expanduser())
    return found


def check_names(known: Iterable[str], environment: Mapping[str, str] = os.environ) -> None:
    """
    Raises:
        UsageError: a `RAG_*` variable names no setting.
    """
    names = {f"{PREFIX}{name.upper()}" for name in known} | {CONFIG}
    wrong = [
        name
        for name in sorted(environment)
        if name.upper().startswith(PREFIX) and name.upper() not in names
    ]
    if not wrong:
        return
    told = []
    for name in wrong:
        near = difflib.get_close_matches(name.upper(), sorted(names), n=1, cutoff=0.5)
        told.append(f"{name} is no setting" + (f"; did you mean {near[0]}?" if near else "."))
    raise UsageError(f"{' '.join(told)} Correct or unset it. 环境变量名有误。")


def check_address(
    path: Path | None,
    found: Mapping[str, Any],
    given: Mapping[str, Any],
    environment: Mapping[str, str] = os.environ,
) -> None:
    """A key from elsewhere goes to no address that a file outside the user's own configuration
    folder names.

    Args:
        found: what the file says.
        given: what the command line or the caller says.

    Raises:
        UsageError: it would.
    """
    if path is None or path == own_file():
        return
    here = {name.upper() for name, value in environment.items() if value}
    here |= {f"{PREFIX}{name.upper()}" for name, value in given.items() if value}
    foreign = [
        name for name in _ADDRESSES if found.get(name) and f"{PREFIX}{name.upper()}" not in here
    ]
    for name in foreign:
        if name == "store":
            keys = [STORE_TOKEN] if STORE_TOKEN in here and "://" in str(found[name]) else []
        elif LLM_KEY in here:
            keys = [LLM_KEY]  # it comes before what the file gives
        else:
            keys = [] if found.get("llm_api_key") else sorted(filter(_may_be_sent, here))
        if keys:
            own = "store_token" if name == "store" else "llm_api_key"
            raise UsageError(
                f"{path} names {name} = {found[name]}, but the key comes from {keys[0]} in the "
                f"environment, and such a key is not sent there. Set {PREFIX}{name.upper()} too, "
                f"put {own} into the file and unset that variable, or use {own_file()}. "
                "环境中的密钥不会发往该文件给出的地址。"
            )


def _may_be_sent(name: str) -> bool:
    """A model's client may look for a key there: each provider's has names of its own."""
    return bool(_A_KEY.search(name)) and not _OTHERS.match(name)
