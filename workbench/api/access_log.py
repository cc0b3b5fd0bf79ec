"""A request id and one log line per request, for any ASGI app. Addresses' queries and bodies are never logged."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "x-request-id"
UNMATCHED = "unmatched"
_ACCEPTED_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestSummary:
    """One answered request. `route` is the template, not the address; `model` is what a route has said answered."""

    request_id: str
    method: str
    route: str
    status: int
    seconds: float
    model: str


class AccessLog:
    """Middleware: keeps a caller's `X-Request-Id` or makes one, sends it back, and tells `observe` what was answered.

    Requests on `quiet` routes are logged at DEBUG only.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        observe: Callable[[RequestSummary], None] | None = None,
        quiet: frozenset[str] = frozenset(),
    ) -> None:
        self._app = app
        self._observe = observe
        self._quiet = quiet

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if _ACCEPTED_ID.fullmatch(given) else uuid4().hex
        # Starlette's own place for what belongs to one request: `request.state`.
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        started, status = perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            self._tell(
                RequestSummary(
                    request_id=request_id,
                    method=scope["method"],
                    route=getattr(scope.get("route"), "path", UNMATCHED),
                    status=status,
                    seconds=perf_counter() - started,
                    model=state.get("model", ""),
                )
            )

    def _tell(self, summary: RequestSummary) -> None:
        log.log(
            logging.DEBUG if summary.route in self._quiet else logging.INFO,
            "%s %s %d %.1f ms %s %s",
            summary.method,
            summary.route,
            summary.status,
            summary.seconds * 1e3,
            summary.model or "-",
            summary.request_id,
        )
        if self._observe is not None:
            self._observe(summary)
