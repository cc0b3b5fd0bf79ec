"""What the Models page asks: the versions with what the gate said of them, what a training would learn from, and the
jobs that train, promote and go back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlalchemy import Engine

from db.engine import reading
from db.projects import get_project
from db.types import Role
from training.planning import Promote
from training.recipes.base import get_recipe, recipes_for
from workbench.access.routes import current_asker, needs
from workbench.access.who import Asker
from workbench.jobs.desk import JobDesk
from workbench.jobs.job import JobKind
from workbench.quality.material import training_material
from workbench.quality.versions import KnownVersion, versions_of
from workbench.ui.gate_words import say_reason, say_verdict
from workbench.ui.language import Language
from workbench.web.bodies import Body, Text

_Asker = Annotated[Asker, Depends(current_asker)]
_Short = Annotated[Text, Field(max_length=200)]


class TrainingBody(Body):
    """The options of `workbench retrain`, each as it is written there."""

    recipe: _Short = ""
    use_proposals: bool = False
    set: Annotated[tuple[_Short, ...], Field(max_length=50)] = ()
    seed: _Short = ""
    budget: _Short = ""
    promote: Promote = Promote.AUTO


class VersionBody(Body):
    version: _Short


def models_routes(engine: Engine, desk: JobDesk, mlflow_pages: str) -> APIRouter:
    """Routes under /api/models. `mlflow_pages` is where browsers find MLflow; "" gives no links."""
    router = APIRouter(prefix="/api/models", dependencies=[needs(Role.REVIEWER)])

    @router.get("/{project}")
    def versions(project: str, language: Language = Language.ENGLISH) -> dict[str, Any]:
        found = versions_of(engine, project)
        return {
            "kind": found.kind,
            "champion": found.champion,
            "before": found.before,
            "versions": [_plain(one, language, mlflow_pages) for one in found.versions],
        }

    @router.get("/{project}/training")
    def training(project: str) -> dict[str, Any]:
        with reading(engine) as session:
            kind = get_project(session, project).kind
        recipes = [get_recipe(name) for name in recipes_for(kind)]
        return {
            "recipes": [{"name": r.name, "task": r.task, "parameters": dict(r.defaults)} for r in recipes],
            "material": asdict(training_material(engine, project)),
        }

    @router.post("/{project}/training", status_code=201)
    def train(project: str, body: TrainingBody, asker: _Asker) -> dict[str, Any]:
        return _added(desk, JobKind.RETRAIN, project, body.model_dump(mode="json"), asker)

    @router.post("/{project}/promotion", status_code=201, dependencies=[needs(Role.ADMIN)])
    def promote(project: str, body: VersionBody, asker: _Asker) -> dict[str, Any]:
        return _added(desk, JobKind.PROMOTE, project, body.model_dump(), asker)

    @router.post("/{project}/rollback", status_code=201, dependencies=[needs(Role.ADMIN)])
    def rollback(project: str, asker: _Asker) -> dict[str, Any]:
        return _added(desk, JobKind.ROLLBACK, project, {}, asker)

    return router


def _added(desk: JobDesk, kind: JobKind, project: str, options: dict[str, Any], asker: Asker) -> dict[str, Any]:
    return {"job": desk.add(kind, project, options, by=asker.person, role=asker.role).id}


def _plain(known: KnownVersion, language: Language, mlflow_pages: str) -> dict[str, Any]:
    noted = known.noted
    plain = asdict(noted)
    plain.pop("reasons")
    return plain | {
        "promoted_at": known.promoted_at,
        "headlines": [asdict(headline) for headline in known.headlines],
        "verdict_words": say_verdict(noted.verdict, language),
        "reasons": [say_reason(reason, language) for reason in noted.reasons],
        # MLflow finds the experiment of a run by itself.
        "run_url": f"{mlflow_pages}/#/runs/{noted.run_id}" if mlflow_pages and noted.run_id else None,
    }
