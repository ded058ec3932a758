"""How a wheel is built: our notes, which lie beside the package in the repository, go into it.

Setuptools calls this (`[tool.setuptools.cmdclass]` in pyproject.toml); nothing else imports it.
"""

import shutil
from pathlib import Path

from setuptools.command.build_py import build_py

SOURCE, TARGET = "corpus", "rag/_corpus"


class BuildWithCorpus(build_py):
    """`build_py`, and `corpus/` as `rag/_corpus`. An editable install reads it where it lies."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            for source, target in self._notes().items():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        return [
            *super().get_outputs(include_bytecode),
            *([] if self.editable_mode else map(str, self._notes().values())),
        ]

    def get_source_files(self) -> list[str]:
        """What a source distribution holds."""
        ours = map(str, self._notes())
        return [*super().get_source_files(), *ours]  # type: ignore[no-untyped-call]

    def _notes(self) -> dict[Path, Path]:
        """File of a note → where it is built."""
        source, target = Path(SOURCE), Path(self.build_lib, TARGET)
        return {
            path: target / path.relative_to(source)
            for path in sorted(source.rglob("*"))
            if path.is_file() and not any(part.startswith(".") for part in path.parts)
        }
