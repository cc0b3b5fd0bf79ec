"""The routes of the labels page: the label set, the guidelines, and the versions of both."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy import Engine

from db.dismissed_keywords import Advice
from db.guidelines import MAX_GUIDELINES
from db.label_changes import LabelChange
from db.label_sets import MAX_NAME, as_definition
from db.types import Role
from workbench.access.routes import Person, needs
from workbench.exchange import guideline_edits, label_edits
from workbench.exchange.labels_yaml import labels_as_yaml, labels_from_yaml
from workbench.proposing.keyword_proposals import dismiss, keyword_report, recall
from workbench.ui.downloads import attachment
from workbench.ui.markdown import render_markdown
from workbench.web.bodies import Body, StoredText, Text

MAX_YAML = 1_500_000

_Version = Annotated[int, Field(ge=0, le=2**31 - 1)]


class LabelsBody(Body):
    """A label set in the shape of labels.yaml."""

    labels: dict[str, Any]


class LabelsEdit(LabelsBody):
    """`based_on` is the version that was edited."""

    based_on: _Version


class YamlBody(Body):
    """A labels.yaml and what its sender calls it."""

    text: Annotated[Text, Field(max_length=MAX_YAML)]
    name: Annotated[Text, Field(max_length=255)] = "labels.yaml"


class GuidelinesBody(Body):
    text: Annotated[StoredText, Field(max_length=MAX_GUIDELINES)]


class GuidelinesEdit(GuidelinesBody):
    """`based_on` is the version that was edited."""

    based_on: _Version


class KeywordBody(Body):
    """A word that was advised to be listed for a category, or to be taken off."""

    advice: Advice
    category: Annotated[StoredText, Field(max_length=MAX_NAME)]
    word: Annotated[StoredText, Field(max_length=MAX_NAME)]


def labels_routes(engine: Engine) -> APIRouter:
    """Routes under /api/labels: anybody reads, reviewers edit guidelines, admins edit labels."""
    router = APIRouter(prefix="/api/labels", dependencies=[needs(Role.ANNOTATOR)])
    _add_labels(router, engine)
    _add_label_edits(router, engine)
    _add_guidelines(router, engine)
    _add_keywords(router, engine)
    return router


def _add_labels(router: APIRouter, engine: Engine) -> None:
    @router.get("/{project}")
    def labels(project: str, version: _Version | None = None) -> dict[str, Any]:
        shown = label_edits.shown_labels(engine, project, version)
        return {
            "kind": shown.project.kind,
            "labels": as_definition(shown.label_set),
            "version": shown.label_set.version,
        }

    @router.get("/{project}/labels.yaml")
    def as_yaml(project: str) -> Response:
        shown = label_edits.shown_labels(engine, project)
        headers = attachment(f"{shown.project.name}-labels.yaml")
        return Response(labels_as_yaml(shown.label_set), media_type="application/yaml", headers=headers)

    @router.get("/{project}/versions")
    def versions(project: str) -> dict[str, Any]:
        history = label_edits.label_history(engine, project)
        return {"versions": [asdict(one.version) | {"changes": one.changes} for one in history]}

    @router.get("/{project}/changes")
    def changes(project: str, old: _Version, new: _Version) -> dict[str, Any]:
        found = label_edits.changes_between(engine, project, old=old, new=new)
        return {"changes": [_change(change) for change in found]}


def _add_label_edits(router: APIRouter, engine: Engine) -> None:
    @router.post("/{project}/check", dependencies=[needs(Role.ADMIN)])
    def check(project: str, body: LabelsBody) -> dict[str, Any]:
        """What saving these labels would mean."""
        found = label_edits.consequences(engine, project, body.labels)
        return {
            "changes": [_change(c.change) | {"answers": c.answers, "proposals": c.proposals} for c in found],
        }

    @router.post("/read-yaml", dependencies=[needs(Role.ADMIN)])
    def read_yaml(body: YamlBody) -> dict[str, Any]:
        """The labels that a file describes, to be looked at before they are saved."""
        return {"labels": as_definition(labels_from_yaml(body.text, body.name))}

    @router.put("/{project}", dependencies=[needs(Role.ADMIN)])
    def save(project: str, body: LabelsEdit, person: Person) -> dict[str, Any]:
        saved = label_edits.save_labels(engine, project, body.labels, based_on=body.based_on, by=person)
        return {"version": saved.version}


def _add_guidelines(router: APIRouter, engine: Engine) -> None:
    @router.get("/{project}/guidelines")
    def guidelines(project: str, version: _Version | None = None) -> dict[str, Any]:
        shown = guideline_edits.shown_guidelines(engine, project, version)
        return asdict(shown) | {"html": render_markdown(shown.text)}

    @router.get("/{project}/guidelines/versions")
    def guideline_versions(project: str) -> dict[str, Any]:
        return {"versions": [asdict(version) for version in guideline_edits.guideline_history(engine, project)]}

    @router.get("/{project}/guidelines/changes")
    def guideline_changes(project: str, old: _Version, new: _Version) -> dict[str, Any]:
        lines = guideline_edits.difference(engine, project, old=old, new=new)
        return {"lines": [{"kind": kind, "text": text} for kind, text in lines]}

    @router.post("/render-guidelines", dependencies=[needs(Role.REVIEWER)])
    def render(body: GuidelinesBody) -> dict[str, Any]:
        return {"html": render_markdown(body.text)}

    @router.put("/{project}/guidelines", dependencies=[needs(Role.REVIEWER)])
    def save_guidelines(project: str, body: GuidelinesEdit, person: Person) -> dict[str, Any]:
        version = guideline_edits.edit_guidelines(engine, project, body.text, based_on=body.based_on, by=person)
        return {"version": version}


def _add_keywords(router: APIRouter, engine: Engine) -> None:
    at = "/{project}/keywords"

    @router.get(at, dependencies=[needs(Role.REVIEWER)])
    def keywords(project: str) -> dict[str, Any]:
        """Takes seconds on a large project: the page asks for it by itself."""
        return keyword_report(engine, project).as_dict()

    @router.post(f"{at}/dismissed", status_code=204, dependencies=[needs(Role.ADMIN)])
    def turn_down(project: str, body: KeywordBody, person: Person) -> None:
        dismiss(engine, project, body.advice, body.category, body.word, by=person)

    @router.post(f"{at}/recalled", status_code=204, dependencies=[needs(Role.ADMIN)])
    def take_back(project: str, body: KeywordBody, person: Person) -> None:
        recall(engine, project, body.advice, body.category, body.word, by=person)


def _change(change: LabelChange) -> dict[str, Any]:
    return asdict(change)
