"""What each kind of job does, with the services that the wiring has put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from db.engine import reading
from db.errors import ConflictError, UserError
from db.projects import get_project
from db.promotions import Promotion, latest_promotion
from workbench.exchange.importing import import_file
from workbench.exchange.requests import ImportRequest
from workbench.jobs.checking import uploads_folder
from workbench.jobs.job import JobKind
from workbench.jobs.log import jobs_folder
from workbench.jobs.training_process import retrain_command, run_training
from workbench.jobs.work import Run, Work
from workbench.jobs.worker import run_worker
from workbench.wiring import Workbench


def work_through_jobs(workbench: Workbench) -> None:
    """Be the worker, until a signal ends it."""
    run_worker(workbench.settings, workbench.engine, Handlers(workbench).by_kind())


class _CancelledError(Exception):
    """Ends an import from within: it takes back what it has brought."""


@dataclass(frozen=True)
class Handlers:
    """Each can run again after a kill: what was proposed is found, a queue is made anew, a training or an import starts
    over, and a champion that was changed already stays."""

    workbench: Workbench

    def by_kind(self) -> Mapping[JobKind, Work]:
        return {
            JobKind.PROPOSE: self.propose,
            JobKind.RESCORE: self.rescore,
            JobKind.RETRAIN: self.retrain,
            JobKind.IMPORT: self.import_upload,
            JobKind.PROMOTE: self.promote,
            JobKind.ROLLBACK: self.rollback,
        }

    def propose(self, run: Run) -> dict[str, Any]:
        summary = self.workbench.propose(
            run.project,
            run.options.get("stages"),
            run.options.get("limit"),
            lambda done, total, stage: run.report(done, total, stage.value),
            run.cancelled,
        )
        for line in summary.lines():
            run.log(line)
        return summary.as_dict()

    def rescore(self, run: Run) -> dict[str, Any]:
        """A new queue by the champion there is, and its proposals for what people still have to see."""
        workbench = self.workbench
        queue = workbench.build_queue(run.project, lambda records, share: run.report(int(100 * share), 100, "queue"))
        if workbench.has_champion(run.project) and not run.cancelled():
            workbench.propose(
                run.project,
                ["model"],
                None,
                lambda done, total, stage: run.report(done, total, stage.value),
                run.cancelled,
            )
        return asdict(queue)

    def retrain(self, run: Run) -> dict[str, Any]:
        pid_file = jobs_folder(self.workbench.settings.data) / f"{run.job_id}.pid"
        return run_training(retrain_command(run.project, run.options), run, pid_file=pid_file)

    def import_upload(self, run: Run) -> dict[str, Any]:
        """The file is taken away when it is in; after a failure it stays, so that the job can be resumed."""
        folder = uploads_folder(self.workbench.settings.data)
        request = replace(ImportRequest.from_options({**run.options, "project": run.project}, folder), asked_by=run.by)
        if not request.path.is_file():
            raise UserError(f"{request.called}: the file is no longer among the uploads; send it again")

        def progress(rows: int, fraction: float) -> None:
            if run.cancelled():
                raise _CancelledError
            run.report(rows, max(rows, round(rows / fraction)) if fraction else 0, "rows")

        try:
            summary = import_file(self.workbench.engine, request, home=self.workbench.settings.home, progress=progress)
        except _CancelledError:
            return {"cancelled": True}
        request.path.unlink(missing_ok=True)
        rejected = None if summary.rejected_file is None else Path(summary.rejected_file).name
        return asdict(summary) | {"rejected_file": rejected}

    def promote(self, run: Run) -> dict[str, Any]:
        from training.promoting import promote_by_hand

        settings, version = self.workbench.settings, run.options["version"]
        done = self._done_already(run, version)
        return _change(done or promote_by_hand(self.workbench.engine, settings.mlflow, run.project, version))

    def rollback(self, run: Run) -> dict[str, Any]:
        done = self._done_already(run, run.options["version"])
        return _change(done or self.workbench.rollback(run.project))

    def _done_already(self, run: Run, version: str) -> Promotion | None:
        """The change of champion, if this job made it before it was killed.

        Raises ConflictError where the champion is another than the one that was to be replaced.
        """
        with reading(self.workbench.engine) as session:
            current = latest_promotion(session, get_project(session, run.project))
        if current is not None and current.version == version:
            return current
        now, expected = None if current is None else current.version, run.options.get("instead_of")
        if now != expected:
            raise ConflictError(
                f"the champion of {run.project!r} is version {now} now, not {expected} as when this was asked for"
            )
        return None


def _change(promotion: Promotion) -> dict[str, Any]:
    return {"version": promotion.version, "previous_version": promotion.previous_version}
