from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from db.annotation_log import all_annotations
from db.engine import reading, writing
from db.errors import ConflictError, NotFoundError, UserError
from db.gold import gold_of
from db.project_settings import set_setting
from db.records import add_record, count_records, find_by_external_ids
from db.tables import RecordRow
from db.text_keys import text_key
from db.types import Annotation, Answer, Project, Status
from workbench.serving.feedback import Receipt, give_feedback
from workbench.serving.feedback_rules import Feedback
from workbench.serving.prediction_ids import issue_ids


def _add(engine: Engine, project: Project, external_id: str, text: str, **more: Any) -> int:
    with writing(engine) as session:
        return add_record(session, project, external_id=external_id, text=text, **more).id


def _log(engine: Engine, project: Project) -> list[Annotation]:
    with reading(engine) as session:
        return [a for log in all_annotations(session, project).values() for a in log]


def _give(engine: Engine, project: Project, **fields: Any) -> Receipt:
    return give_feedback(engine, project.name, Feedback(**fields))


def test_feedback_by_id_is_an_annotation_that_resolves_to_gold(engine: Engine, goods: Project) -> None:
    record = _add(engine, goods, "sku-1", "red boots")
    receipt = _give(engine, goods, external_id="sku-1", category="shoes", person="shop")
    assert receipt == Receipt(record="sku-1", status=Status.GIVEN, saved=True)
    (annotation,) = _log(engine, goods)
    assert (annotation.person, annotation.answer, annotation.label_set_version) == ("shop", Answer("shoes"), 1)
    with reading(engine) as session:
        assert gold_of(session, goods)[record].answer == Answer("shoes")


def test_feedback_by_text_finds_the_record_however_it_is_spaced(engine: Engine, goods: Project) -> None:
    _add(engine, goods, "sku-1", "Red  boots")
    assert _give(engine, goods, text="red boots ", category="shoes").record == "sku-1"


def test_an_unknown_text_becomes_a_record_named_by_its_key_once(engine: Engine, goods: Project) -> None:
    first = _give(engine, goods, text="new boots", category="bags")
    second = _give(engine, goods, text="New boots", category="shoes")
    assert first.record == second.record == text_key("new boots")
    with reading(engine) as session:
        assert count_records(session, goods) == 1
        assert [g.answer.category for g in gold_of(session, goods).values()] == ["shoes"]


def test_an_unknown_id_with_a_text_becomes_that_record(engine: Engine, goods: Project) -> None:
    assert _give(engine, goods, external_id="sku-9", text="new boots", category="shoes").record == "sku-9"
    with reading(engine) as session:
        assert find_by_external_ids(session, goods, ["sku-9"])["sku-9"].text == "new boots"


def test_an_unknown_id_alone_is_refused(engine: Engine, goods: Project) -> None:
    with pytest.raises(NotFoundError, match="no record 'sku-9'"):
        _give(engine, goods, external_id="sku-9", category="shoes")


def test_an_unknown_project_is_refused(engine: Engine) -> None:
    with pytest.raises(NotFoundError, match="no project 'nix'"):
        give_feedback(engine, "nix", Feedback(text="boots", category="shoes"))


@pytest.mark.parametrize(("category", "status"), [("shoes", Status.ACCEPTED), ("bags", Status.CORRECTED)])
def test_a_prediction_is_accepted_or_corrected(engine: Engine, goods: Project, category: str, status: Status) -> None:
    (issued,) = issue_ids("goods", "7", ["red boots"], [Answer("shoes")])
    assert _give(engine, goods, text="red boots", category=category, prediction_id=issued).status is status
    assert _log(engine, goods)[0].prediction_id == issued


def test_feedback_is_never_blind_even_in_the_blind_stream(engine: Engine, goods: Project) -> None:
    with writing(engine) as session:
        set_setting(session, goods, "blind_share", "1.0")
    _give(engine, goods, text="red boots", category="shoes")
    assert not _log(engine, goods)[0].blind


def test_a_prediction_of_another_text_is_refused_and_nothing_is_kept(engine: Engine, goods: Project) -> None:
    _add(engine, goods, "sku-1", "red boots")
    (issued,) = issue_ids("goods", "7", ["green bag"], [Answer("bags")])
    for named in ({"external_id": "sku-1"}, {"text": "something new"}):
        with pytest.raises(UserError, match="prediction_id: it was given for another text"):
            _give(engine, goods, category="bags", prediction_id=issued, **named)
    with reading(engine) as session:
        assert count_records(session, goods) == 1


def test_a_prediction_of_the_text_before_cleaning_is_known(engine: Engine, goods: Project) -> None:
    record = _add(engine, goods, "sku-1", "red boots")
    with writing(engine) as session:
        session.get_one(RecordRow, record).original_text = "<b>red boots</b>"
    (issued,) = issue_ids("goods", "7", ["<b>red boots</b>"], [Answer("shoes")])
    assert _give(engine, goods, external_id="sku-1", category="shoes", prediction_id=issued).saved


def test_a_record_named_with_another_text_is_refused(engine: Engine, goods: Project) -> None:
    _add(engine, goods, "sku-1", "red boots")
    with pytest.raises(UserError, match="record 'sku-1' has another text"):
        _give(engine, goods, external_id="sku-1", text="green bag", category="bags")


