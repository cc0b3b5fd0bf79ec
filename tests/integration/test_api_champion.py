"""The service and `predict` over a real registry: one small project with two trained versions."""

from __future__ import annotations

import csv
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.engine import make_engine, reading, writing
from db.errors import UserError
from db.gold import gold_of
from db.label_sets import parse_label_set, save_label_set
from db.migrate import upgrade
from db.projects import create_project, get_project
from db.records import add_record
from db.settings import Settings
from db.types import Annotation, Answer, Kind, Status
from workbench.api.app import build_api
from workbench.serving.batch import predict_file
from workbench.serving.models import NoChampionError

WORDS = {
    "обувь": ["ботинки", "кроссовки", "сапоги", "подошва", "шнурки"],
    "посуда": ["кастрюля", "тарелка", "сковорода", "чашка", "ложка"],
    "одежда": ["платье", "рубашка", "пальто", "рукав", "воротник"],
}
# MLflow 3.17 uses what SQLAlchemy 2.1 has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")
PREDICT = "/v1/projects/shop/predict"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home where version 1 of "shop" is champion and version 2 waits; "empty" has no champion."""
    home = tmp_path_factory.mktemp("trained")
    engine = make_engine(f"sqlite:///{home / 'data' / 'workbench.db'}")
    upgrade(engine)
    with writing(engine) as session:
        create_project(session, "empty", Kind.CATEGORY)
        project = create_project(session, "shop", Kind.CATEGORY)
        save_label_set(session, project, parse_label_set({"categories": list(WORDS)}))
        given = []
        for category, words in WORDS.items():
            for number in range(40):
                text = f"{words[number % 5]} {words[number * 3 % 5]} хорошее качество номер {number}"
                record = add_record(session, project, external_id=f"{category}-{number}", text=text)
                answer = Answer(category)
                given.append(Annotation(record_id=record.id, person="hand", status=Status.GIVEN, answer=answer))
        save_annotations(session, project, given)
    engine.dispose()
    for promote in ("always", "never"):
        _run(home, "-m", "training.retrain", "--project", "shop", "--recipe", "tfidf", "--promote", promote, "--json")
    return home


@pytest.fixture
def settings(trained: Path) -> Settings:
    return Settings(home=trained)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = make_engine(settings.database)
    yield engine
    engine.dispose()


@pytest.fixture
def client(engine: Engine, settings: Settings) -> Iterator[TestClient]:
    with TestClient(build_api(engine, settings), client=("127.0.0.1", 5)) as client:
        _until(lambda: client.get("/readyz").status_code == 200)
        yield client


def _environment(home: Path) -> dict[str, str]:
    return {**os.environ, "WORKBENCH_HOME": str(home)}


def _run(home: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], env=_environment(home), capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _version(client: TestClient) -> str:
    return str(client.post(PREDICT, json={"texts": ["ботинки"]}).json()[0]["model_version"])


def test_the_service_and_a_file_say_the_same(
    client: TestClient, engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    texts = ["новые ботинки", "чашка и ложка", "платье без рукавов"]
    (tmp_path / "in.csv").write_text("text\n" + "\n".join(texts) + "\n", encoding="utf-8")
    summary = predict_file(engine, settings, "shop", tmp_path / "in.csv", tmp_path / "out.csv")
    answers = client.post(PREDICT, json={"texts": texts}).json()
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [a["category"] for a in answers] == list(WORDS) == [row["category"] for row in rows]
    assert [a["confidence"] for a in answers] == pytest.approx([float(row["confidence"]) for row in rows])
    assert sum(answers[0]["probabilities"].values()) == pytest.approx(1.0)
    assert (summary.model_version, summary.predicted) == (answers[0]["model_version"], 3)


def test_decisions_say_what_predict_says(client: TestClient) -> None:
    (predicted,) = client.post(PREDICT, json={"texts": ["новые ботинки"]}).json()
    question = {"type": "choice", "instructions": "", "criteria": dict.fromkeys(WORDS)}
    body = {"model": "shop", "state": "новые ботинки", "questions": {"category": question}}
    answer = client.post("/v1/systemone", json=body).json()["answers"]["category"]
    assert answer["choice"] == predicted["category"]
    assert answer["probabilities"] == pytest.approx(predicted["probabilities"])


def test_a_correction_becomes_gold_and_keeps_what_it_corrects(client: TestClient, engine: Engine) -> None:
    text = "чашка в подарок к платью"
    (predicted,) = client.post(PREDICT, json={"texts": [text]}).json()
    right = next(category for category in WORDS if category != predicted["category"])
    body = {"text": text, "category": right, "prediction_id": predicted["prediction_id"]}
    receipt = client.post("/v1/projects/shop/feedback", json=body).json()
    assert receipt["status"] == "corrected"
    with reading(engine) as session:
        golds = gold_of(session, get_project(session, "shop")).values()
    assert [g.answer.category for g in golds if g.annotators == ("api",)] == [right]


def test_promotions_rollbacks_and_aliases_moved_by_hand_are_followed_under_traffic(
    client: TestClient, engine: Engine, settings: Settings
) -> None:
    from training.promoting import rollback
    from training.registry import CHAMPION, get_version, promote, set_alias

    statuses: set[int] = set()
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            statuses.add(client.post(PREDICT, json={"texts": ["ботинки"]}).status_code)

    traffic = threading.Thread(target=ask)
    traffic.start()
    try:
        promote(engine, settings.mlflow, "shop", get_version(settings.mlflow, "shop", "2"), verdict="by hand")
        _until(lambda: _version(client) == "2")
        rollback(engine, settings.mlflow, "shop")
        _until(lambda: _version(client) == "1")
        set_alias(settings.mlflow, get_version(settings.mlflow, "shop", "2"), CHAMPION)
        _until(lambda: _version(client) == "2")
        set_alias(settings.mlflow, get_version(settings.mlflow, "shop", "1"), CHAMPION)
        _until(lambda: _version(client) == "1")
    finally:
        stop.set()
        traffic.join()
    assert statuses == {200}


@pytest.mark.parametrize("model", ["2", "models:/shop/2"])
def test_a_file_can_be_predicted_by_another_version(
    engine: Engine, settings: Settings, tmp_path: Path, model: str
) -> None:
    (tmp_path / "in.csv").write_text("text\nботинки\n", encoding="utf-8")
    summary = predict_file(engine, settings, "shop", tmp_path / "in.csv", tmp_path / "out.csv", model=model)
    assert summary.model_version == "2"


@pytest.mark.parametrize(
    ("project", "model", "told"),
    [("shop", "models:/shop/9", "version 9"), ("shop", "9", "version 9"), ("nix", None, "no project 'nix'")],
)
def test_a_file_needs_a_model_that_is_there(
    engine: Engine, settings: Settings, tmp_path: Path, project: str, model: str | None, told: str
) -> None:
    (tmp_path / "in.csv").write_text("text\nботинки\n", encoding="utf-8")
    with pytest.raises(UserError, match=told):
        predict_file(engine, settings, project, tmp_path / "in.csv", tmp_path / "out.csv", model=model)


def test_without_a_champion_both_say_how_to_get_one(
    client: TestClient, engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "in.csv").write_text("text\nботинки\n", encoding="utf-8")
    with pytest.raises(NoChampionError) as error:
        predict_file(engine, settings, "empty", tmp_path / "in.csv", tmp_path / "out.csv")
    response = client.post("/v1/projects/empty/predict", json={"texts": ["ботинки"]})
    assert (response.status_code, response.json()) == (409, {"detail": str(error.value)})


def test_a_service_told_to_stop_finishes_what_it_is_answering(trained: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    code = (
        "from db.settings import load_settings; from workbench.api.app import run_api;"
        f"from workbench.web.listening import Listening; run_api(load_settings(), Listening(port={port}))"
    )
    server = subprocess.Popen([sys.executable, "-c", code], env=_environment(trained), stderr=subprocess.PIPE)
    try:
        _until(lambda: _get(port, "/readyz") == 200)
        words = random.Random(7)
        texts = [" ".join(f"{words.getrandbits(32):x}" for _ in range(50)) for _ in range(1000)]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        with closing(connection):
            connection.request("POST", PREDICT, json.dumps({"texts": texts}), {"Content-Type": "application/json"})
            time.sleep(0.3)
            server.send_signal(signal.SIGTERM)
            assert len(json.load(connection.getresponse())) == 1000
        assert server.wait(20) in (0, -signal.SIGTERM)
    finally:
        server.kill()
        server.communicate()


def _get(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
            return int(response.status)
    except OSError:
        return 0
