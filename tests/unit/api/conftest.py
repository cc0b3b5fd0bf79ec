"""The service over a database of its own and a registry in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from db.settings import load_settings
from workbench.api.app import build_api


@pytest.fixture
def engine(sqlite: Engine) -> Engine:
    return sqlite


@pytest.fixture
def client(engine: Engine, models) -> Iterator[TestClient]:
    app = build_api(engine, load_settings(), models=models)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
