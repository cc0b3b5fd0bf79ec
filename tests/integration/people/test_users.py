"""Users: names that are one person's, roles, and always somebody who can let others in."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from db.audit import list_changes
from db.engine import reading, writing
from db.errors import UserError
from db.sessions import SessionLimits, find_session, start_session
from db.tables import utcnow
from db.types import Role
from db.users import (
    User,
    any_users,
    create_user,
    find_user,
    list_users,
    password_hash_of,
    renew_hash,
    set_active,
    set_password,
    set_role,
)

HASH = "$argon2id$secret-hash"


def add(engine: Engine, name: str, role: Role = Role.ADMIN) -> User:
    with writing(engine, by="root") as session:
        return create_user(session, name, role, HASH)


def test_a_user_is_found_by_name_whatever_its_case_and_width(engine: Engine) -> None:
    with reading(engine) as session:
        assert not any_users(session)
    made = add(engine, "  Анна Straße ")
    assert made.name == "Анна Straße"
    with reading(engine) as session:
        assert any_users(session)
        assert find_user(session, "анна STRASSE") == find_user(session, "Ａнна straße".replace("Ａ", "А")) == made
        assert find_user(session, "Ａnna") is None
        assert password_hash_of(session, made) == HASH


@pytest.mark.parametrize("name", ["ann", "ANN", " Ann ", "Ａｎｎ"])
def test_no_two_people_have_names_that_look_alike(engine: Engine, name: str) -> None:
    add(engine, "Ann")
    with pytest.raises(UserError, match="user 'Ann' exists already"):
        add(engine, name)


@pytest.mark.parametrize("name", ["", "   ", "x" * 256, "a\nb", "a\x00b", "a\u202eb", "ﷺ" * 200])
def test_what_cannot_be_a_name_is_refused_in_one_line(engine: Engine, name: str) -> None:
    with pytest.raises(UserError, match="user name") as caught:
        add(engine, name)
    assert len(str(caught.value).splitlines()) == 1


def test_the_first_user_has_to_be_an_admin(engine: Engine) -> None:
    with pytest.raises(UserError, match="first user has to be an admin"):
        add(engine, "ann", Role.ANNOTATOR)
    add(engine, "root")
    assert add(engine, "ann", Role.ANNOTATOR).role is Role.ANNOTATOR


def test_the_last_active_admin_stays(engine: Engine) -> None:
    root, second = add(engine, "root"), add(engine, "second")
    with writing(engine) as session:
        assert not set_active(session, second, False).active
    for change in (lambda s: set_active(s, root, False), lambda s: set_role(s, root, Role.REVIEWER)):
        with pytest.raises(UserError, match="'root' is the last active admin"), writing(engine) as session:
            change(session)
    with writing(engine) as session:
        set_active(session, second, True)
        assert set_role(session, root, Role.REVIEWER).role is Role.REVIEWER


def test_a_new_password_and_a_closed_account_end_every_session(engine: Engine) -> None:
    root, ann = add(engine, "root"), add(engine, "ann", Role.ANNOTATOR)
    now = utcnow()

    def token_of(user: User) -> str:
        with writing(engine) as session:
            return start_session(session, user, now=now)

    def alive(token: str) -> bool:
        with reading(engine) as session:
            return find_session(session, token, limits=SessionLimits(), now=now) is not None

    roots, old = token_of(root), token_of(ann)
    with writing(engine) as session:
        set_role(session, ann, Role.REVIEWER)
        renew_hash(session, ann, "$argon2id$same-password")
    assert alive(old)
    with writing(engine) as session:
        set_password(session, ann, "$argon2id$another")
    assert not alive(old)
    assert alive(roots)
    new = token_of(ann)
    with writing(engine) as session:
        set_active(session, ann, False)
    assert not alive(new)
    with writing(engine) as session:
        set_active(session, ann, True)
    assert not alive(new), "sessions do not come back with the account"


def test_changes_are_noted_with_who_made_them_and_never_a_hash(engine: Engine) -> None:
    root, ann = add(engine, "root"), add(engine, "ann", Role.ANNOTATOR)
    with writing(engine, by="root") as session:
        set_role(session, ann, Role.REVIEWER)
        set_role(session, ann, Role.REVIEWER)
        set_password(session, ann, HASH + "2")
        set_active(session, root, True)
        set_active(session, ann, False)
    with reading(engine) as session:
        changes = list_changes(session)[::-1]
    assert [(c.person, c.action, c.subject, c.old, c.new) for c in changes] == [
        ("root", "user.create", "root", None, {"role": "admin"}),
        ("root", "user.create", "ann", None, {"role": "annotator"}),
        ("root", "user.role", "ann", "annotator", "reviewer"),
        ("root", "user.password", "ann", None, None),
        ("root", "user.active", "ann", True, False),
    ]
    assert "argon2" not in repr(changes)


_CHANGES = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([*Role, True, False])),
    max_size=12,
)


@given(changes=_CHANGES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked_an_active_admin_is_left(sqlite: Engine, changes: list[tuple[int, Role | bool]]) -> None:
    with writing(sqlite) as session:
        known = {user.name: user for user in list_users(session)}
        people = [known.get(name) or create_user(session, name, Role.ADMIN, HASH) for name in ("a", "b", "c")]
        for who, what in changes:
            change = set_active if isinstance(what, bool) else set_role
            with suppress(UserError):
                change(session, people[who], what)
            assert any(user.active and user.role is Role.ADMIN for user in list_users(session))
