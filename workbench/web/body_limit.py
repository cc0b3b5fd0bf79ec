"""A limit on what a request may send, told or not told beforehand; no route can forget it."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimit:
    """Middleware: reading more than `limit` bytes raises HTTPException 413, which the app answers in its own shape.

    `apart` are paths that limit their bodies themselves.
    """

    def __init__(self, app: ASGIApp, *, limit: int, apart: frozenset[str] = frozenset()) -> None:
        self._app = app
        self._limit = limit
        self._apart = apart

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self._apart:
            await self._app(scope, receive, send)
            return
        told = Headers(scope=scope).get("content-length", "")
        read = 0

        async def receiving() -> Message:
            nonlocal read
            if told.isdecimal() and int(told) > self._limit:
                raise self._too_large()
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._limit:
                raise self._too_large()
            return message

        await self._app(scope, receiving, send)

    def _too_large(self) -> HTTPException:
        return HTTPException(413, f"the body is too large: at most {self._limit // 2**20} MB")