def test_where_people_label_groups_the_record_that_stands_for_the_group_gets_it(engine: Engine, goods: Project) -> None:
    with writing(engine) as session:
        set_setting(session, goods, "by_group", "true")
    first = _add(engine, goods, "r1", "red boots", group="sku")
    _add(engine, goods, "r2", "too small", group="sku")
    (issued,) = issue_ids("goods", "7", ["red boots\ntoo small"], [Answer("shoes")])
    assert _give(engine, goods, external_id="r2", category="shoes", prediction_id=issued).record == "r1"
    assert _log(engine, goods)[0].record_id == first


def test_the_same_key_saves_once(engine: Engine, goods: Project) -> None:
    feedback = {"text": "red boots", "category": "shoes", "key": "order-17"}
    assert _give(engine, goods, **feedback).saved
    assert _give(engine, goods, **feedback) == Receipt(record=text_key("red boots"), status=Status.GIVEN, saved=False)
    assert _give(engine, goods, **feedback, person="someone else").saved
    assert len(_log(engine, goods)) == 2


def test_the_same_key_for_something_else_is_a_conflict(engine: Engine, goods: Project) -> None:
    _give(engine, goods, text="red boots", category="shoes", key="order-17")
    for other in ({"text": "red boots", "category": "bags"}, {"text": "other boots", "category": "shoes"}):
        with pytest.raises(ConflictError, match="Idempotency-Key"):
            _give(engine, goods, **other, key="order-17")
    with reading(engine) as session:
        assert count_records(session, goods) == 1


def test_without_a_key_every_request_counts(engine: Engine, goods: Project) -> None:
    for _ in range(2):
        _give(engine, goods, text="red boots", category="shoes")
    assert len(_log(engine, goods)) == 2


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "id, text: name the record"),
        ({"text": " \n"}, "text: it is empty"),
        ({"text": "x" * 100_001}, "text: 100001 characters, at most 100000"),
        ({"text": "a\x00b"}, "NUL"),
        ({"external_id": "x" * 256}, "id: 1–255"),
        ({"external_id": "a\x00b"}, "id: 1–255"),
        ({"text": "boots", "person": ""}, "by: 1–255"),
        ({"text": "boots", "key": ""}, "Idempotency-Key"),
        ({"text": "boots", "tags": ("a",) * 201}, "tags: 201 tags"),
        ({"text": "boots"}, "category: project 'goods' asks for one"),
        ({"text": "boots", "category": "boats"}, "'boats' is off the list; allowed: shoes, bags$"),
        ({"text": "boots", "category": "shoes", "tags": ("warm",)}, "project 'goods' asks for no tags"),
        ({"text": "boots", "category": "shoes", "prediction_id": "7-nonsense"}, "prediction_id: not one"),
    ],
)
def test_what_is_wrong_is_named(engine: Engine, goods: Project, fields: dict[str, Any], told: str) -> None:
    with pytest.raises(UserError, match=told):
        _give(engine, goods, **fields)
    assert _log(engine, goods) == []


def test_tags_are_checked_against_the_section_of_the_record(engine: Engine, tagged: Project) -> None:
    _add(engine, tagged, "s", "boots", category="shoes")
    _add(engine, tagged, "b", "a bag", category="bags")
    assert _give(engine, tagged, external_id="s", tags=("warm", "light", "warm")).saved
    assert _log(engine, tagged)[0].answer == Answer(None, ("warm", "light"))
    with pytest.raises(UserError, match=r"'warm' is not among the tags of 'bags'; allowed: light$"):
        _give(engine, tagged, external_id="b", tags=("warm",))


def test_no_tags_is_an_answer_and_missing_tags_are_none(engine: Engine, tagged: Project) -> None:
    assert _give(engine, tagged, text="boots", category="shoes", tags=()).saved
    with pytest.raises(UserError, match=r"tags: give the list"):
        _give(engine, tagged, text="boots")


def test_in_a_project_of_tags_the_category_is_the_new_records_own(engine: Engine, tagged: Project) -> None:
    receipt = _give(engine, tagged, text="boots", category="shoes", tags=("warm",))
    with reading(engine) as session:
        assert find_by_external_ids(session, tagged, [receipt.record])[receipt.record].category == "shoes"
    assert _log(engine, tagged)[0].answer == Answer(None, ("warm",))
    with pytest.raises(UserError, match="is known as 'shoes', not 'bags'"):
        _give(engine, tagged, text="boots", category="bags", tags=("light",))
    with pytest.raises(UserError, match="'hats' is off the list; allowed: shoes, bags"):
        _give(engine, tagged, text="a hat", category="hats", tags=("light",))


def test_predicted_tags_are_compared_as_a_set(engine: Engine, tagged: Project) -> None:
    (issued,) = issue_ids("tagged", "7", ["boots"], [Answer(None, ("light", "warm"))])
    given = {"text": "boots", "category": "shoes", "prediction_id": issued}
    assert _give(engine, tagged, **given, tags=("warm", "light")).status is Status.ACCEPTED
    assert _give(engine, tagged, **given, tags=()).status is Status.CORRECTED
