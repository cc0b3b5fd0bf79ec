from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.engine import writing
from db.projects import create_project, get_project
from db.records import add_record
from db.settings import load_settings
from db.types import Annotation, Answer, Kind, Role, Status
from workbench.exchange.downloads import Downloads
from workbench.exchange.requests import ImportRequest
from workbench.exchange.uploads import Uploads
from workbench.jobs.desk import JobDesk
from workbench.jobs.job import JobKind
from workbench.jobs.opening import KeptStore
from workbench.ui.pages.data import data_routes

MB = 2**20
ClientOf = Callable[..., TestClient]
NAME = "Отзывы <b>май =1+1.csv"
ROWS = "id,текст,метка\n1,Отличные ботинки,обувь\n2,,обувь\n3,<img src=x onerror=alert(1)>,=cmd()\n"
SENT = ROWS.encode()


class Site:
    """The routes with what they put together, and clients of them."""

    def __init__(self, engine: Engine, home: Path, client_of: ClientOf) -> None:
        self.uploads = Uploads(home / "data" / "uploads", limit=MB)
        self.downloads = Downloads(home / "data" / "exports", snapshots=home / "data" / "snapshots")
        self.desk = JobDesk(settings=load_settings(), engine=engine, store=KeptStore(load_settings()))
        self._router = data_routes(engine, self.uploads, self.downloads, self.desk)
        self._client_of = client_of

    def client(self, role: Role | None = Role.ADMIN) -> TestClient:
        return self._client_of(self._router, role=role, person="анна")

    def send(self, content: bytes | Iterator[bytes] = SENT, name: str = NAME) -> Any:
        return self.client().post("/api/data/uploads", content=content, headers={"x-file-name": quote(name)})

    def kept(self) -> list[str]:
        return sorted(path.name for path in self.uploads.kept.folder.glob("*"))


@pytest.fixture
def site(sqlite: Engine, home: Path, client_of: ClientOf) -> Site:
    return Site(sqlite, home, client_of)


def body(**fields: Any) -> dict[str, Any]:
    return {"project": "отзывы", "kind": "category", "text_column": "текст", "id_column": "id"} | fields


def test_a_file_is_sent_looked_into_tried_and_handed_to_a_job(site: Site) -> None:
    sent = site.send().json()
    assert (sent["name"], sent["size"]) == (NAME, len(ROWS.encode()))
    at = f"/api/data/uploads/{sent['id']}"
    seen = site.client().post(f"{at}/preview", json={}).json()
    assert (seen["encoding"], seen["delimiter"], seen["count"]["read"]) == ("UTF-8", ",", 3)
    assert seen["rows"][2] == [4, ["3", "<img src=x onerror=alert(1)>", "=cmd()"], ""]
    assert seen["mapping"]["labels"] == "метка"
    asked = body(labels_column="метка", by="вера")
    tried = site.client().post(f"{at}/trial", json=asked).json()
    assert (tried["new_records"], tried["rejected"], tried["labels_added"]) == (2, 1, ["обувь", "=cmd()"])
    started = site.client().post(f"{at}/import", json=asked)
    assert started.status_code == 202
    job = site.desk.get(started.json()["job"])
    assert (job.kind, job.project, job.by) == (JobKind.IMPORT, "отзывы", "анна")
    request = ImportRequest.from_options({**job.options, "project": job.project}, site.uploads.kept.folder)
    assert (request.name, request.labels_column, request.by, request.kind) == (NAME, "метка", "вера", Kind.CATEGORY)


def test_what_a_project_asks_for_guides_the_guess(site: Site) -> None:
    sent = site.send(b"text,category,tags\na,b,c\n", "a.csv").json()
    look = f"/api/data/uploads/{sent['id']}/preview"
    assert site.client().post(look, json={"kind": "tags"}).json()["mapping"]["category"] == "category"
    assert site.client().post(look, json={"kind": "category"}).json()["mapping"]["labels"] == "category"


@pytest.mark.parametrize("role", [None, Role.ANNOTATOR, Role.REVIEWER])
def test_only_admins_import(site: Site, role: Role | None) -> None:
    client, status = site.client(role), 401 if role is None else 403
    assert (
        client.post("/api/data/uploads", content=ROWS.encode(), headers={"x-file-name": "a.csv"}).status_code == status
    )
    for path in ("preview", "trial", "import"):
        assert client.post(f"/api/data/uploads/{'0' * 32}/{path}", json=body()).status_code == status
    assert client.delete(f"/api/data/uploads/{'0' * 32}").status_code == status
    assert client.get(f"/api/data/uploads/{'0' * 32}/rejected").status_code == status
    assert site.kept() == []


