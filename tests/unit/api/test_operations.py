from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine

from db.settings import load_settings
from db.types import Project
from workbench.api.app import build_api, run_api
from workbench.web.listening import Listening

LOCAL = ("127.0.0.1", 5)


def _until(true: Callable[[], bool]) -> None:
    for _ in range(1000):
        if true():
            return
        threading.Event().wait(0.01)
    raise AssertionError


def _samples(client: TestClient) -> dict[str, float]:
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {
        f"{sample.name}{sorted(v for k, v in sample.labels.items())}": sample.value
        for family in families
        for sample in family.samples
    }


def test_a_service_without_champions_is_ready(client: TestClient, goods: Project) -> None:
    _until(lambda: client.get("/readyz").status_code == 200)
    assert client.get("/readyz").json() == {"detail": "ready", "champions": []}


def test_it_is_not_ready_before_it_has_looked(engine: Engine, models) -> None:
    client = TestClient(build_api(engine, load_settings(), models=models))  # not entered: nothing was started
    assert client.get("/readyz").json()["detail"] == "looking for champions"
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").json() == {"status": "ok"}


def test_a_champion_is_loaded_without_a_request(client: TestClient, models, goods: Project) -> None:
    models.champions["goods"] = "7"
    _until(lambda: "'serving': '7'" in str(client.get("/readyz").json()))
    assert models.loaded == [("goods", "7")]


def test_a_champion_that_cannot_be_loaded_keeps_it_from_being_ready(client: TestClient, models, goods: Project) -> None:
    models.champions["goods"], models.faults["7"] = "7", "its bundle is gone"
    models.champions["goods"] = "7"
    _until(lambda: "gone" in client.get("/readyz").json()["detail"])
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["detail"] == "project 'goods': version 7: its bundle is gone"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_watch_that_ended_keeps_it_from_being_ready(client: TestClient, models, goods: Project, monkeypatch) -> None:
    _until(lambda: client.get("/readyz").status_code == 200)
    monkeypatch.setattr(models, "champion_version", lambda _project: 1 / 0)
    _until(lambda: client.get("/readyz").status_code == 503)
    assert client.get("/readyz").json()["detail"].startswith("the watch for champions has ended")


def test_while_the_one_before_answers_it_stays_ready_and_says_so(client: TestClient, models, goods: Project) -> None:
    models.champions["goods"] = "7"
    _until(lambda: "'serving': '7'" in str(client.get("/readyz").json()))
    models.faults["8"], models.champions["goods"] = "its bundle is gone", "8"
    _until(lambda: "gone" in client.get("/readyz").text)
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["champions"] == [
        {"project": "goods", "wanted": "8", "serving": "7", "fault": "its bundle is gone"}
    ]
    assert _samples(client)["workbench_model_behind['goods']"] == 1.0


def test_a_database_that_does_not_answer_is_told(client: TestClient, engine: Engine, goods: Project) -> None:
    _until(lambda: client.get("/readyz").status_code == 200)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE projects RENAME TO away")
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["detail"].startswith("the database does not answer")
    predicted = client.post("/v1/projects/goods/predict", json={"texts": ["a"]})
    assert predicted.status_code == 503
    assert client.get("/healthz").status_code == 200


def test_metrics_tell_what_was_predicted_and_how_fast(client: TestClient, models, goods: Project) -> None:
    models.champions["goods"] = "7"
    client.post("/v1/projects/goods/predict", json={"texts": ["red leather boots", "warm boots", "a bag"]})
    client.post("/v1/projects/goods/feedback", json={"text": "red boots", "category": "shoes"})
    client.get("/no/such/page")
    samples = _samples(client)
    route = "/v1/projects/{project}/predict"
    assert samples["workbench_predictions_total['7', 'goods', 'shoes']"] == 2.0
    assert samples["workbench_predicted_tags_total['7', 'goods', 'warm']"] == 1.0
    assert samples["workbench_prediction_confidence_count['7', 'goods']"] == 3.0
    assert samples[f"workbench_requests_total['{route}', '200', 'POST']"] == 1.0
    assert samples[f"workbench_request_seconds_count['{route}', 'goods/7']"] == 1.0
    assert samples["workbench_requests_total['404', 'GET', 'unmatched']"] == 1.0
    assert samples["workbench_feedback_total['given', 'goods']"] == 1.0
    assert samples["workbench_model_info['7', 'goods']"] == 1.0


def test_two_services_in_one_process_count_apart(engine: Engine, models, goods: Project) -> None:
    models.champions["goods"] = "7"
    with (
        TestClient(build_api(engine, load_settings(), models=models), client=LOCAL) as one,
        TestClient(build_api(engine, load_settings(), models=models), client=LOCAL) as other,
    ):
        one.post("/v1/projects/goods/predict", json={"texts": ["a bag"]})
        assert "workbench_predictions_total{" in one.get("/metrics").text
        assert "workbench_predictions_total{" not in other.get("/metrics").text


def test_the_docs_name_the_routes(client: TestClient) -> None:
    assert client.get("/docs").status_code == 200
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/v1/projects/{project}/predict", "/v1/projects/{project}/feedback", "/healthz", "/readyz", "/metrics"} <= {
        *paths
    }


def test_other_failures_have_the_same_shape(client: TestClient) -> None:
    assert client.get("/nowhere").json() == {"detail": "Not Found"}
    assert client.get("/v1/projects/goods/predict").json() == {"detail": "Method Not Allowed"}


# The watch in the background meets the same fault, sometimes before the test is over.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_internal_fault_shows_the_request_id_and_nothing_else(
    client: TestClient, models, goods, monkeypatch
) -> None:
    models.champions["goods"] = "7"
    monkeypatch.setattr(models, "load", lambda *_: 1 / 0)
    response = client.post(
        "/v1/projects/goods/predict", json={"texts": ["secret"]}, headers={"X-Request-Id": "order-17"}
    )
    assert response.status_code == 500
    assert response.json() == {"detail": "internal error; the server's log says more (request order-17)"}


def test_an_address_that_is_taken_is_named() -> None:
    import socket

    from db.errors import UserError

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"cannot listen on 127.0.0.1 port {port}: Address already in use"):
            run_api(load_settings(), Listening(port=port))
