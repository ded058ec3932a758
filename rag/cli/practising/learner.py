"""Whose practice a command is about."""

from typing import Annotated

import typer


def _checked(name: str) -> str:
    from rag.practice.history import check_profile

    return check_profile(name)


Profile = Annotated[
    str, typer.Option("--profile", callback=_checked, help="Whose practice. 学习者")
]
