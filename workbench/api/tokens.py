"""What a request to the API has to bring: a token with the scope of what it asks for, once there are users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import Engine

from db.api_tokens import ApiToken, Scope
from workbench.access.single_user import HOW_TO_ADD, Users, is_local
from workbench.access.tokens import Tokens

_bearer = HTTPBearer(
    auto_error=False, description="A token of `workbench tokens add`. None is needed while there are no users."
)
# Asking at every prediction would cost more than many a prediction does.
_NOBODY_FOR_S = 0.25
_Given = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    """What an app has to know to check its callers; it lies in the app's state."""

    users: Users
    tokens: Tokens


def make_guard(engine: Engine) -> Guard:
    return Guard(users=Users(engine, memory_s=_NOBODY_FOR_S), tokens=Tokens(engine))


class NeedsScope:
    """A dependency that lets through who may do it; a class, so that a test can find it on every route."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(self, request: Request, given: _Given) -> str | None:
        """The name of the token's owner, None while no token is needed. Raises HTTPException 401 or 403."""
        guard: Guard = request.app.state.guard
        if not guard.users.exist():
            _check_local(request)
            return None
        if given is None:
            raise _unknown("send a token: Authorization: Bearer wb_…", "")
        token = guard.tokens.peek(given.credentials)
        if token is None:
            token = await run_in_threadpool(guard.tokens.look_up, given.credentials)
        return self._owner(token)

    def _owner(self, token: ApiToken | None) -> str:
        if token is None:
            raise _unknown("this token does not work: unknown, expired or revoked", ', error="invalid_token"')
        if self.scope not in token.scopes:
            challenge = f'Bearer realm="workbench", error="insufficient_scope", scope="{self.scope.value}"'
            told = f"this needs the scope {self.scope.value}; the token has {', '.join(token.scopes)}"
            raise HTTPException(403, told, {"WWW-Authenticate": challenge})
        return token.owner


def needs_scope(scope: Scope) -> Any:
    """`dependencies=[needs_scope(Scope.PREDICT)]` on a route or a router."""
    return Depends(NeedsScope(scope))


def _check_local(request: Request) -> None:
    if not is_local(request.scope):
        told = f"there are no users yet, so only this machine itself is answered; on it, run: {HOW_TO_ADD}"
        raise HTTPException(403, told)


def _unknown(detail: str, more: str) -> HTTPException:
    return HTTPException(401, detail, {"WWW-Authenticate": f'Bearer realm="workbench"{more}'})
