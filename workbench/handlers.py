"""What each kind of job does, with the services that the wiring has put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from workbench.jobs.job import JobKind
from workbench.jobs.training_process import retrain_command, run_training
from workbench.jobs.work import Options, Report, Work
from workbench.jobs.worker import run_worker
from workbench.wiring import Workbench

Cancelled = Callable[[], bool]


def work_through_jobs(workbench: Workbench) -> None:
    """Be the worker, until a signal ends it."""
    run_worker(workbench.settings, workbench.engine, Handlers(workbench).by_kind())


@dataclass(frozen=True)
class Handlers:
    """Each can run again after a kill: what was proposed is found, a queue is made anew, a training starts over."""

    workbench: Workbench

    def by_kind(self) -> Mapping[JobKind, Work]:
        return {JobKind.PROPOSE: self.propose, JobKind.RESCORE: self.rescore, JobKind.RETRAIN: self.retrain}

    def propose(
        self, _job_id: str, project: str, options: Options, report: Report, cancelled: Cancelled
    ) -> dict[str, Any]:
        summary = self.workbench.propose(
            project,
            options.get("stages"),
            options.get("limit"),
            lambda done, total, stage: report(done, total, stage.value),
            cancelled,
        )
        return summary.as_dict()

    def rescore(
        self, _job_id: str, project: str, _options: Options, report: Report, cancelled: Cancelled
    ) -> dict[str, Any]:
        """A new queue by the champion there is, and its proposals for what people still have to see."""
        queue = self.workbench.build_queue(project, lambda records, share: report(int(100 * share), 100, "queue"))
        if self.workbench.has_champion(project) and not cancelled():
            self.workbench.propose(project, ["model"], None, lambda d, t, stage: report(d, t, stage.value), cancelled)
        return asdict(queue)

    def retrain(
        self, job_id: str, project: str, options: Options, report: Report, cancelled: Cancelled
    ) -> dict[str, Any]:
        folder = self.workbench.settings.data / "jobs"
        folder.mkdir(parents=True, exist_ok=True)
        return run_training(
            retrain_command(project, options),
            pid_file=folder / f"{job_id}.pid",
            log=folder / f"{job_id}.log",
            report=report,
            cancelled=cancelled,
        )
