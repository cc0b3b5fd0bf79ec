"""The routes of the page of changes."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.conftest import ClientOf
from workbench.ui.pages.audit import audit_routes


@pytest.mark.parametrize("field", ["person", "project"])
def test_a_filter_that_no_database_could_hold_is_refused(engine: Engine, client_of: ClientOf, field: str) -> None:
    answer = client_of(audit_routes(engine)).get("/api/audit", params={field: "a\x00"})
    assert answer.status_code == 422
    assert answer.json()["detail"] == f"{field}: it holds a NUL, which no database keeps"
