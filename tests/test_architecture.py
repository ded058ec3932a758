"""What import-linter (see pyproject.toml) does not see: sizes, names, and what `--help` costs."""

import subprocess
import sys
import tomllib
from collections import Counter

from tests.places import REPOSITORY

MODULES = [path for room in ("rag", "ui") for path in (REPOSITORY / room).rglob("*.py")]
LONGEST = 300  # lines: what a person reads in one sitting
MOST = 15  # modules in a folder, beside its __init__


def test_modules_can_be_read_in_one_sitting():
    long = {str(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {path: lines for path, lines in long.items() if lines > LONGEST} == {}


def test_folders_can_be_overlooked():
    modules = Counter(path.parent for path in MODULES if path.name != "__init__.py")
    assert {folder: n for folder, n in modules.items() if n > MOST} == {}


def test_no_module_has_the_name_of_another_or_of_the_standard_library():
    names = Counter(path.stem for path in MODULES if not path.stem.startswith("__"))
    assert {name for name, count in names.items() if count > 1} == set()
    assert set(names) & sys.stdlib_module_names == set()


def test_every_room_has_its_place_in_the_order():
    contracts = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["tool"]
    layers = contracts["importlinter"]["contracts"][0]["layers"]
    ordered = Counter(room.strip() for layer in layers for room in layer.split("|"))
    rooms = {
        f"rag.{path.stem}"
        for path in (REPOSITORY / "rag").iterdir()
        if (path.suffix == ".py" and not path.stem.startswith("__"))
        or (path / "__init__.py").is_file()
    }
    assert set(ordered) == rooms | {"ui"}
    assert set(ordered.values()) == {1}


def test_help_imports_nothing_heavy():
    code = (
        "import sys, rag.cli.main; "
        "sys.exit(any(m in sys.modules for m in ('torch', 'faiss', 'langchain_core', 'gradio')))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
