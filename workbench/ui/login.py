"""The routes of the login: the page, the way in, the way out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from anyio import to_thread
from fastapi import APIRouter, HTTPException, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from workbench.access.access import Access
from workbench.access.logins import Login, TooManyTriesError, WrongPasswordError
from workbench.access.single_user import HOW_TO_ADD
from workbench.ui.local_path import local_path
from workbench.ui.login_cookie import give_token, take_token, token_in
from workbench.ui.login_html import Said, login_page

_MOST_BYTES = 20_000
_NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """What somebody typed; `form` says whether a page of theirs waits for a page, or a script for JSON."""

    name: str
    password: str
    wanted: str
    form: bool


def login_routes(access: Access) -> APIRouter:
    """GET and POST /login, which are open to everybody, and POST /logout."""
    router = APIRouter()

    @router.get("/login")
    async def page(request: Request, next: str = "") -> Response:
        wanted = local_path(next)
        if await to_thread.run_sync(_needs_no_login, access, token_in(request)):
            return RedirectResponse(wanted, 303, _NO_STORE)
        return login_page(request.headers, wanted=wanted)

    @router.post("/login")
    async def login(request: Request) -> Response:
        asked = _read(await _body(request), request.headers.get("content-type", ""))
        if not await to_thread.run_sync(access.users.exist):
            raise HTTPException(409, f"there are no users yet, so there is nobody to log in; run: {HOW_TO_ADD}")
        address = request.client.host if request.client else ""
        try:
            done = await access.logins.login(asked.name, asked.password, address, old_token=token_in(request))
        except (WrongPasswordError, TooManyTriesError) as error:
            return _refusal(request, asked, error)
        return _welcome(request, asked, done, access)

    router.include_router(_logout_routes(access))
    return router


def _logout_routes(access: Access) -> APIRouter:
    router = APIRouter()

    @router.get("/logout")
    async def no_logout_by_link() -> None:
        # Any site could hold a link, and Gradio would answer it.
        raise HTTPException(405, "log out with the button", {"Allow": "POST"})

    @router.post("/logout")
    async def logout(request: Request) -> Response:
        token = token_in(request)
        if token is not None:
            await to_thread.run_sync(access.logins.logout, token)
        page_waits = "text/html" in request.headers.get("accept", "")
        answer = RedirectResponse("/login", 303) if page_waits else Response(status_code=204)
        take_token(answer, request)
        return answer

    return router


def _needs_no_login(access: Access, token: str | None) -> bool:
    if not access.users.exist():
        return True
    return token is not None and access.sessions.asker(token) is not None


def _welcome(request: Request, asked: _Asked, login: Login, access: Access) -> Response:
    answer: Response
    if asked.form:
        answer = RedirectResponse(asked.wanted, 303, _NO_STORE)
    else:
        told = {"person": login.user.name, "role": login.user.role.value, "next": asked.wanted}
        answer = JSONResponse(told, headers=_NO_STORE)
    give_token(answer, request, login.token, access.limits.longest)
    return answer


def _refusal(request: Request, asked: _Asked, error: WrongPasswordError | TooManyTriesError) -> Response:
    if isinstance(error, TooManyTriesError):
        status, headers = 429, {"Retry-After": str(error.seconds)}
        said = Said(key="login_too_many", values={"seconds": error.seconds})
    else:
        status, headers, said = 401, {}, Said(key="login_wrong")
    if not asked.form:
        return JSONResponse({"detail": str(error)}, status, headers | _NO_STORE)
    page = login_page(request.headers, wanted=asked.wanted, name=asked.name[:255], error=said, status=status)
    page.headers.update(headers)
    return page


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise HTTPException(413, f"at most {_MOST_BYTES} bytes")
    return bytes(body)


def _read(body: bytes, content_type: str) -> _Asked:
    """Raises HTTPException 415 or 422, which do not repeat what was sent."""
    kind = content_type.partition(";")[0].strip().lower()
    fields: Any
    try:
        if kind == "application/json":
            fields = json.loads(body)
        elif kind == "application/x-www-form-urlencoded":
            parsed = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=10, errors="strict")
            fields = {name: values[0] for name, values in parsed.items()}
        else:
            raise HTTPException(415, "send the login as JSON or as a form")
        name, password, wanted = fields["name"], fields["password"], fields.get("next") or ""
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise HTTPException(422, "a login is a name and a password") from None
    if not all(isinstance(field, str) for field in (name, password, wanted)):
        raise HTTPException(422, "a login is a name and a password")
    return _Asked(name=name, password=password, wanted=local_path(wanted), form=kind != "application/json")
