"""Jobs in any state without a worker: what one would have written, straight into the list of jobs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from workbench.jobs.store import PROGRESS, JobStore

PORTABLE = "portable_json"


def put_job_state(
    jobs: JobStore,
    job_id: str,
    status: str,
    *,
    progress: Mapping[str, Any] | None = None,
    result: Mapping[str, Any] | None = None,
    error: str | None = None,
    error_kind: str = "UserError",
) -> None:
    """`status` is DBOS's word: PENDING, SUCCESS, ERROR or CANCELLED."""
    system = jobs._client._sys_db
    failure = None if error is None else json.dumps({"name": error_kind, "message": error}, ensure_ascii=False)
    tables = system.tables
    values: dict[str, Any] = {
        "status": status,
        "output": None if result is None else json.dumps(dict(result), ensure_ascii=False),
        "error": failure,
        "serialization": PORTABLE,
        "started_at_epoch_ms": 1_795_000_000_000,
        "completed_at": None if status == "PENDING" else 1_795_000_065_000,
    }
    with system.engine.begin() as connection:
        connection.execute(
            sa.update(tables.workflow_status).where(tables.workflow_status.c.workflow_uuid == job_id).values(**values)
        )
        if progress is not None:
            row = {"workflow_uuid": job_id, "key": PROGRESS, "value": json.dumps(dict(progress), ensure_ascii=False)}
            connection.execute(
                sa.delete(tables.workflow_events).where(tables.workflow_events.c.workflow_uuid == job_id)
            )
            connection.execute(sa.insert(tables.workflow_events).values(**row, serialization=PORTABLE))
