"""The routes of the login, behind the headers and the wall of the real app: what a browser gets, what a script gets."""

from __future__ import annotations

import re

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from db.engine import writing
from db.types import Role
from db.users import create_user
from workbench.access.access import make_access
from workbench.access.routes import me_routes
from workbench.ui.headers import SecurityHeaders
from workbench.ui.login import login_routes
from workbench.ui.login_wall import LoginWall
from workbench.ui.own_password import own_password_routes
from workbench.web.errors import add_error_handlers

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
RIGHT = "correct horse"
HTML = {"accept": "text/html"}


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.access.passwords._hasher", lambda: QUICK)
    monkeypatch.setattr("workbench.access.passwords._nobodys_hash", lambda: QUICK.hash("x"))


@pytest.fixture
def app(sqlite: Engine) -> FastAPI:
    access = make_access(sqlite)
    wall = Middleware(LoginWall, access=access, page_roles={"/": Role.ANNOTATOR})
    app = FastAPI(middleware=[Middleware(SecurityHeaders), wall])
    app.include_router(login_routes(access))
    app.include_router(me_routes())
    app.include_router(own_password_routes(access))
    add_error_handlers(app)
    return app


@pytest.fixture
def people(sqlite: Engine) -> None:
    with writing(sqlite) as session:
        create_user(session, "root", Role.ADMIN, QUICK.hash(RIGHT))
        create_user(session, "Анна <b>", Role.ANNOTATOR, QUICK.hash(RIGHT))


def browser(app: FastAPI, address: str = "http://127.0.0.1:7860") -> TestClient:
    return TestClient(app, base_url=address, client=("127.0.0.1", 5), follow_redirects=False)


def enter(client: TestClient, password: str = RIGHT, name: str = "root", **more: str):
    return client.post("/login", data={"name": name, "password": password, **more}, headers=HTML)


@pytest.mark.usefixtures("people")
def test_a_login_by_form_leads_where_one_wanted_to_go(app: FastAPI) -> None:
    client = browser(app)
    answer = enter(client, next="/overview?project=a%20b")
    assert (answer.status_code, answer.headers["location"]) == (303, "/overview?project=a%20b")
    assert client.get("/api/me").json() == {"person": "root", "role": "admin", "logged_in": True}


@pytest.mark.usefixtures("people")
def test_a_login_by_json_says_who_one_is(app: FastAPI) -> None:
    client = browser(app)
    answer = client.post("/login", json={"name": "АННА <b>", "password": RIGHT, "next": "//evil.test"})
    assert answer.status_code == 200
    assert answer.json() == {"person": "Анна <b>", "role": "annotator", "next": "/"}
    assert client.get("/api/me").json()["person"] == "Анна <b>"


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("elsewhere", ["//evil.test", "/\\evil.test", "https://evil.test", "javascript:alert(1)"])
def test_no_login_leads_to_another_host(app: FastAPI, elsewhere: str) -> None:
    client = browser(app)
    assert enter(client, next=elsewhere).headers["location"] == "/"
    assert client.get("/login", params={"next": elsewhere}).headers["location"] == "/"


@pytest.mark.usefixtures("people")
def test_the_cookie_is_for_this_host_and_not_for_scripts(app: FastAPI) -> None:
    plain = enter(browser(app)).headers["set-cookie"]
    assert re.fullmatch(r"wb_session=[\w-]{43}; HttpOnly; Max-Age=604800; Path=/; SameSite=lax", plain)
    secure = enter(browser(app, "https://labels.shop.example")).headers["set-cookie"]
    assert re.fullmatch(r"__Host-wb_session=[\w-]{43}; HttpOnly; Max-Age=604800; Path=/; SameSite=lax; Secure", secure)


@pytest.mark.usefixtures("people")
def test_over_https_a_cookie_that_a_neighbour_could_have_planted_is_not_read(app: FastAPI) -> None:
    token = enter(browser(app)).cookies["wb_session"]
    client = browser(app, "https://labels.shop.example")
    assert client.get("/api/me", headers={"cookie": f"wb_session={token}"}).status_code == 401
    assert client.get("/api/me", headers={"cookie": f"__Host-wb_session={token}"}).status_code == 200


@pytest.mark.usefixtures("people")
def test_a_login_never_takes_over_a_token_that_was_there_before(app: FastAPI) -> None:
    client = browser(app)
    client.cookies.set("wb_session", "x" * 43)
    first = enter(client).cookies["wb_session"]
    second = enter(client).cookies["wb_session"]
    assert len({"x" * 43, first, second}) == 3
    assert browser(app).get("/api/me", headers={"cookie": f"wb_session={first}"}).status_code == 401


@pytest.mark.usefixtures("people")
def test_a_wrong_password_shows_the_form_again_with_its_name_as_text(app: FastAPI) -> None:
    answer = enter(browser(app), "wrong horse", 'x"><script>alert(1)</script>', next="/overview")
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "wrong horse" not in answer.text
    assert 'name="next" value="/overview"' in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.usefixtures("people")
