"""The page of people: who may log in, in which role, and which programs ask in whose name."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import Field
from sqlalchemy import Engine

from db.api_tokens import ApiToken, Scope
from db.tables import utcnow
from db.types import Role
from db.users import User
from workbench.access import people
from workbench.access.passwords import new_password
from workbench.access.routes import Person, needs
from workbench.web.bodies import Body, StoredText

_TokenId = Annotated[int, Field(ge=1, le=2**31 - 1)]


class NewUserBody(Body):
    name: StoredText
    role: Role


class UserChangeBody(Body):
    """What is left out stays as it is."""

    name: StoredText
    role: Role | None = None
    active: bool | None = None


class UserBody(Body):
    name: StoredText


class NewTokenBody(Body):
    """`owner` is the name of a user; without `days` the token works until it is revoked."""

    name: StoredText
    owner: StoredText
    scopes: Annotated[list[Scope], Field(max_length=10)]
    days: int | None = None


def _not_stored(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"


def users_routes(engine: Engine) -> APIRouter:
    """Routes under /api/users. Passwords and secrets are made here, and answered once."""
    router = APIRouter(prefix="/api/users", dependencies=[needs(Role.ADMIN), Depends(_not_stored)])

    @router.get("")
    def everybody() -> dict[str, Any]:
        now = utcnow()
        tokens = [_token(token, now) for token in people.tokens(engine)]
        return {"users": [_user(user) for user in people.people(engine)], "tokens": tokens, "scopes": list(Scope)}

    @router.post("", status_code=201)
    def add(body: NewUserBody, by: Person) -> dict[str, Any]:
        password = new_password()
        return {"user": _user(people.add_user(engine, body.name, body.role, password, by=by)), "password": password}

    @router.patch("")
    def change(body: UserChangeBody, by: Person) -> dict[str, Any]:
        return {"user": _user(people.change_user(engine, body.name, role=body.role, active=body.active, by=by))}

    @router.post("/password")
    def reset_password(body: UserBody, by: Person) -> dict[str, Any]:
        password = new_password()
        return {"user": _user(people.change_user(engine, body.name, password=password, by=by)), "password": password}

    @router.post("/tokens", status_code=201)
    def add_token(body: NewTokenBody, by: Person) -> dict[str, Any]:
        token, secret = people.add_token(engine, body.name, body.owner, body.scopes, days=body.days, by=by)
        return {"token": _token(token, utcnow()), "secret": secret}

    @router.post("/tokens/{token_id}/revoke")
    def revoke(token_id: _TokenId, by: Person) -> dict[str, Any]:
        return {"token": _token(people.end_token(engine, token_id, by=by), utcnow())}

    return router


def _user(user: User) -> dict[str, Any]:
    return {"name": user.name, "role": user.role, "active": user.active, "created_at": user.created_at}


def _token(token: ApiToken, now: datetime) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "owner": token.owner,
        "scopes": token.scopes,
        "works": token.works(now),
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "used_at": token.used_at,
        "revoked_at": token.revoked_at,
    }
