"""Who asks: the one who is logged in, or whoever works at this machine while there are no users."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from starlette.datastructures import State

from db.errors import UserError
from db.types import Role

MAX_PERSON, DEFAULT_PERSON = 255, "me"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asker:
    """The person behind a request. Nobody has to log in while there are no users: then `logged_in` is False."""

    person: str
    role: Role
    logged_in: bool


def set_asker(state: dict[str, object], asker: Asker) -> None:
    """Say who asks, in the `state` of an ASGI scope; only what has checked it may."""
    state["asker"] = asker


def asker_of(state: State) -> Asker | None:
    """None where nothing has said who asks: then nothing is allowed."""
    asker = getattr(state, "asker", None)
    return asker if isinstance(asker, Asker) else None


def single_user(given: str) -> Asker:
    """The only person of a workbench without users, under the name that the page sends percent-encoded.

    Raises UserError where it cannot be a name.
    """
    name = unquote(given).strip() or DEFAULT_PERSON
    if len(name) > MAX_PERSON or not name.isprintable():
        raise UserError(f"a name has 1–{MAX_PERSON} printable characters")
    return Asker(person=name, role=Role.ADMIN, logged_in=False)
