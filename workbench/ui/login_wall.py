"""The wall around the UI: behind it every request has a person, and every page a role."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, unquote

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from db.errors import UserError
from db.types import Role
from workbench.access.access import Access
from workbench.access.single_user import HOW_TO_ADD, is_local, single_user
from workbench.access.who import Asker, set_asker
from workbench.ui.login_cookie import token_in
from workbench.ui.login_html import refusal_page

# The person a page was opened by: it is open in a browser where somebody else may have logged in since.
OPENED_BY = "x-opened-by"
# Said by a page that asks by itself, with nobody at it: such requests do not keep a session alive.
UNATTENDED = "x-unattended"
_PUBLIC = frozenset({"/login", "/healthz"})
_PUBLIC_FILES = "/ui/"
# Beside pages: our own routes, and the files that Gradio's pages are made of. The rest of what Gradio brings (uploads,
# queues, a proxy, its own login) no page of ours uses, so nobody gets it.
_OFFERED = frozenset({"/logout", "/config", "/theme.css", "/favicon.ico", "/manifest.json", "/robots.txt"})
_OFFERED_UNDER = ("/api/", "/assets/", "/static/", "/svelte/")
# Threads of its own: requests that wait for the database must not keep others from being known.
_THREADS = 8


class _Refused(Exception):
    def __init__(self, status: int, detail: str, needed: Role | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.needed = needed


class LoginWall:
    """ASGI middleware; plain ASGI, because Gradio streams.

    `page_roles` maps the paths of pages to who may open them; what is neither a page nor known here is not there for
    anybody. Who asks is told in the scope's state.
    """

    def __init__(self, app: ASGIApp, *, access: Access, page_roles: Mapping[str, Role]) -> None:
        self._app = app
        self._access = access
        self._page_roles = page_roles
        self._threads = CapacityLimiter(_THREADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and not _is_public(scope["path"]):
            try:
                asker = await self._asker(scope)
                self._check_page(scope["path"], asker)
            except _Refused as refused:
                await _refuse(refused, scope, receive, send)
                return
            set_asker(scope.setdefault("state", {}), asker)
        await self._app(scope, receive, send)

    async def _asker(self, scope: Scope) -> Asker:
        token = token_in(HTTPConnection(scope))
        headers = Headers(scope=scope)
        attended = UNATTENDED not in headers
        try:
            users, asker = await to_thread.run_sync(self._look, token, attended, limiter=self._threads)
        except UserError as error:
            raise _Refused(503, str(error)) from error
        if not users:
            return _without_users(scope, headers)
        if asker is None:
            raise _Refused(401, "log in first")
        if unquote(headers.get(OPENED_BY, "")) not in ("", asker.person):
            raise _Refused(401, f"this page was opened by somebody else than {asker.person}")
        return asker

    def _look(self, token: str | None, attended: bool) -> tuple[bool, Asker | None]:
        if not self._access.users.exist():
            return False, None
        return True, None if token is None else self._access.sessions.asker(token, attended=attended)

    def _check_page(self, path: str, asker: Asker) -> None:
        needed = self._page_roles.get(f"/{path.strip('/')}")
        if needed is None:
            if path not in _OFFERED and not path.startswith(_OFFERED_UNDER):
                raise _Refused(404, "there is nothing here")
            return
        if not asker.role.covers(needed):
            told = f"this page needs the role {needed.value}; {asker.person} is {asker.role.value}"
            raise _Refused(403, told, needed)


def _is_public(path: str) -> bool:
    return path in _PUBLIC or path.startswith(_PUBLIC_FILES)


def _without_users(scope: Scope, headers: Headers) -> Asker:
    if not is_local(scope):
        raise _Refused(403, f"there are no users yet, so only this machine itself is let in; on it, run: {HOW_TO_ADD}")
    try:
        return single_user(headers)
    except UserError as error:
        raise _Refused(422, str(error)) from error


async def _refuse(refused: _Refused, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": refused.detail[:120]})
        return
    await _refusal(refused, scope)(scope, receive, send)


def _refusal(refused: _Refused, scope: Scope) -> Response:
    headers = Headers(scope=scope)
    if not _is_navigation(scope, headers):
        return JSONResponse({"detail": refused.detail}, refused.status, {"Cache-Control": "no-store"})
    if refused.status == 401:
        return RedirectResponse(f"/login?next={quote(_asked(scope), safe='')}", 303)
    return refusal_page(headers, status=refused.status, detail=refused.detail, needed=refused.needed)


def _asked(scope: Scope) -> str:
    """The path and query as the browser wrote them."""
    query = scope["query_string"].decode("latin-1")
    return quote(scope["path"]) + (f"?{query}" if query else "")


def _is_navigation(scope: Scope, headers: Headers) -> bool:
    """Whether a person is about to look at the answer, not a script to read it."""
    return (
        scope["method"] in ("GET", "HEAD")
        and "text/html" in headers.get("accept", "")
        and not scope["path"].startswith(("/api/", "/gradio_api/", "/config"))
    )
