"""What a job is, whatever runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class JobKind(StrEnum):
    PROPOSE = "propose"
    RESCORE = "rescore"
    RETRAIN = "retrain"
    IMPORT = "import"
    PROMOTE = "promote"
    ROLLBACK = "rollback"


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def has_ended(self) -> bool:
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`progress` has done, total and what; `error` is one line, for a job that failed.

    `by` asked for it; "" where the worker started it by itself. `started_at` is when it was last taken up.
    """

    id: str
    kind: JobKind
    project: str
    state: JobState
    by: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    progress: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
