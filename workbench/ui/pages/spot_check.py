"""What the Proposals page asks of spot checks of settled records."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import Engine

from db.types import Role
from workbench.access.routes import Person, needs
from workbench.quality.spot_check import CHECK_SIZE, check_report, draw_check
from workbench.web.bodies import Body


class DrawBody(Body):
    size: Annotated[int, Field(ge=1, le=1_000)] = CHECK_SIZE


def add_spot_check(router: APIRouter, engine: Engine) -> None:
    """Routes under /api/proposals/{project}/spot-check."""

    @router.get("/{project}/spot-check")
    def latest(project: str) -> dict[str, Any]:
        report = check_report(engine, project)
        return {"check": None if report is None else asdict(report)}

    @router.post("/{project}/spot-check", status_code=201, dependencies=[needs(Role.ADMIN)])
    def draw(project: str, body: DrawBody, person: Person) -> dict[str, Any]:
        draw_check(engine, project, size=body.size, by=person)
        return latest(project)
