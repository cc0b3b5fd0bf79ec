"""From a browser's cookie to the person behind it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from db.engine import reading, writing
from db.sessions import SEEN_EVERY, SessionLimits, find_session, note_seen
from db.tables import utcnow
from workbench.access.who import Asker


@dataclass(frozen=True, kw_only=True, slots=True)
class Sessions:
    """The sessions of browsers, asked of the database at every request: what is taken away is gone at once."""

    engine: Engine
    limits: SessionLimits

    def asker(self, token: str, *, attended: bool = True) -> Asker | None:
        """None for a session that has ended, or never was. Only what a person asks for keeps it from idling."""
        now = utcnow()
        with reading(self.engine) as session:
            found = find_session(session, token, limits=self.limits, now=now)
        if found is None:
            return None
        if attended and now - found.seen_at >= SEEN_EVERY:
            with writing(self.engine) as session:
                note_seen(session, token, now=now)
        return Asker(person=found.user.name, role=found.user.role, logged_in=True)
