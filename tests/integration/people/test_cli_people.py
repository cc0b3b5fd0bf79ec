"""`workbench users` and `workbench tokens`, as a script would call them."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from db.audit import list_changes
from db.engine import reading
from db.users import get_user, password_hash_of
from workbench.access.passwords import is_password
from workbench.cli import main
from workbench.wiring import open_workbench


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        (line,) = self.out.splitlines()
        return json.loads(line)


Run = Callable[..., Result]


class Typed(io.StringIO):
    """Standard input that is piped in."""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """`workbench ARGUMENTS` in this process, with `typed` on standard input."""

    def workbench(*arguments: str, typed: str = "") -> Result:
        monkeypatch.setattr(sys, "argv", ["workbench", *arguments])
        monkeypatch.setattr(sys, "stdin", Typed(typed))
        capfd.readouterr()
        with pytest.raises(SystemExit) as caught:
            main()
        return Result(int(caught.value.code or 0), *capfd.readouterr())

    return workbench


def has_password(name: str, password: str) -> bool:
    with reading(open_workbench().engine) as session:
        return is_password(password_hash_of(session, get_user(session, name)), password)


def test_the_first_user_gets_a_password_that_is_shown_once(run: Run) -> None:
    assert "no users yet" in run("users").out
    assert run("users", "--json").json == {"users": []}
    made = run("users", "add", "root", "--role", "admin", "--json").json
    assert (made["name"], made["role"], made["active"]) == ("root", "admin", True)
    assert has_password("root", made["password"])
    (listed,) = run("users", "--json").json["users"]
    assert "password" not in listed
    assert run("users").out == "root  (admin)\n"


def test_a_password_can_be_piped_in_and_is_told_to_nobody(run: Run) -> None:
    run("users", "add", "root", "--role", "admin")
    made = run(
        "users", "add", "Анна", "--role", "annotator", "--password-stdin", "--json", typed="correct horse\r\nx\n"
    )
    assert "password" not in made.json
    assert has_password("анна", "correct horse")
    told = run("users", "set", "АННА", "--password-stdin", "--role", "reviewer", typed="another horse\n")
    assert told.out == "Анна may log in as reviewer, with a new password\n"
    assert has_password("Анна", "another horse")
    with reading(open_workbench().engine) as session:
        noted = list_changes(session)
    assert "horse" not in repr(noted)
    assert all(change.person.endswith("command line)") or change.person == "command line" for change in noted)


def test_on_a_terminal_the_password_is_asked_for_twice(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def prompt(_text: str, **how: Any) -> str:
        asked.append(how)
        return "correct horse"

    monkeypatch.setattr("typer.prompt", prompt)
    monkeypatch.setattr(Typed, "isatty", lambda _self: True)
    assert "password" not in run("users", "add", "root", "--role", "admin", "--json").json
    assert asked == [{"hide_input": True, "confirmation_prompt": True, "err": True}]
    assert has_password("root", "correct horse")


def test_what_cannot_be_is_one_line_and_exit_code_1(run: Run) -> None:
    first = run("users", "add", "ann", "--role", "annotator")
    assert (first.code, first.err.count("\n")) == (1, 1)
    assert "first user has to be an admin" in first.err
    run("users", "add", "root", "--role", "admin")
    for asked, told in (
        (("add", "ROOT", "--role", "admin"), "'root' exists already"),
        (("add", "a\nb", "--role", "admin"), "printable"),
        (("set", "nobody", "--inactive"), "no user 'nobody'"),
        (("set", "root", "--inactive"), "last active admin"),
        (("set", "root", "--role", "reviewer"), "last active admin"),
        (("set", "root"), "say what to change"),
        (("set", "root", "--password-stdin"), "password: use 8"),
    ):
        answer = run("users", *asked)
        assert (answer.code, answer.out, answer.err.count("\n")) == (1, "", 1), asked
        assert told in answer.err
    assert run("users", "add", "x", "--role", "boss").code == 2
    assert run("users", "add", "x").code == 2


def test_a_person_can_be_shut_out_and_let_in_again(run: Run) -> None:
    run("users", "add", "root", "--role", "admin")
    run("users", "add", "ann", "--role", "annotator")
    assert run("users", "set", "ann", "--inactive").out == "ann may not log in as annotator\n"
    assert "ann  (annotator, inactive)" in run("users").out
    assert run("users", "set", "ann", "--active", "--json").json["active"] is True


def test_a_token_is_shown_once_listed_and_revoked(run: Run) -> None:
    run("users", "add", "root", "--role", "admin")
    assert "no tokens yet" in run("tokens").out
    asked = ("tokens", "add", "nightly", "--owner", "ROOT", "--scope", "feedback", "--scope", "predict")
    made = run(*asked, "--days", "3", "--json").json
    assert made["secret"].startswith("wb_")
    assert (made["owner"], made["scopes"], made["works"]) == ("root", ["predict", "feedback"], True)
    (listed,) = run("tokens", "--json").json["tokens"]
    assert listed == {key: value for key, value in made.items() if key != "secret"}
    assert run("tokens", "revoke", str(made["id"]), "--json").json["works"] is False
    assert "works no more" in run("tokens").out
    assert run("tokens", "revoke", "99").code == 1
    assert run("tokens", "add", "x", "--owner", "nobody", "--scope", "predict").err.startswith(
        "error: no user 'nobody'"
    )
    assert run("tokens", "add", "x", "--owner", "root").code == 2
    assert run("tokens", "add", "x", "--owner", "root", "--scope", "all").code == 2


@pytest.mark.parametrize("command", [("ui",), ("api",), ("up",), ("up", "--only", "mlflow"), ("up", "--detach")])
def test_nothing_listens_to_others_before_there_are_users(run: Run, command: tuple[str, ...]) -> None:
    answer = run(*command, "--host", "0.0.0.0")
    assert answer.code == 1
    assert "no users yet, so only 127.0.0.1 may be listened on, not 0.0.0.0" in answer.err
    assert "workbench users add NAME --role admin" in answer.err
