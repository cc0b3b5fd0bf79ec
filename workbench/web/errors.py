"""Every failure as one line of one shape: {"detail": "…"}."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError

from db.errors import ConflictError, ForbiddenError, NotFoundError, UserError
from workbench.serving.models import ModelUnavailableError, NoChampionError

_STATUS: dict[type[UserError], int] = {
    ForbiddenError: 403,
    NotFoundError: 404,
    NoChampionError: 409,
    ConflictError: 409,
    ModelUnavailableError: 503,
}


def add_error_handlers(app: FastAPI) -> None:
    """Answer user's errors, malformed requests and faults alike; none of the answers shows a request's text."""

    @app.exception_handler(UserError)
    async def user_error(_request: Request, error: UserError) -> JSONResponse:
        return _line(_status(error), str(error))

    @app.exception_handler(RequestValidationError)
    async def malformed(_request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return _line(400, f"the body is not JSON (at character {first['loc'][-1]}: {first['ctx']['error']})")
        return _line(422, f"{_place(first['loc'])}: {first['msg'].removeprefix('Value error, ')}")

    @app.exception_handler(OperationalError)
    async def database(_request: Request, error: OperationalError) -> JSONResponse:
        return _line(503, f"the database does not answer: {str(error.orig).strip()}")

    @app.exception_handler(Exception)
    async def fault(request: Request, _error: Exception) -> JSONResponse:
        # The server logs the traceback; whoever asked needs the id to find it by.
        request_id = request.scope.get("state", {}).get("request_id")
        named = f" (request {request_id})" if request_id else ""
        return _line(500, f"internal error; the server's log says more{named}")


def _status(error: UserError) -> int:
    if isinstance(error.__cause__, OperationalError):
        return 503
    return _STATUS.get(type(error), 422)


def _line(status: int, detail: str) -> JSONResponse:
    return JSONResponse({"detail": " ".join(detail.splitlines())}, status_code=status)


def _place(loc: Sequence[Any]) -> str:
    """("body", "texts", 3) → texts[3]."""
    inner = [part for part in loc if part not in ("body", "query", "path", "header")]
    place = ""
    for part in inner:
        if not isinstance(part, int) and not part.isidentifier():
            break  # the name of a validator among several, not of a field
        place += f"[{part}]" if isinstance(part, int) else f".{part}" if place else str(part)
    return place or "body"
