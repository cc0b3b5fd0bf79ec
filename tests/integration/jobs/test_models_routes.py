"""What the Models page is told and may ask for. Nothing is trained here."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from db.engine import writing
from db.model_versions import Figure, LabelScore, ModelVersion, TaskContest, save_version
from db.projects import get_project
from db.promotions import Promotion, save_promotion
from db.reasons import Reason
from db.types import Role
from tests.conftest import ClientOf
from workbench.jobs.desk import JobDesk
from workbench.ui.pages.models import models_routes

HOSTILE = "<img src=x onerror='window.hit = 1'>"
LOSS = Reason("loss", {"task": "category", "label": HOSTILE, "before": 0.5, "after": 0.25, "rows": 12, "floor": 0.1})


def a_version(number: str, *, against: str = "", **more: Any) -> ModelVersion:
    contest = TaskContest(
        task="category",
        measure="weighted_f1",
        rows=40,
        against=against,
        ours=Figure(value=0.7, low=0.6, high=0.8),
        theirs=Figure(value=0.6, low=0.5, high=0.7),
        difference=Figure(value=0.1, low=0.01, high=0.2),
        labels=(LabelScore(name=HOSTILE, support=4, ours=0.7, theirs=0.9 if against else None),),
    )
    metrics = {"test_rows": 40.0, "test_weighted_f1": 0.7, "test_weighted_f1_low": 0.6, "test_weighted_f1_high": 0.8}
    fields: dict[str, Any] = {"metrics": metrics, "contests": (contest,), "verdict": "keep", "reasons": (LOSS,)}
    return ModelVersion(
        model_name="p",
        version=number,
        run_id=f"run{number}",
        recipe="tfidf",
        snapshot="abc",
        person="anna",
        **(fields | more),
    )


@pytest.fixture
def trained(engine: Engine, desk: JobDesk) -> None:
    """Champion 2 after 1; 3 and 4 trained since; version 1 is from before versions were noted."""
    with writing(engine) as session:
        project = get_project(session, "p")
        save_promotion(session, project, Promotion("p", "1", "promote", (Reason.of_words("as of old"),), run_id="run1"))
        save_version(session, project, a_version("2"))
        save_promotion(session, project, Promotion("p", "2", "by hand", (LOSS,)))
        save_version(session, project, a_version("3", against="2"))
        kept = {"rows": 0.0, "cross_validated_rows": 90.0, "cross_validated_weighted_f1": 0.5}
        save_version(session, project, a_version("4", metrics=kept, contests=(), verdict="undecided", reasons=()))


@pytest.mark.usefixtures("trained")
def test_versions_come_newest_first_with_the_gates_words_in_the_readers_language(
    engine: Engine, desk: JobDesk, client_of: ClientOf
) -> None:
    client = client_of(models_routes(engine, desk, "http://mlflow.test"), role=Role.REVIEWER)
    found = client.get("/api/models/p?language=ru").json()
    assert (found["kind"], found["champion"], found["before"]) == ("category", "2", "1")
    newest, third, second, first = found["versions"]
    assert [one["version"] for one in found["versions"]] == ["4", "3", "2", "1"]
    assert third["verdict_words"] == "не прошла проверку"
    assert third["reasons"] == [
        f"категория, «{HOSTILE}»: F1 упал бы с 0,50 до 0,25, строк 12; терять можно не больше 0,1"
    ]
    assert third["contests"][0]["labels"] == [{"name": HOSTILE, "support": 4, "ours": 0.7, "theirs": 0.9}]
    assert third["run_url"] == "http://mlflow.test/#/runs/run3"
    assert third["headlines"][0]["figure"] == {"value": 0.7, "low": 0.6, "high": 0.8}
    assert [one["how"] for one in (newest["headlines"][0], third["headlines"][0])] == ["cross_validated", "blind"]
    assert (third["promoted_at"], second["promoted_at"] is None) == (None, False)
    assert (first["reasons"], first["recipe"], first["contests"]) == (["as of old"], "", [])
    english = client.get("/api/models/p").json()["versions"][1]
    assert english["reasons"][0].startswith("category '<img src=x")


def test_a_project_without_models_has_none(engine: Engine, desk: JobDesk, client_of: ClientOf) -> None:
    client = client_of(models_routes(engine, desk, ""))
    assert client.get("/api/models/p").json() == {"kind": "category", "champion": None, "before": None, "versions": []}
    assert client.get("/api/models/nope").status_code == 404
    training = client.get("/api/models/p/training").json()
    assert [recipe["name"] for recipe in training["recipes"]] == ["auto", "tfidf", "embedding-head"]
    assert training["material"] == {"training": 0, "calibration": 0, "test": 0, "needed": 30, "proposals": 0}


def test_a_reviewer_may_train_but_not_overrule_the_gate_nor_change_the_champion(
    engine: Engine, desk: JobDesk, client_of: ClientOf
) -> None:
    client = client_of(models_routes(engine, desk, ""), role=Role.REVIEWER, person="anna")
    added = client.post("/api/models/p/training", json={"recipe": "tfidf", "budget": "5m", "seed": "", "set": []})
    assert added.status_code == 201
    job = desk.get(added.json()["job"])
    assert (job.by, job.options) == ("anna", {"recipe": "tfidf", "budget": "5m", "promote": "auto"})
    always = client.post("/api/models/p/training", json={"promote": "always"})
    assert (always.status_code, "needs the role admin" in always.json()["detail"]) == (403, True)
    assert client.post("/api/models/p/promotion", json={"version": "1"}).status_code == 403
    assert client.post("/api/models/p/rollback").status_code == 403


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"recipe": "<b>magic</b>"}, "no recipe '<b>magic</b>'"),
        ({"recipe": "tags-tfidf"}, "asks only for category"),
        ({"budget": "soon"}, "--budget: a time such as"),
        ({"seed": "-1"}, "--seed: a whole number"),
        ({"recipe": "tfidf", "set": ["strength=much"]}, "--set strength: a number"),
        ({"promote": "sometimes"}, "promote"),
        ({"recipes": "tfidf"}, "recipes"),
        ({"recipe": "x" * 201}, "recipe"),
    ],
)
def test_a_training_that_cannot_be_is_refused_in_one_line(
    engine: Engine, desk: JobDesk, client_of: ClientOf, body: dict[str, Any], words: str
) -> None:
    refused = client_of(models_routes(engine, desk, "")).post("/api/models/p/training", json=body)
    assert refused.status_code == 422
    assert words in refused.json()["detail"]
    assert desk.list() == []


@pytest.mark.usefixtures("trained")
def test_an_admin_promotes_and_goes_back(engine: Engine, desk: JobDesk, client_of: ClientOf) -> None:
    client = client_of(models_routes(engine, desk, ""), role=Role.ADMIN, person="boss")
    promoted = desk.get(client.post("/api/models/p/promotion", json={"version": "3"}).json()["job"])
    assert (promoted.kind.value, promoted.by, promoted.options["version"]) == ("promote", "boss", "3")
    back = desk.get(client.post("/api/models/p/rollback").json()["job"])
    assert (back.kind.value, back.options) == ("rollback", {"version": "1", "instead_of": "2"})
    assert client.post("/api/models/p/promotion", json={"version": "2"}).status_code == 409
    assert client.post("/api/models/p/promotion", json={"version": "../1"}).status_code == 422
    assert client.post("/api/models/bare/rollback").status_code == 422
