"""The service over a database of its own and a registry in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from db.settings import load_settings
from workbench.api.app import build_api

# Without users, only this machine is answered.
LOCAL = ("127.0.0.1", 5)


@pytest.fixture
def engine(sqlite: Engine) -> Engine:
    return sqlite


@pytest.fixture
def client(engine: Engine, models) -> Iterator[TestClient]:
    app = build_api(engine, load_settings(), models=models)
    with TestClient(app, raise_server_exceptions=False, client=LOCAL) as client:
        yield client
