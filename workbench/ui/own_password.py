"""The route by which people give themselves another password."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from db.types import Role
from workbench.access.access import Access
from workbench.access.logins import TooManyTriesError, WrongPasswordError
from workbench.access.routes import Person, needs
from workbench.ui.login_cookie import give_token
from workbench.web.bodies import Body


class PasswordBody(Body):
    old: str
    new: str


def own_password_routes(access: Access) -> APIRouter:
    """POST /api/me/password: whoever knew the old one is out everywhere; this browser is logged in anew."""
    router = APIRouter(prefix="/api/me/password", dependencies=[needs(Role.ANNOTATOR)])

    @router.post("")
    async def change(request: Request, body: PasswordBody, person: Person) -> Response:
        if not access.users.exist():
            raise HTTPException(409, "there are no users yet, so nobody has a password")
        address = request.client.host if request.client else ""
        try:
            login = await access.logins.change_password(person, body.old, body.new, address)
        except WrongPasswordError:
            # Not 401: the session is as good as before.
            raise HTTPException(422, "the password you have now is another") from None
        except TooManyTriesError as error:
            raise HTTPException(429, str(error), {"Retry-After": str(error.seconds)}) from None
        answer = Response(status_code=204, headers={"Cache-Control": "no-store"})
        give_token(answer, request, login.token, access.limits.longest)
        return answer

    return router
