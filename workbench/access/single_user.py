"""While there are no users: one person at this machine needs no login, and nobody else is let in."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from time import monotonic
from urllib.parse import unquote

from sqlalchemy import Engine
from starlette.datastructures import Headers
from starlette.types import Scope

from db.engine import reading
from db.errors import UserError
from db.types import Role
from db.users import MAX_NAME, any_users
from workbench.access.who import Asker
from workbench.settings import is_loopback

HEADER, DEFAULT_PERSON = "x-annotator", "me"
HOW_TO_ADD = "workbench users add NAME --role admin"
# What reverse proxies add: such a request comes from somewhere else, whatever its address says.
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


class Users:
    """Whether there is anybody who could log in. Nobody is ever deleted, so once somebody is there it is remembered.

    That there is nobody holds for `memory_s` seconds; then the database is asked again.
    """

    def __init__(self, engine: Engine, *, memory_s: float = 0.0, clock: Callable[[], float] = monotonic) -> None:
        self._engine = engine
        self._memory_s = memory_s
        self._clock = clock
        self._exist = False
        self._nobody_until = -inf

    def exist(self) -> bool:
        if not self._exist and self._clock() >= self._nobody_until:
            with reading(self._engine) as session:
                self._exist = any_users(session)
            self._nobody_until = self._clock() + self._memory_s
        return self._exist


def single_user(headers: Headers) -> Asker:
    """Whoever works at this machine, under the name that the page sends percent-encoded.

    Raises UserError where it cannot be a name.
    """
    name = unquote(headers.get(HEADER, "")).strip() or DEFAULT_PERSON
    if len(name) > MAX_NAME or not name.isprintable():
        raise UserError(f"a name has 1–{MAX_NAME} printable characters")
    return Asker(person=name, role=Role.ADMIN, logged_in=False)


def is_local(scope: Scope) -> bool:
    """Whether a request was sent on this very machine, and not handed on by a proxy that runs on it."""
    host, _port = scope.get("client") or ("", 0)
    headers = Headers(scope=scope)
    return is_loopback(host) and not any(name in headers for name in _FORWARDED)


def check_listening(users: Users, host: str) -> None:
    """Raises UserError where others could reach a service that knows nobody to let in."""
    if not is_loopback(host) and not users.exist():
        raise UserError(f"no users yet, so only 127.0.0.1 may be listened on, not {host}; first run: {HOW_TO_ADD}")
