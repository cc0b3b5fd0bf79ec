"""From a program's secret to the token behind it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

from sqlalchemy import Engine

from db.api_tokens import USED_EVERY, ApiToken, find_token, note_used
from db.engine import reading, writing
from db.sessions import token_hash
from db.tables import utcnow

# So long a token that was found is not looked up again; one that is revoked works on for no longer.
KNOWN_S = 5.0
_MOST_KNOWN = 1_000


class Tokens:
    """Tokens that work, remembered for seconds, so that a busy caller costs no query. Thread-safe."""

    def __init__(self, engine: Engine, *, clock: Callable[[], float] = monotonic) -> None:
        self._engine = engine
        self._clock = clock
        self._known: OrderedDict[str, tuple[ApiToken, float]] = OrderedDict()

    def peek(self, secret: str) -> ApiToken | None:
        """The token, if it was looked up in the last seconds; asks no database."""
        token, until = self._known.get(token_hash(secret), (None, 0.0))
        return token if token is not None and self._clock() < until and token.works(utcnow()) else None

    def look_up(self, secret: str) -> ApiToken | None:
        """The token as the database has it, if it works; notes the use, once a minute at most."""
        now = utcnow()
        with reading(self._engine) as session:
            token = find_token(session, secret, now=now)
        if token is None:
            return None
        if token.used_at is None or now - token.used_at >= USED_EVERY:
            with writing(self._engine) as session:
                note_used(session, token, now=now)
        self._known[token_hash(secret)] = (token, self._clock() + KNOWN_S)
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return token
