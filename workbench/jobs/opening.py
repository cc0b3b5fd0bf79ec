"""The list of jobs for a process that lives long: opened once, in the background, and kept."""

from __future__ import annotations

from threading import Lock, Thread
from typing import TYPE_CHECKING

from db.errors import UserError
from db.settings import Settings

if TYPE_CHECKING:
    from workbench.jobs.store import JobStore


class KeptStore:
    """Gives the store, which it opens where that has not happened yet: importing and opening it takes two seconds."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._store: JobStore | None = None

    def __call__(self) -> JobStore:
        """Raises UserError while its database cannot be used; the next call tries again."""
        with self._lock:
            if self._store is None:
                from workbench.jobs.store import JobStore

                self._store = JobStore(self._settings)
            return self._store

    def open_in_background(self) -> None:
        """So that no page has to wait for it."""
        Thread(target=self._open, name="jobs", daemon=True).start()

    def close(self) -> None:
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None

    def _open(self) -> None:
        try:
            self()
        except UserError:
            # Whoever asks for jobs is told.
            return
