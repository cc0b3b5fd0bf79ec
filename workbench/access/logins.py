"""Logging in and out: the password, and the patience of whoever guesses it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from time import monotonic

from anyio import CapacityLimiter, to_thread
from sqlalchemy import Engine

from db.engine import reading, writing
from db.errors import UserError
from db.sessions import SessionLimits, drop_ended, end_session, start_session
from db.tables import utcnow
from db.users import MAX_NAME, User, find_user, get_user, name_key, password_hash_of, renew_hash, set_password
from workbench.access.passwords import check_password, hash_password, is_outdated, is_password
from workbench.access.tries import Tries

FREE_BY_NAME, FREE_BY_ADDRESS = 5, 20
# Each takes 64 MiB and a core for a tenth of a second.
_AT_ONCE = 2
_MOST_KNOWN = 10_000


class WrongPasswordError(UserError):
    """Does not tell an unknown name from a wrong password."""

    def __init__(self) -> None:
        super().__init__("the name or the password is wrong")


class TooManyTriesError(UserError):
    """`seconds` is how long to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many wrong passwords; try again in {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Login:
    """`token` goes into the browser's cookie and nowhere else."""

    user: User
    token: str


class Logins:
    """The way in. Wrong passwords are counted by name and by address, in this one process.

    Neither a name that strangers guess at nor an address they share is closed to people who have logged in from there
    before; those have tries of their own.
    """

    def __init__(self, engine: Engine, limits: SessionLimits, *, clock: Callable[[], float] = monotonic) -> None:
        self._engine = engine
        self._limits = limits
        self._by_name = Tries(free=FREE_BY_NAME, clock=clock)
        self._by_address = Tries(free=FREE_BY_ADDRESS, clock=clock)
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._hashing = CapacityLimiter(_AT_ONCE)

    async def login(self, name: str, password: str, address: str, *, old_token: str | None = None) -> Login:
        """Starts a session under a new token and ends that of `old_token`.

        Raises WrongPasswordError, or TooManyTriesError before even looking at the password.
        """
        place = _place(address)
        key = name_key(name)[:MAX_NAME]
        name_try = f"{key}\n{place}" if (key, place) in self._known else key
        known = name_try != key
        wait = max(self._by_name.wait(name_try), 0.0 if known else self._by_address.wait(place))
        if wait > 0:
            raise TooManyTriesError(ceil(wait))
        self._by_name.count(name_try)
        self._by_address.count(place)
        login = await to_thread.run_sync(self._open, name, password, old_token, limiter=self._hashing)
        if login is None:
            raise WrongPasswordError
        self._by_name.forget(name_try)
        self._by_address.take_back(place)
        self._remember(key, place)
        return login

    async def change_password(self, name: str, old: str, new: str, address: str) -> Login:
        """Ends every session of the person and starts a new one. Raises what `login` does, where `old` is wrong, and
        UserError for a `new` one of no use."""
        check_password(new)
        await self.login(name, old, address)
        return await to_thread.run_sync(self._renew, name, new, limiter=self._hashing)

    def logout(self, token: str) -> None:
        with writing(self._engine) as session:
            end_session(session, token)

    def _open(self, name: str, password: str, old_token: str | None) -> Login | None:
        with reading(self._engine) as session:
            user = find_user(session, name) if _could_be_a_name(name) else None
            kept = None if user is None else password_hash_of(session, user)
        if not is_password(kept, password) or user is None or kept is None or not user.active:
            return None
        renewed = hash_password(password) if is_outdated(kept) else None
        now = utcnow()
        with writing(self._engine, by=user.name) as session:
            # The password may have been changed while it was being checked.
            now_user = find_user(session, name)
            if now_user is None or not now_user.active or password_hash_of(session, now_user) != kept:
                return None
            if renewed is not None:
                renew_hash(session, now_user, renewed)
            if old_token is not None:
                end_session(session, old_token)
            drop_ended(session, limits=self._limits, now=now)
            return Login(user=now_user, token=start_session(session, now_user, now=now))

    def _renew(self, name: str, new: str) -> Login:
        hashed = hash_password(new)
        with writing(self._engine, by=name) as session:
            user = get_user(session, name)
            set_password(session, user, hashed)
            return Login(user=user, token=start_session(session, user, now=utcnow()))

    def _remember(self, key: str, place: str) -> None:
        self._known[key, place] = None
        self._known.move_to_end((key, place))
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)


def _could_be_a_name(name: str) -> bool:
    return len(name) <= MAX_NAME and name.isprintable()


def _place(address: str) -> str:
    """The address, or the network that one IPv6 customer has: its 2⁶⁴ addresses are one place."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else address
