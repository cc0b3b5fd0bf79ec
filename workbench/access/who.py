"""Who asks: the person behind a request, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import State

from db.types import Role


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