def test_ten_wrong_passwords_end_in_waiting_which_the_right_one_shares(app: FastAPI) -> None:
    client = browser(app)
    statuses = [client.post("/login", json={"name": "root", "password": "wrong"}).status_code for _ in range(10)]
    assert statuses == [401] * 5 + [429] * 5
    refused = client.post("/login", json={"name": "root", "password": RIGHT})
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 30
    page = enter(client)
    assert (page.status_code, page.headers["retry-after"]) == (429, refused.headers["retry-after"])
    assert "Too many wrong passwords" in page.text
    other = client.post("/login", json={"name": "Анна <b>", "password": RIGHT})
    assert other.status_code == 200


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("path", ["/login", "/logout"])
def test_another_sites_page_logs_nobody_in_or_out(app: FastAPI, path: str) -> None:
    client = browser(app)
    enter(client)
    for headers in ({"origin": "https://evil.test"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
        answer = client.post(path, data={"name": "root", "password": RIGHT}, headers=headers)
        assert answer.status_code == 403
    assert client.get("/api/me").status_code == 200


@pytest.mark.usefixtures("people")
def test_a_logout_ends_the_session_not_only_the_cookie(app: FastAPI) -> None:
    client = browser(app)
    token = enter(client).cookies["wb_session"]
    answer = client.post("/logout")
    assert answer.status_code == 204
    assert 'wb_session=""; HttpOnly; Max-Age=0; Path=/; SameSite=lax' in re.sub(
        "expires=[^;]+; ", "", answer.headers["set-cookie"]
    )
    assert browser(app).get("/api/me", headers={"cookie": f"wb_session={token}"}).status_code == 401
    enter(client)
    assert client.post("/logout", headers=HTML).headers["location"] == "/login"
    assert client.get("/logout").status_code == 401
    enter(client)
    assert client.get("/logout").status_code == 405
    assert client.get("/api/me").status_code == 200


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "application/json", 422),
        (b"[]", "application/json", 422),
        (b'{"name": 1, "password": 2}', "application/json", 422),
        (b'{"name": "root"}', "application/json", 422),
        (b"\xff\xfe", "application/json", 422),
        (b"[" * 10_000, "application/json", 422),
        (b"name=root", "application/x-www-form-urlencoded", 422),
        (b"name=%ff&password=x", "application/x-www-form-urlencoded", 422),
        (b"&".join(b"a=b" for _ in range(50)), "application/x-www-form-urlencoded", 422),
        (b"name=root&password=x", "text/plain", 415),
        (b"x" * 30_000, "application/json", 413),
    ],
)
def test_what_is_no_login_is_refused_in_one_line(app: FastAPI, content: bytes, kind: str, status: int) -> None:
    answer = browser(app).post("/login", content=content, headers={"content-type": kind})
    assert answer.status_code == status
    assert "\n" not in answer.json()["detail"]


@pytest.mark.usefixtures("people")
def test_the_page_is_a_form_that_password_managers_know_in_the_browsers_language(app: FastAPI) -> None:
    page = browser(app).get("/login", params={"next": "/overview"}, headers={"accept-language": "ru-RU,ru;q=0.9"})
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    for said in ('lang="ru"', "Войти", 'autocomplete="username"', 'autocomplete="current-password"'):
        assert said in page.text
    assert "://" not in page.text.replace("http://www.w3.org", "")
    assert "Log in" in browser(app).get("/login", headers={"accept-language": "de"}).text


@pytest.mark.usefixtures("people")
def test_who_is_logged_in_needs_no_login_page(app: FastAPI) -> None:
    client = browser(app)
    enter(client)
    assert client.get("/login", params={"next": "/overview"}).headers["location"] == "/overview"


def test_without_users_there_is_nobody_to_log_in(app: FastAPI) -> None:
    client = browser(app)
    assert client.get("/login").headers["location"] == "/"
    answer = client.post("/login", json={"name": "root", "password": RIGHT})
    assert answer.status_code == 409
    assert "workbench users add NAME --role admin" in answer.json()["detail"]


@pytest.mark.usefixtures("people")
def test_people_give_themselves_another_password_and_stay_logged_in_here_only(app: FastAPI) -> None:
    here, elsewhere = browser(app), browser(app)
    enter(here)
    enter(elsewhere)
    answer = here.post("/api/me/password", json={"old": RIGHT, "new": "another horse"})
    assert answer.status_code == 204
    assert here.get("/api/me").json()["person"] == "root"
    assert elsewhere.get("/api/me").status_code == 401
    assert enter(browser(app)).status_code == 401
    assert enter(browser(app), "another horse").status_code == 303


@pytest.mark.usefixtures("people")
def test_whoever_only_sits_at_an_open_page_cannot_change_the_password(app: FastAPI) -> None:
    client = browser(app)
    enter(client)
    answers = [client.post("/api/me/password", json={"old": "guess it", "new": "another horse"}) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429] * 2
    assert client.get("/api/me").status_code == 200
    assert client.post("/api/me/password", json={"old": RIGHT, "new": "short"}).status_code == 422
    assert browser(app).post("/api/me/password", json={"old": RIGHT, "new": "another horse"}).status_code == 401


def test_without_users_nobody_has_a_password(app: FastAPI) -> None:
    answer = browser(app).post("/api/me/password", json={"old": RIGHT, "new": "another horse"})
    assert answer.status_code == 409