@pytest.mark.parametrize("role", [None, Role.ANNOTATOR])
def test_only_reviewers_export_and_look(site: Site, role: Role | None) -> None:
    client, status = site.client(role), 401 if role is None else 403
    assert client.get("/api/data").status_code == status
    assert client.get("/api/data/projects/p/profile").status_code == status
    assert client.post("/api/data/projects/p/exports", json={"what": "gold", "format": "csv"}).status_code == status
    assert client.get(f"/api/data/exports/{'0' * 32}").status_code == status


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 500, "фото.csv", "фото.csv: it is a PNG picture, not CSV"),
        (gzip.compress(b" " * 12 * MB, mtime=0), "a.csv.gz", "a.csv.gz: it unpacks to more than 10 MB; split it"),
        (b"text\n1\n", "a.exe", "a.exe: cannot tell the format from the name"),
        (b"text\n1\n", "", "file: cannot tell the format from the name"),
        (b"", "a.csv", "a.csv: the file is empty"),
    ],
    ids=["picture", "bomb", "program", "nameless", "empty"],
)
def test_a_file_at_fault_is_refused_in_one_line_and_not_kept(site: Site, content: bytes, name: str, said: str) -> None:
    answer = site.send(content, name)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(said)
    assert site.kept() == []


def test_more_than_the_limit_is_refused_whether_it_is_announced_or_not(site: Site) -> None:
    read = 0

    def pieces() -> Iterator[bytes]:
        nonlocal read
        for _ in range(200):
            read += 1
            yield b"x" * MB

    for content in (b"x" * (MB + 1), pieces()):
        answer = site.send(content, "a.csv")
        assert answer.status_code == 413
        assert answer.json()["detail"].startswith("a.csv: more than 1 MB; split it")
        assert site.kept() == []


def test_what_is_wrong_with_a_mapping_is_said_in_one_line(site: Site) -> None:
    at = f"/api/data/uploads/{site.send().json()['id']}"
    for asked, status, said in (
        (body(text_column="нет"), 422, f"{NAME}: no column 'нет'; the file has: id, текст, метка"),
        (body(labels_column="метка"), 422, "whose labels are they"),
        (body(project="../x"), 422, "project name '../x'"),
        (body(kind=None), 404, "no project 'отзывы'"),
        (body(kind="poem"), 422, "kind:"),
        (body(unknown=1), 422, "unknown:"),
    ):
        for path in ("trial", "import"):
            answer = site.client().post(f"{at}/{path}", json=asked)
            assert answer.status_code == status, asked
            assert said in answer.json()["detail"]
    assert site.client().post(f"{at}/preview", json={"sheet": "x"}).status_code == 200
    assert site.client().delete(at).status_code == 204
    assert site.kept() == []
    assert site.client().post(f"{at}/trial", json=body()).status_code == 404


def test_the_rejected_rows_are_fetched_under_the_files_own_name(site: Site) -> None:
    sent = site.send().json()
    kept = site.uploads.get(sent["id"]).path
    kept.with_name(f"{kept.name}.rejected.csv").write_text("line,reason\n", encoding="utf-8")
    answer = site.client().get(f"/api/data/uploads/{sent['id']}/rejected")
    assert answer.text == "line,reason\n"
    assert quote(f"{NAME}.rejected.csv", safe="") in answer.headers["content-disposition"]


def test_an_export_is_fetched_once_and_gone(site: Site, sqlite: Engine) -> None:
    with writing(sqlite) as session:
        project = create_project(session, "отзывы", Kind.CATEGORY)
        record = add_record(session, project, external_id="1", text="=1+1")
        given = Annotation(record_id=record.id, person="анна", status=Status.GIVEN, answer=Answer("обувь"))
        save_annotations(session, get_project(session, "отзывы"), [given])
    client = site.client(Role.REVIEWER)
    made = client.post("/api/data/projects/отзывы/exports", json={"what": "gold", "format": "csv"})
    assert made.status_code == 201
    assert (made.json()["name"], made.json()["rows"]) == ("отзывы-gold.csv", 1)
    fetched = client.get(f"/api/data/exports/{made.json()['id']}")
    assert fetched.text.splitlines()[1].startswith("1,'=1+1,обувь")
    assert "filename*=UTF-8''%D0%BE" in fetched.headers["content-disposition"]
    assert list(site.downloads.kept.folder.iterdir()) == []
    assert client.get(f"/api/data/exports/{made.json()['id']}").status_code == 404
    assert (
        client.post("/api/data/projects/отзывы/exports", json={"what": "proposals", "format": "csv"}).status_code == 422
    )
    assert client.post("/api/data/projects/отзывы/exports", json={"what": "gold", "format": "exe"}).status_code == 422
    assert client.post("/api/data/projects/нет/exports", json={"what": "gold", "format": "csv"}).status_code == 404


def test_the_profile_of_a_project_is_plain_json(site: Site, sqlite: Engine) -> None:
    with writing(sqlite) as session:
        project = create_project(session, "отзывы", Kind.CATEGORY)
        add_record(session, project, external_id="1", text="Привет, мир", attributes={"<b>": "${x}"})
    shown = site.client(Role.REVIEWER).get("/api/data/projects/отзывы/profile").json()
    assert (shown["records"], shown["scripts"]["cyrillic"], shown["lengths"]["longest"]) == (1, 1, 11)
    assert shown["attributes"][0]["name"] == "<b>"
    assert site.client().get("/api/data").json() == {"upload_limit": MB, "cleaning": ["html", "spaces", "repeats"]}
