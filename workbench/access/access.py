"""Who may come in, put together for one process of the UI."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from db.sessions import SessionLimits
from workbench.access.logins import Logins
from workbench.access.sessions import Sessions
from workbench.access.single_user import Users


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """Whether there is anybody to log in, the sessions of those who have, and the way in."""

    limits: SessionLimits
    users: Users
    sessions: Sessions
    logins: Logins


def make_access(engine: Engine, limits: SessionLimits | None = None) -> Access:
    limits = limits or SessionLimits()
    return Access(
        limits=limits,
        users=Users(engine),
        sessions=Sessions(engine=engine, limits=limits),
        logins=Logins(engine, limits),
    )
