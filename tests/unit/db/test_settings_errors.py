"""What a wrong setting says, and what it does not show."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.errors import UserError
from db.settings import load_settings


def test_a_file_of_settings_that_is_not_utf8_is_named(home: Path) -> None:
    (home / ".env").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match=r"^\.env: not UTF-8 text"):
        load_settings()


def test_a_malformed_address_is_not_shown_because_it_may_hold_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_DATABASE_URL", "u:secretpw@host/db")
    with pytest.raises(UserError, match="WORKBENCH_DATABASE_URL: not a database address") as caught:
        load_settings()
    assert "secretpw" not in str(caught.value)
