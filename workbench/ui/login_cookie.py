"""The cookie that holds a session's token: for this host only, never for scripts, never for other sites' requests."""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import HTTPConnection
from starlette.responses import Response

NAME = "wb_session"
# Browsers take this name only from https, for this very host: no neighbour can plant such a cookie.
_SECURE_NAME = f"__Host-{NAME}"


def token_in(connection: HTTPConnection) -> str | None:
    """The token that the browser sent, if any."""
    return connection.cookies.get(_name(connection)) or None


def give_token(response: Response, connection: HTTPConnection, token: str, lasts: timedelta) -> None:
    response.set_cookie(
        _name(connection),
        token,
        max_age=int(lasts.total_seconds()),
        path="/",
        secure=_is_secure(connection),
        httponly=True,
        samesite="lax",
    )


def take_token(response: Response, connection: HTTPConnection) -> None:
    response.delete_cookie(_name(connection), path="/", secure=_is_secure(connection), httponly=True, samesite="lax")


def _name(connection: HTTPConnection) -> str:
    return _SECURE_NAME if _is_secure(connection) else NAME


def _is_secure(connection: HTTPConnection) -> bool:
    return connection.scope.get("scheme") in ("https", "wss")
