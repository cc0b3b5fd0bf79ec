"""Trained versions and promotions as both databases keep them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from db.engine import reading, writing
from db.errors import UserError
from db.model_versions import (
    Figure,
    LabelScore,
    ModelVersion,
    TaskContest,
    find_version,
    get_version,
    list_versions,
    save_version,
)
from db.projects import create_project
from db.promotions import Promotion, list_promotions, save_promotion
from db.reasons import Reason
from db.tables import PromotionRow
from db.types import Kind, Project

REASON = Reason("few_rows_first", {"task": "category", "rows": 3, "needed": 30})
VERSION = ModelVersion(
    model_name="p",
    version="1",
    run_id="r1",
    recipe="tfidf",
    snapshot="abc",
    metrics={"test_rows": 3.0, "test_log_loss": float("nan")},
    contests=(
        TaskContest(
            task="category",
            measure="weighted_f1",
            rows=3,
            against="",
            ours=Figure(value=0.5, low=0.1, high=0.9),
            labels=(LabelScore(name="одежда", support=2, ours=0.5, theirs=None),),
        ),
        TaskContest(task="tags", measure="micro_f1", rows=0, against=""),
    ),
    verdict="undecided",
    reasons=(REASON,),
    person="anna",
)


@pytest.fixture
def project(engine: Engine) -> Project:
    with writing(engine) as session:
        return create_project(session, "p", Kind.CATEGORY)


def test_a_version_comes_back_as_it_was_noted_but_for_what_is_no_number(engine: Engine, project: Project) -> None:
    with writing(engine) as session:
        save_version(session, project, VERSION)
        save_version(session, project, replace(VERSION, version="2"))
    with reading(engine) as session:
        newest, first = list_versions(session, project)
        assert newest.version == "2"
        assert first.created_at is not None
        assert replace(first, created_at=None) == replace(VERSION, metrics={"test_rows": 3.0})
        assert get_version(session, project, "2") == newest
        assert find_version(session, project, "3") is None
        with pytest.raises(UserError, match="project 'p' has no version '3'"):
            get_version(session, project, "3")


def test_reasons_of_a_promotion_keep_their_codes_and_older_ones_their_words(engine: Engine, project: Project) -> None:
    with writing(engine) as session:
        save_promotion(session, project, Promotion("p", "1", "promote", (REASON,)))
        session.add(
            PromotionRow(project_id=project.id, model_name="p", version="0", verdict="promote", reasons=["as it was"])
        )
    with reading(engine) as session:
        old, new = list_promotions(session, project)
    assert old.reasons == (Reason.of_words("as it was"),)
    assert new.reasons == (REASON,)
