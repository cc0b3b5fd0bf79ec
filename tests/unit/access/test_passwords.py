from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import UserError
from workbench.access.passwords import check_password, hash_password, is_outdated, is_password, new_password


def test_only_the_right_password_is_right() -> None:
    kept = hash_password("correct horse")
    assert kept.startswith("$argon2id$")
    assert "correct" not in kept
    assert hash_password("correct horse") != kept
    assert is_password(kept, "correct horse")
    assert not is_password(kept, "correct horsf")
    assert not is_password(kept, "")


def test_the_same_letters_composed_otherwise_are_the_same_password() -> None:
    assert is_password(hash_password("йогурт и ёлка"), "йогурт и ёлка")


@pytest.mark.parametrize("password", ["", "seven77", "x" * 1001, "\ud800" * 9])
def test_a_password_of_no_use_is_refused_without_being_repeated(password: str) -> None:
    with pytest.raises(UserError, match=r"^password: ") as refused:
        hash_password(password)
    assert not password or password not in str(refused.value)


@pytest.mark.parametrize("given", ["", "x" * 100_000, "\ud800" * 9, "a\x00b"])
def test_whatever_is_typed_can_be_wrong(given: str) -> None:
    assert not is_password(hash_password("12345678"), given)


def test_nobody_has_a_password() -> None:
    assert not is_password(None, "correct horse")
    assert not is_password("no hash at all", "correct horse")


@pytest.mark.parametrize(("kept", "given"), [(None, "correct horse"), (None, "x" * 5000), ("known", "x" * 5000)])
def test_an_unknown_name_costs_as_much_as_a_wrong_password(
    monkeypatch: pytest.MonkeyPatch, kept: str | None, given: str
) -> None:
    known = hash_password("12345678")
    checked: list[str] = []
    verify = PasswordHasher.verify

    def counting(self: PasswordHasher, against: str, password: str) -> bool:
        checked.append(against)
        return verify(self, against, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    assert not is_password(known if kept else None, given)
    (against,) = checked
    assert against.split("$")[:4] == known.split("$")[:4], "the same algorithm with the same parameters"


def test_a_hash_of_weaker_parameters_is_outdated() -> None:
    assert is_outdated(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("12345678"))
    assert not is_outdated(hash_password("12345678"))


def test_made_up_passwords_can_be_used_and_differ() -> None:
    made = {new_password() for _ in range(100)}
    assert len(made) == 100
    assert all(check_password(one) == one for one in made)


@given(password=st.text(min_size=8, max_size=200))
@settings(deadline=None)
def test_what_is_checked_stays_as_it_is(password: str) -> None:
    try:
        checked = check_password(password)
    except UserError:
        return
    assert check_password(checked) == checked
