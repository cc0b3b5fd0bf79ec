"""Retraining from the command line against a real database and a real MLflow store."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.engine import make_engine, reading, writing
from db.errors import UserError
from db.label_sets import save_label_set
from db.migrate import upgrade
from db.project_settings import set_setting
from db.projects import create_project, get_project
from db.promotions import list_promotions
from db.proposals import save_proposals
from db.records import add_record
from db.snapshots import list_snapshots
from db.types import Annotation, Answer, Category, Kind, LabelSet, Proposal, Stage, Status, Tag
from training import promoting, registry
from training.predictor import Predictor, load_predictor
from training.retrain import main

# MLflow's own, under this SQLAlchemy.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")

WORDS = {
    "clothes": ("dress", "shirt", "sleeve", "cotton", "fabric"),
    "shoes": ("boots", "sole", "heel", "sneakers", "laces"),
    "toys": ("doll", "puzzle", "bricks", "teddy", "robot"),
}
TAGS = {"clothes": ("soft", "warm"), "shoes": ("sturdy",)}
FILLER = ("fine", "bought", "gift", "cheap", "late", "colour", "again", "daughter", "size", "ordered")


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MLflow database without anything in it: MLflow takes many seconds to make one."""
    registry.quiet_mlflow()
    import mlflow

    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    mlflow.MlflowClient(tracking_uri=f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def mlflow_uri(home: Path, empty_store: Path) -> str:
    (home / "mlruns").mkdir()
    shutil.copy(empty_store, home / "mlruns" / "mlflow.db")
    return f"sqlite:///{home / 'mlruns' / 'mlflow.db'}"


@pytest.fixture
def shop(home: Path, mlflow_uri: str) -> Iterator[Engine]:
    """Project "shop": 240 blindly labelled texts of three categories, 40 unlabelled ones."""
    engine = make_engine(f"sqlite:///{home / 'data' / 'workbench.db'}")
    upgrade(engine)
    fill(engine, "shop", Kind.CATEGORY)
    yield engine
    engine.dispose()


def fill(engine: Engine, name: str, kind: Kind, *, labelled: int = 240, share: str = "0.3") -> None:
    generator = np.random.default_rng(7)
    with writing(engine) as session:
        project = create_project(session, name, kind)
        set_setting(session, project, "blind_share", share)
        categories = tuple(Category(c) for c in (*WORDS, "nothing")) if kind.asks_category else ()
        tags = {c: tuple(Tag(t) for t in names) for c, names in TAGS.items()} if kind.asks_tags else {}
        save_label_set(session, project, LabelSet(categories=categories, tags=tags))
        annotations, proposals = [], []
        for number in range(labelled + 40):
            category = ("clothes", "shoes", "toys")[number % 3]
            chosen = tuple(t for t in TAGS.get(category, ()) if generator.random() < 0.6)
            said = [*generator.choice(WORDS[category], 2), *generator.choice(FILLER, 3)]
            said += [f"feels {tag}" for tag in chosen]
            text, known = f"{' '.join(said)} {number}", None if kind is Kind.CATEGORY else category
            record = add_record(session, project, external_id=str(number), text=text, category=known)
            proposals.append(
                Proposal(record_id=record.id, stage=Stage.LLM, source="llm:x", answer=Answer(category), score=0.9)
            )
            if number < labelled:
                answer = Answer(category if kind.asks_category else None, chosen if kind.asks_tags else None)
                row = Annotation(record_id=record.id, person="ann", status=Status.GIVEN, answer=answer, blind=True)
                annotations.append(row)
        save_proposals(session, project, proposals)
        save_annotations(session, project, annotations)


def train(
    capsys: pytest.CaptureFixture[str], *arguments: str, project: str = "shop", recipe: str = "tfidf"
) -> dict[str, Any]:
    assert main(["--project", project, "--recipe", recipe, "--json", *arguments]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    return json.loads(out)


def fails(capsys: pytest.CaptureFixture[str], arguments: Sequence[str]) -> str:
    assert main(list(arguments)) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    last = captured.err.strip().splitlines()[-1]
    assert last.startswith("error: ")
    return last


def champion(mlflow_uri: str, project: str = "shop") -> Predictor:
    return load_predictor(mlflow_uri, f"models:/{project}@champion")


def test_a_first_training_is_judged_promoted_and_serves(
    shop: Engine, mlflow_uri: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--project", "shop", "--recipe", "tfidf", "--json"]) == 0
    captured = capsys.readouterr()
    result = json.loads(captured.out)
    steps = [json.loads(line) for line in captured.err.splitlines() if line.startswith("{")]

    assert {"run_id", "model_name", "version", "recipe", "snapshot", "metrics", "gate", "promoted"} <= set(result)
    assert (result["model_name"], result["version"], result["recipe"]) == ("shop", "1", "tfidf")
    assert result["gate"]["verdict"] == "promote"
    assert result["promoted"] is True
    assert result["metrics"]["test_weighted_f1"] > 0.9
    assert all(set(step) == {"step", "done", "total"} for step in steps)
    assert (home / "data" / "snapshots" / f"{result['snapshot']}.parquet").exists()

    predictor = champion(mlflow_uri)
    assert predictor.version == "1"
    first, second = predictor.predict(["cotton dress with a long sleeve", "new laces for the sneakers"])
    assert (first.category, second.category) == ("clothes", "shoes")
    assert first.confidence == max(first.probabilities.values())
    assert sum(first.probabilities.values()) == pytest.approx(1)
    assert set(first.probabilities) == {*WORDS, "nothing"}
    assert first.probabilities["nothing"] == 0.0
    assert first.tags == ()


def test_everything_about_a_run_is_in_mlflow(shop: Engine, mlflow_uri: str, capsys: pytest.CaptureFixture[str]) -> None:
    result = train(capsys)
    import mlflow

    client = mlflow.MlflowClient(tracking_uri=mlflow_uri)
    run = client.get_run(result["run_id"])
    assert run.data.params["recipe"] == "tfidf"
    assert run.data.params["snapshot"] == result["snapshot"]
    assert run.data.metrics["test_weighted_f1"] == pytest.approx(result["metrics"]["test_weighted_f1"])
    assert run.data.tags["gate"] == "promote"
    assert {d.dataset.digest for d in run.inputs.dataset_inputs} == {result["snapshot"]}
    assert {t.value for d in run.inputs.dataset_inputs for t in d.tags} == {"training", "evaluation"}
    files = {f.path for f in client.list_artifacts(run.info.run_id)}
    assert {
        "test_confusion_matrix.png",
        "test_calibration_curve.png",
        "test_category_report.json",
        "gate.json",
    } <= files
    version = client.get_model_version("shop", "1")
    model = client.get_logged_model(version.source.removeprefix("models:/"))
    assert json.loads(model.tags["mlflow.modelVersions"]) == [{"name": "shop", "version": "1"}]
    assert {m.key for m in model.metrics} >= {"test_weighted_f1", "latency_ms"}


def test_mlflow_itself_serves_what_our_predictor_says(
    shop: Engine, mlflow_uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    train(capsys)
    import mlflow
    import pandas as pd

    mlflow.set_tracking_uri(mlflow_uri)
    texts = ["cotton dress", "a puzzle with bricks"]
    served = mlflow.pyfunc.load_model("models:/shop@champion").predict(pd.DataFrame({"text": texts}))
    ours = champion(mlflow_uri).predict(texts)
    assert served["category"].tolist() == [p.category for p in ours]
    assert served["confidence"].tolist() == [p.confidence for p in ours]
    assert served["probabilities"].tolist() == [p.probabilities for p in ours]


def test_a_second_model_that_is_no_better_stays_challenger_and_always_overrules(
    shop: Engine, mlflow_uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    train(capsys)
    again = train(capsys)
    assert (again["version"], again["gate"]["verdict"], again["promoted"]) == ("2", "keep", False)
    assert champion(mlflow_uri).version == "1"
    assert load_predictor(mlflow_uri, "models:/shop@challenger").version == "2"
    assert train(capsys, "--promote", "always")["promoted"] is True
    assert champion(mlflow_uri).version == "3"
    with reading(shop) as session:
        rows = list_promotions(session, get_project(session, "shop"))
    assert [(r.version, r.previous_version, r.verdict) for r in rows] == [("3", "1", "by hand"), ("1", None, "promote")]


def test_a_rollback_puts_the_champion_before_back(
    shop: Engine, mlflow_uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    train(capsys)
    with pytest.raises(UserError, match="no earlier champion"):
        promoting.rollback(shop, mlflow_uri, "shop")
    train(capsys, "--promote", "always")
    promotion = promoting.rollback(shop, mlflow_uri, "shop")
    assert (promotion.version, promotion.previous_version, promotion.verdict) == ("1", "2", "rolled back")
    assert champion(mlflow_uri).version == "1"
    with pytest.raises(UserError, match="no earlier champion"):
        promoting.rollback(shop, mlflow_uri, "shop")


def test_never_promotes_nothing(shop: Engine, mlflow_uri: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert train(capsys, "--promote", "never")["promoted"] is False
    assert registry.champion(mlflow_uri, "shop") is None


def test_without_blind_rows_the_metrics_say_that_they_are_cross_validated(
    shop: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(shop, "plain", Kind.CATEGORY, labelled=60, share="0")
    result = train(capsys, project="plain")
    assert result["gate"]["verdict"] == "undecided"
    assert "first model, too few blind rows to judge" in result["gate"]["reasons"][0]
    assert result["promoted"] is False
    assert result["metrics"]["test_rows"] == 0
    assert "test_weighted_f1" not in result["metrics"]
    assert result["metrics"]["cross_validated_weighted_f1"] > 0.5


def test_the_same_snapshot_and_seed_give_the_same_model(
    shop: Engine, mlflow_uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    first = train(capsys, "--promote", "always")
    before = champion(mlflow_uri).predict(["cotton sneakers"])
    second = train(capsys, "--promote", "always", "--snapshot", first["snapshot"][:10])
    assert second["snapshot"] == first["snapshot"]
    assert champion(mlflow_uri).predict(["cotton sneakers"]) == before
    with reading(shop) as session:
        assert len(list_snapshots(session, get_project(session, "shop"))) == 1


def test_auto_measures_and_names_what_it_chose(shop: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    result = train(capsys, "--use-proposals", recipe="auto")
    assert result["recipe"] == "tfidf"
    assert len(result["notes"]) == 2
    assert all("cross-validation" in note for note in result["notes"])


def test_an_embedding_head_brings_its_embedder_along(
    shop: Engine, mlflow_uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    result = train(capsys, recipe="embedding-head")
    assert result["metrics"]["test_weighted_f1"] > 0.8
    assert "embedder: LSA" in result["notes"][0]
    assert champion(mlflow_uri).predict(["doll and teddy"])[0].category == "toys"


def test_tags_are_chosen_from_the_catalogue_of_the_known_category(
    shop: Engine, mlflow_uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(shop, "tagged", Kind.TAGS)
    result = train(capsys, "--promote", "always", project="tagged", recipe="tags-tfidf")
    assert result["metrics"]["test_tags_micro_f1"] > 0.6
    texts = ["cotton dress feels warm", "boots feels sturdy", "feels warm feels sturdy"]
    soft, sturdy, unknown = champion(mlflow_uri, "tagged").predict(texts, ["clothes", "shoes", None])
    assert soft.category is None
    assert "warm" in soft.tags
    assert set(soft.tag_scores) == {"soft", "warm"}
    assert sturdy.tags == ("sturdy",)
    assert set(unknown.tag_scores) == {"soft", "warm", "sturdy"}
    assert champion(mlflow_uri, "tagged").predict(texts[:1], ["clothes"], threshold=1.0)[0].tags == ("warm",)


def test_a_project_of_both_gets_two_heads_and_routes_tags_by_its_own_category(
    shop: Engine, mlflow_uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(shop, "both", Kind.BOTH)
    result = train(capsys, "--promote", "always", project="both")
    assert result["recipe"] == "tfidf+tags-tfidf"
    assert {"test_weighted_f1", "test_tags_micro_f1"} <= set(result["metrics"])
    found = champion(mlflow_uri, "both").predict(["cotton dress shirt feels soft"])[0]
    assert found.category == "clothes"
    assert set(found.tag_scores) == {"soft", "warm"}


def test_words_for_people_without_json(shop: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--project", "shop", "--recipe", "tfidf"]) == 0
    out = capsys.readouterr().out
    assert "gate: promote" in out
    assert out.rstrip().endswith("promoted to champion")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--project", "nosuch"], "no project 'nosuch'"),
        (["--project", "shop", "--recipe", "magic"], "no recipe 'magic'; recipes: auto, tfidf"),
        (["--project", "shop", "--recipe", "tags-tfidf"], "recipe tags-tfidf trains tags"),
        (["--project", "shop", "--recipe", "tfidf", "--set", "depth=3"], "--set depth: recipe tfidf has strength"),
        (["--project", "shop", "--recipe", "tfidf", "--set", "strength=much"], "--set strength: a number"),
        (["--project", "shop", "--snapshot", "feed"], "snapshot 'feed': 0 found"),
        (["--project", "empty"], "project 'empty' has no category labels to train on"),
        (["--project", "one"], "two different categories at least are needed"),
    ],
)
def test_what_the_user_can_mend_is_one_line_and_exit_code_1(
    sqlite: Engine, mlflow_uri: str, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    with writing(sqlite) as session:
        create_project(session, "shop", Kind.CATEGORY)
        create_project(session, "empty", Kind.CATEGORY)
        one = create_project(session, "one", Kind.CATEGORY)
        for number in range(20):
            record = add_record(session, one, external_id=str(number), text=f"text {number}")
            row = Annotation(record_id=record.id, person="ann", status=Status.GIVEN, answer=Answer("a"))
            save_annotations(session, one, [row])
    assert words in fails(capsys, arguments)


@pytest.mark.parametrize(
    "arguments", [[], ["--project", "p", "--budget", "soon"], ["--project", "p", "--promote", "maybe"]]
)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2


def test_a_champion_that_is_not_there_is_named(mlflow_uri: str) -> None:
    with pytest.raises(UserError, match="models:/shop@champion"):
        load_predictor(mlflow_uri, "models:/shop@champion")
    with pytest.raises(UserError, match="no version 7 of model 'shop'"):
        load_predictor(mlflow_uri, "models:/shop/7")
