"""Commands about people: who may log in, and which programs may ask in whose name."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated, Any

import typer

from db.api_tokens import ApiToken, Scope
from db.errors import UserError
from db.tables import utcnow
from db.types import Role
from db.users import User
from workbench.cli.console import Json, show
from workbench.wiring import open_workbench

users = typer.Typer(help="The people who may log in: list, add, change.", invoke_without_command=True)
tokens = typer.Typer(
    help="Keys for programs that use the prediction API: list, add, revoke.", invoke_without_command=True
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="As it is written; upper and lower case are the same.")]
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


@users.callback()
def list_users(context: typer.Context, json: Json = False) -> None:
    """The people who may log in; with a command, add or change one."""
    if context.invoked_subcommand is not None:
        return
    from workbench.access import people

    found = people.people(open_workbench().engine)
    lines = [f"{user.name}  ({user.role.value}{'' if user.active else ', inactive'})" for user in found]
    none = "no users yet; on this machine nobody needs to log in; workbench users add NAME --role admin makes the first"
    show({"users": [_user(user) for user in found]}, lines or [none], as_json=json)


@users.command("add")
def add_user(
    name: Name,
    role: Annotated[Role, typer.Option(help="What they may do; the first user has to be an admin.")],
    password_stdin: PasswordStdin = False,
    json: Json = False,
) -> None:
    """Add a person. Asks for a password on a terminal; elsewhere makes one up and shows it once."""
    from workbench.access import people
    from workbench.access.passwords import new_password

    workbench = open_workbench()
    given = _password(password_stdin)
    made = None if given is not None else new_password()
    user = people.add_user(workbench.engine, name, role, given or made or "")
    lines = [f"{user.name} may log in as {user.role.value}"]
    if made is not None:
        lines.append(f"password, shown this once: {made}")
    show(_user(user) | ({} if made is None else {"password": made}), lines, as_json=json)


@users.command("set")
def set_user(
    name: Name,
    role: Annotated[Role | None, typer.Option(help="What they may do from now on.")] = None,
    password_stdin: PasswordStdin = False,
    active: Annotated[bool | None, typer.Option("--active/--inactive", help="Let them in, or shut them out.")] = None,
    json: Json = False,
) -> None:
    """Change a person's role or password, or whether they may log in. Shutting out ends their sessions and tokens."""
    from workbench.access import people

    if role is None and active is None and not password_stdin:
        raise UserError(f"user {name!r}: say what to change: --role, --password-stdin, --active or --inactive")
    workbench = open_workbench()
    password = _password(password_stdin) if password_stdin else None
    user = people.change_user(workbench.engine, name, role=role, active=active, password=password)
    state = "may log in" if user.active else "may not log in"
    lines = [f"{user.name} {state} as {user.role.value}" + (", with a new password" if password is not None else "")]
    show(_user(user), lines, as_json=json)


@tokens.callback()
def list_tokens(context: typer.Context, json: Json = False) -> None:
    """The tokens there are and were; with a command, add or revoke one."""
    if context.invoked_subcommand is not None:
        return
    from workbench.access import people

    now = utcnow()
    found = people.tokens(open_workbench().engine)
    lines = [
        f"{token.id:>4}  {token.name}  of {token.owner}: {', '.join(token.scopes)}; "
        + (f"last used {_day(token.used_at)}" if token.used_at else "never used")
        + ("" if token.works(now) else "; works no more")
        for token in found
    ]
    none = "no tokens yet; workbench tokens add NAME --owner USER --scope predict makes one"
    show({"tokens": [_token(token, now) for token in found]}, lines or [none], as_json=json)


@tokens.command("add")
def add_token(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for, so that one knows it again.")],
    owner: Annotated[str, typer.Option(metavar="USER", help="In whose name it acts; feedback is theirs.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may be used for; can be given more than once.")],
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="It works so long; without, until revoked.")] = None,
    json: Json = False,
) -> None:
    """Make a token. Its secret is shown this once and nowhere kept."""
    from workbench.access import people

    token, secret = people.add_token(open_workbench().engine, name, owner, scope, days=days)
    until = f" until {_day(token.expires_at)}" if token.expires_at else ""
    lines = [
        f"token {token.id} of {token.owner}: {', '.join(token.scopes)}{until}",
        f"secret, shown this once: {secret}",
    ]
    show(_token(token, utcnow()) | {"secret": secret}, lines, as_json=json)


@tokens.command("revoke")
def revoke_token(
    token_id: Annotated[int, typer.Argument(metavar="ID", help="Its number, as workbench tokens lists it.")],
    json: Json = False,
) -> None:
    """End a token; within seconds nothing answers to it."""
    from workbench.access import people

    token = people.end_token(open_workbench().engine, token_id)
    show(_token(token, utcnow()), [f"token {token.id} ({token.name} of {token.owner}) is revoked"], as_json=json)


def _password(from_stdin: bool) -> str | None:
    """What is typed or piped in; None where nobody is there to ask."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else None


def _user(user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "role": user.role.value,
        "active": user.active,
        "created_at": user.created_at.isoformat(),
    }


def _token(token: ApiToken, now: datetime) -> dict[str, Any]:
    moments = {"created_at", "expires_at", "used_at", "revoked_at"}
    return {
        "id": token.id,
        "name": token.name,
        "owner": token.owner,
        "scopes": list(token.scopes),
        "works": token.works(now),
    } | {key: None if getattr(token, key) is None else getattr(token, key).isoformat() for key in sorted(moments)}


def _day(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"
