"""What the Proposals page asks: what the stages have done, what a run would cost, and the run itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import Engine

from db.types import Role, Stage
from workbench.access.routes import Person, needs
from workbench.jobs.desk import JobDesk
from workbench.jobs.job import JobKind
from workbench.proposing.availability import why_not
from workbench.proposing.cascade import read_task
from workbench.proposing.plan import ProposePlan
from workbench.proposing.settled import settled
from workbench.quality.opinions import opinions
from workbench.quality.sources import source_agreements
from workbench.settings import WorkbenchSettings
from workbench.ui.pages.guarantee import add_guarantee
from workbench.ui.pages.spot_check import add_spot_check
from workbench.web.bodies import Body

Pricing = Callable[[str, Sequence[str] | None, int | None], ProposePlan]


class RunBody(Body):
    """`stages` are run on settled records too; without them the project's own run on the rest."""

    stages: Annotated[tuple[Stage, ...], Field(min_length=1)] | None = None
    limit: Annotated[int, Field(ge=1, le=2**31)] | None = None

    @property
    def names(self) -> list[str] | None:
        return None if self.stages is None else [stage.value for stage in self.stages]


def proposals_routes(engine: Engine, own: WorkbenchSettings, price: Pricing, desk: JobDesk) -> APIRouter:
    """Routes under /api/proposals."""
    router = APIRouter(prefix="/api/proposals", dependencies=[needs(Role.REVIEWER)])

    @router.get("/{project}")
    def done(project: str) -> dict[str, Any]:
        found = settled(engine, project)
        task = read_task(engine, project)
        lacks = {stage: why_not(stage, task, own, engine) for stage in Stage}
        return {
            "kind": found.project.kind,
            "order": found.settings.stages,
            "stages": list(Stage),
            "thresholds": found.settings.thresholds,
            "lacks": {stage: unavailable.lack for stage, unavailable in lacks.items() if unavailable is not None},
            "records": found.records,
            "settled": found.by_stage,
            "sources": [asdict(source) for source in found.sources],
            "llm": {
                "model": own.llm_model,
                "api": own.llm_api,
                "address": own.llm_address,
                "missing": own.missing_for_llm,
            },
        }

    @router.get("/{project}/agreement")
    def agreement(project: str) -> list[dict[str, Any]]:
        return [asdict(one) for one in source_agreements(engine, project)]

    @router.post("/{project}/price")
    def priced(project: str, body: RunBody) -> dict[str, Any]:
        return price(project, body.names, body.limit).as_dict()

    @router.post("/{project}/runs", status_code=201, dependencies=[needs(Role.ADMIN)])
    def run(project: str, body: RunBody, person: Person) -> dict[str, Any]:
        return {"job": desk.add(JobKind.PROPOSE, project, {"stages": body.names, "limit": body.limit}, by=person).id}

    _add_opinions(router, engine)
    add_guarantee(router, engine)
    add_spot_check(router, engine)
    return router


def _add_opinions(router: APIRouter, engine: Engine) -> None:
    @router.get("/{project}/opinions")
    def found(project: str) -> dict[str, Any]:
        return asdict(opinions(engine, project))
