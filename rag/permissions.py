"""Which collections a visitor may read and change."""

from collections.abc import Sequence

from rag.assistant import Assistant
from rag.errors import UsageError
from rag.library.registry import Collection


def readable(assistant: Assistant, user: str) -> list[Collection]:
    """The shared collections, those of this login, and those that the server was started with.

    Args:
        user: a login; "" where the server asks for none.
    """
    return [
        item
        for item in assistant.library.registry.all()
        if item.readable_by(user) or item.name in assistant.chosen
    ]


def collection_for(assistant: Assistant, name: str, user: str) -> Collection:
    """
    Raises:
        UsageError: there is no such collection, or none that this login may read.
    """
    for item in readable(assistant, user):
        if item.name == name:
            return item
    raise UsageError(f"There is no collection '{name}'; choose another. 没有这个笔记集。")


def changeable(assistant: Assistant, name: str, user: str) -> Collection:
    """
    Raises:
        UsageError: there is no such collection, or this login may only read it.
    """
    found = collection_for(assistant, name, user)
    if not found.changeable_by(user):
        raise UsageError(
            f"'{name}' is shared and read-only for you; create a collection of your own. "
            "共享的笔记集只读，请新建自己的笔记集。"
        )
    return found


def readable_names(assistant: Assistant, names: Sequence[str], user: str) -> list[str]:
    """`names`, each one checked.

    Raises:
        UsageError: one does not exist or belongs to somebody else.
    """
    return [collection_for(assistant, name, user).name for name in names]


def asker(user: str, otherwise: str) -> str:
    """Who waits for the one local engine: a login by whatever door it comes, else a place."""
    return f"login {user}" if user else otherwise


def usable_model(assistant: Assistant, spec: str, user: str) -> str:
    """`spec`, checked: with logins, a visitor may use the server's own model or none; another spec
    could spend the server's key or open one of its files.

    Raises:
        UsageError: it is another.
    """
    if user and spec not in {assistant.settings.llm, "none"}:
        raise UsageError(
            f"This server offers the models {assistant.settings.llm} and none; choose one of them. "
            "只能使用服务器提供的模型。"
        )
    return spec
