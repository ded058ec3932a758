"""`rag user …`: who may log in where the server can be reached from elsewhere."""

import sys
from typing import Annotated

import typer

from rag.cli.common import accounts

app = typer.Typer(help="Logins for an open server. 登录账号", no_args_is_help=True)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Login name.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from stdin.")
    ] = False,
) -> None:
    """Add a login, or change its password. 添加用户或修改密码"""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = typer.prompt("Password 密码", hide_input=True, confirmation_prompt=True)
    accounts().set(name, password)
    print(f"{name}: ok")


@app.command("list")
def list_() -> None:
    """Print the names. 列出用户"""
    for name in accounts().names():
        print(name)


@app.command()
def key(name: Annotated[str, typer.Argument(help="Login name.")]) -> None:
    """Print a new API key for /v1 (it is shown once; an earlier one ends). 生成 API 密钥"""
    print(accounts().new_key(name))


@app.command()
def remove(name: Annotated[str, typer.Argument(help="Login name.")]) -> None:
    """Take a login away. 删除用户"""
    accounts().remove(name)
    print(f"{name}: removed")
