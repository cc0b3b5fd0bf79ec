"""MLflow's address: what kind it is, shown without its password, and its silence in our words."""

from __future__ import annotations

import pytest

from training.mlflow_address import is_served, plain_fault, shown


@pytest.mark.parametrize(
    ("address", "served"),
    [
        ("http://mlflow.example:5000", True),
        ("https://mlflow.example", True),
        ("sqlite:////home/ann/mlruns/mlflow.db", False),
        ("postgresql://ann@db/mlflow", False),
        ("mlruns", False),
    ],
)
def test_a_server_keeps_its_files_and_a_database_does_not(address: str, served: bool) -> None:
    assert is_served(address) is served


@pytest.mark.parametrize("scheme", ["postgresql", "http"])
def test_a_password_is_not_shown(scheme: str) -> None:
    assert shown(f"{scheme}://ann:hush@host:1/mlflow") == f"{scheme}://ann:***@host:1/mlflow"


def test_what_has_no_password_is_shown_as_it_is() -> None:
    assert shown("sqlite:////a/mlflow.db") == "sqlite:////a/mlflow.db"
    assert shown("./mlruns") == "./mlruns"


def test_a_server_that_does_not_answer_is_said_without_the_librarys_words() -> None:
    said = (
        "API request to http://h:1/api failed with exception HTTPConnectionPool(host='h', port=1): Max retries "
        "exceeded with url: /api (Caused by NewConnectionError('[Errno 111] Connection refused'))"
    )
    fault = plain_fault(RuntimeError(said), "http://h:1")
    assert fault == "nothing answers there; start the server, or mend WORKBENCH_MLFLOW_URI"


def test_any_other_fault_keeps_its_first_line() -> None:
    assert plain_fault(RuntimeError("one\ntwo"), "http://h:1") == "one"
    assert plain_fault(RuntimeError(), "http://h:1") == "RuntimeError"
    assert plain_fault(RuntimeError("Connection refused"), "postgresql://h/m") == "Connection refused"
