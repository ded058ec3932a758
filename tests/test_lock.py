"""`constraints.txt` names the exact version of whatever may be installed."""

import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.places import REPOSITORY


def test_every_requirement_stands_in_the_lock():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [project["dependencies"], *project["optional-dependencies"].values()]
    wanted = [Requirement(text) for texts in asked for text in texts]
    lines = (REPOSITORY / "constraints.txt").read_text("utf-8").splitlines()
    found = [re.match(r"([^\s#=]+)==([^\s;]+)", line) for line in lines]
    locked = {canonicalize_name(match[1]): match[2] for match in found if match}
    versions = [(wish, locked.get(canonicalize_name(wish.name))) for wish in wanted]
    assert [str(wish) for wish, version in versions if version is None] == []
    assert [str(wish) for wish, version in versions if not wish.specifier.contains(version)] == []


def test_on_linux_torch_is_the_build_without_cuda():
    text = (REPOSITORY / "constraints.txt").read_text("utf-8")
    linux = [line for line in text.splitlines() if line.startswith("torch==") and "!=" not in line]
    assert linux and all("+cpu" in line for line in linux)
