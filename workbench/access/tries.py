"""How often a password was wrong, and how long to wait before the next try."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

WINDOW_S = 600.0
_FIRST_WAIT_S = 30.0
# Keys that are remembered; what was tried longest ago goes first.
_MOST_KEYS = 10_000


class Tries:
    """Wrong tries of the last ten minutes by key, in memory.

    After `free` of them the next has to wait 30 s, then a minute, then two, never over ten minutes.
    """

    def __init__(self, *, free: int, clock: Callable[[], float] = monotonic, most_keys: int = _MOST_KEYS) -> None:
        self._free = free
        self._clock = clock
        self._most_keys = most_keys
        self._times: OrderedDict[str, list[float]] = OrderedDict()

    def wait(self, key: str) -> float:
        """Seconds until `key` may try; 0 when it may now."""
        times = self._recent(key)
        if len(times) < self._free:
            return 0.0
        pause = min(_FIRST_WAIT_S * 2.0 ** (len(times) - self._free), WINDOW_S)
        return max(0.0, times[-1] + pause - self._clock())

    def count(self, key: str) -> None:
        """A try begins. It counts as wrong from now on, so that many at once gain nothing."""
        self._times[key] = [*self._recent(key), self._clock()]
        self._times.move_to_end(key)
        while len(self._times) > self._most_keys:
            self._times.popitem(last=False)

    def take_back(self, key: str) -> None:
        """The last try was right: it does not count, those before it do."""
        if times := self._recent(key)[:-1]:
            self._times[key] = times
        else:
            self.forget(key)

    def forget(self, key: str) -> None:
        self._times.pop(key, None)

    def _recent(self, key: str) -> list[float]:
        since = self._clock() - WINDOW_S
        return [at for at in self._times.get(key, ()) if at > since]
