from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from db.dismissed_keywords import dismissed_keywords
from db.engine import reading, writing
from db.label_sets import parse_label_set, save_label_set
from db.projects import create_project
from db.types import Kind, Project, Role
from workbench.ui.pages.labels import labels_routes

ClientOf = Callable[..., TestClient]
AT = "/api/labels/отзывы/keywords"
WORD = {"advice": "add", "category": "обувь", "word": "сапоги"}


@pytest.fixture
def project(sqlite: Engine) -> Project:
    with writing(sqlite) as session:
        project = create_project(session, "отзывы", Kind.CATEGORY)
        save_label_set(session, project, parse_label_set({"categories": ["обувь", "одежда"]}))
    return project


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("role", "status_read", "status_change"),
    [(None, 401, 401), (Role.ANNOTATOR, 403, 403), (Role.REVIEWER, 200, 403), (Role.ADMIN, 200, 204)],
)
def test_reviewers_see_the_words_and_who_may_change_labels_turns_them_down(
    sqlite: Engine, client_of: ClientOf, role: Role | None, status_read: int, status_change: int
) -> None:
    client = client_of(labels_routes(sqlite), role=role)
    assert client.get(AT).status_code == status_read
    assert client.post(f"{AT}/dismissed", json=WORD).status_code == status_change
    assert client.post(f"{AT}/recalled", json=WORD).status_code == status_change


def test_a_word_is_turned_down_and_taken_back(sqlite: Engine, client_of: ClientOf, project: Project) -> None:
    client = client_of(labels_routes(sqlite))
    client.post(f"{AT}/dismissed", json=WORD)
    with reading(sqlite) as session:
        assert {(one.category, one.stems) for one in dismissed_keywords(session, project)} == {("обувь", "сапог")}
    client.post(f"{AT}/recalled", json=WORD)
    with reading(sqlite) as session:
        assert dismissed_keywords(session, project) == set()


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"category": "нет"}, "no category"),
        ({"word": "a\x00"}, "NUL"),
        ({"word": "я" * 256}, "255"),
        ({"advice": "eat"}, "advice"),
    ],
)
def test_what_cannot_be_turned_down_is_told_in_one_line(
    sqlite: Engine, client_of: ClientOf, change: dict[str, str], said: str
) -> None:
    answer = client_of(labels_routes(sqlite)).post(f"{AT}/dismissed", json=WORD | change)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]


def test_the_longest_word_there_is_can_be_kept(sqlite: Engine, client_of: ClientOf, project: Project) -> None:
    # One character that normalises to eighteen.
    word = "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 255
    assert client_of(labels_routes(sqlite)).post(f"{AT}/dismissed", json=WORD | {"word": word}).status_code == 204
    with reading(sqlite) as session:
        assert [len(one.stems) for one in dismissed_keywords(session, project)] == [255]
