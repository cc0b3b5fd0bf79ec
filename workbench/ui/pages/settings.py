"""The page of settings: a project's own, which admins change, and the installation's, which the environment sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import Engine

from db.engine import reading, writing
from db.project_settings import KINDS, ProjectSettings, as_texts, get_settings, set_setting
from db.projects import create_project, get_project
from db.setting_kinds import described
from db.types import Kind, Role
from workbench.access.routes import Person, needs
from workbench.web.bodies import Body, StoredText


class SettingsBody(Body):
    """New values as a person writes them, by key; they are saved together or not at all."""

    values: dict[str, Annotated[StoredText, Field(max_length=2_000)]]


class ProjectBody(Body):
    name: StoredText
    kind: Kind


def settings_routes(engine: Engine, installed: Mapping[str, str]) -> APIRouter:
    """Routes under /api/settings."""
    router = APIRouter(prefix="/api/settings", dependencies=[needs(Role.ADMIN)])

    @router.get("")
    def installation() -> Mapping[str, str]:
        return installed

    @router.post("", status_code=201)
    def add_project(body: ProjectBody, person: Person) -> dict[str, Any]:
        with writing(engine, by=person) as session:
            made = create_project(session, body.name, body.kind)
        return {"name": made.name, "kind": made.kind}

    @router.get("/{project}")
    def settings(project: str) -> dict[str, Any]:
        with reading(engine) as session:
            values = as_texts(get_settings(session, get_project(session, project)))
        return {
            "values": values,
            "defaults": as_texts(ProjectSettings()),
            "kinds": {key: described(kind) for key, kind in KINDS.items()},
        }

    @router.post("/{project}")
    def change(project: str, body: SettingsBody, person: Person) -> dict[str, Any]:
        with writing(engine, by=person) as session:
            found = get_project(session, project)
            for key, raw in body.values.items():
                set_setting(session, found, key, raw)
        return settings(project)

    return router
