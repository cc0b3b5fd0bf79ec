"""What jobs write while they work: a text file each, which a page follows as it grows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from db.errors import NotFoundError

MOST_AT_ONCE = 64_000
_ID = re.compile(r"[A-Za-z0-9_-]{1,120}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPart:
    """Whole lines of a log; `after` is where to go on from, in bytes, and `more` whether there is more already."""

    text: str
    after: int
    more: bool


@dataclass(frozen=True, slots=True)
class JobLog:
    """The log of one job. It goes on where it was when the job is taken up again."""

    path: Path

    def line(self, text: str) -> None:
        """Add a line with the time, in UTC."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8", errors="replace") as stream:
            stream.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}  {text.rstrip()}\n")

    def part(self, after: int | None) -> LogPart:
        """The lines that follow `after`; None asks for the last ones. Nothing while there is no file."""
        size = self.path.stat().st_size if self.path.is_file() else 0
        tail = after is None or after > size
        start = max(0, size - MOST_AT_ONCE) if tail or after is None else after
        if start >= size:
            return LogPart(text="", after=size, more=False)
        with self.path.open("rb") as stream:
            stream.seek(start)
            raw = stream.read(MOST_AT_ONCE)
        whole = raw[: raw.rfind(b"\n") + 1] or raw
        shown = whole[whole.find(b"\n") + 1 :] if tail and start else whole
        end = start + len(whole)
        return LogPart(text=shown.decode("utf-8", "replace"), after=end, more=end < size)


def log_of(folder: Path, job_id: str) -> JobLog:
    """The log of a job in `folder`; raises NotFoundError for what cannot be the id of one."""
    if not _ID.fullmatch(job_id):
        raise NotFoundError(f"no job {job_id[:80]!r}")
    return JobLog(folder / f"{job_id}.log")


def jobs_folder(data: Path) -> Path:
    """Where jobs keep their logs and the numbers of their processes."""
    return data / "jobs"
