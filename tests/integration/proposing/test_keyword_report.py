"""Keywords from answers: what is proposed, by which texts it is judged, and what is left out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import pytest
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.audit import list_changes
from db.dismissed_keywords import Advice
from db.engine import reading, writing
from db.errors import UserError
from db.label_sets import get_label_set, parse_label_set, save_label_set
from db.project_settings import get_settings, set_setting
from db.projects import create_project, get_project
from db.records import add_record, iterate_records
from db.types import Annotation, Answer, Category, Kind, LabelSet, Project, Status
from tests.browser.seeding import texts_of_stream
from workbench.cli.main import app
from workbench.proposing.cascade import read_task
from workbench.proposing.keyword_advice import KeywordReport
from workbench.proposing.keyword_proposals import dismiss, keyword_report, recall
from workbench.proposing.keyword_texts import read_texts
from workbench.proposing.keywords import KeywordStage
from workbench.proposing.stage import Suggestion, Task, item_of

CLOTHES, SHOES = "одежда", "обувь"
LABELS = {"categories": [{"name": CLOTHES, "keywords": ["платье", "рукав"]}, SHOES]}
SHOE_TEXTS = [f"Кроссовки номер {i}, натёрли ногу" for i in range(20)]
DRESS_TEXTS = [f"Платье номер {i}, рукава длинные" for i in range(20)]


def make(
    engine: Engine, *, labels: object = LABELS, kind: Kind = Kind.CATEGORY, blind_share: str = "0", by_group: str = "no"
) -> Project:
    with writing(engine) as session:
        project = create_project(session, "отзывы", kind)
        save_label_set(session, project, parse_label_set(labels))
        set_setting(session, project, "blind_share", blind_share)
        set_setting(session, project, "by_group", by_group)
    return project


def add(engine: Engine, texts: Iterable[str], category: str | None = None, *, group: str | None = None) -> list[int]:
    """Records with these texts, answered where a category is given."""
    with writing(engine) as session:
        project = get_project(session, "отзывы")
        before = sum(map(len, iterate_records(session, project)))
        ids = [
            add_record(session, project, external_id=str(before + at), text=text, group=group).id
            for at, text in enumerate(texts)
        ]
        if category is not None:
            answers = [Annotation(record, "анна", Status.GIVEN, Answer(category)) for record in ids]
            save_annotations(session, project, answers)
    return ids


def answered(engine: Engine, **more: object) -> Project:
    project = make(engine, **more)  # type: ignore[arg-type]
    add(engine, SHOE_TEXTS, SHOES)
    add(engine, DRESS_TEXTS, CLOTHES)
    return project


def words_for(report: KeywordReport, category: str) -> list[str]:
    return [one.word for one in report.new if one.category == category]


def test_words_that_answers_speak_for_come_with_what_they_would_catch(engine: Engine) -> None:
    answered(engine)
    add(engine, ["Кроссовки из прошлого", "мерил кроссовками"], CLOTHES)
    add(engine, ["где кроссовки", "где кроссовки", "КРОССОВКАМ год", "кроссовки под платье", "посылка пришла"])
    report = keyword_report(engine, "отзывы")
    found = {one.word: one for one in report.new}
    shoes = found["кроссовки"]
    assert (shoes.category, shoes.right, shoes.wrong) == (SHOES, 20, {CLOTHES: 2})
    assert shoes.precision == pytest.approx(20 / 22)
    assert shoes.lower == pytest.approx(0.722, abs=1e-3)
    assert (shoes.records, shoes.fresh) == (4, 3)
    assert [example.category for example in shoes.examples] == [SHOES, SHOES]
    assert {example.text for example in shoes.against} == {"Кроссовки из прошлого", "мерил кроссовками"}
    assert (report.answered, report.all_answered, report.open_records, report.looked_at) == (42, 42, 5, 5)


def test_what_a_listed_keyword_finds_already_is_not_proposed_nor_a_phrase_with_it(engine: Engine) -> None:
    answered(engine)
    report = keyword_report(engine, "отзывы")
    assert not {"платье", "рукава", "рукава длинные", "платье номер"} & set(words_for(report, CLOTHES))
    assert "длинные" in words_for(report, CLOTHES)
    assert "номер" not in words_for(report, CLOTHES) + words_for(report, SHOES)
    assert not any("кроссовки" in word.split() for word in words_for(report, SHOES) if word != "кроссовки")


def test_what_is_promised_is_what_the_stage_then_does(engine: Engine) -> None:
    project = answered(engine)
    add(engine, ["Кроссовочки сели", "беговые кроссовки", "НАТЁРЛО", "натёртые полы", "платье"])
    report = keyword_report(engine, "отзывы", category=SHOES)
    assert report.new
    with reading(engine) as session:
        settings, records = get_settings(session, project), next(iterate_records(session, project))
    for one in report.new:
        task = Task(project=project, labels=LabelSet((Category(SHOES, keywords=(one.word,)),)), settings=settings)
        outcomes = KeywordStage(task).propose([item_of(record) for record in records[40:]])
        assert sum(isinstance(outcome, Suggestion) for _, outcome in outcomes) == one.records


def test_the_blind_stream_neither_teaches_nor_judges(engine: Engine) -> None:
    make(engine, blind_share="0.5")
    inside = [f"{text} галоши" for text in texts_of_stream(0.5, inside=True, how_many=200)]
    add(engine, inside, SHOES)
    add(engine, [f"Платье номер {i}" for i in range(200)], CLOTHES)
    stream_free = read_texts(engine, read_task(engine, "отзывы"))
    report = keyword_report(engine, "отзывы")
    outside = [one for one in stream_free.answered if "галоши" in one.text]
    assert 0 < len(outside) < 200
    assert report.answered == len(stream_free.answered) < 400
    galoshes = next(one for one in report.new if one.word == "галоши")
    assert galoshes.right == len(outside)
    with writing(engine) as session:
        set_setting(session, get_project(session, "отзывы"), "blind_share", "1")
    report = keyword_report(engine, "отзывы")
    assert (report.new, report.answered) == ((), 0)


def test_a_twin_of_a_blind_text_does_not_teach_either(engine: Engine) -> None:
    make(engine, blind_share="0.5")
    inside, outside = (group_of_stream(inside=inside) for inside in (True, False))
    add(engine, ["один и тот же текст", "другой"], SHOES, group=outside)
    add(engine, ["Один и тот же  текст"], group=inside)
    found = read_texts(engine, read_task(engine, "отзывы"))
    assert [one.text for one in found.answered] == ["другой"]
    assert found.background == ()


def group_of_stream(*, inside: bool) -> str:
    from db.text_keys import blind_hash, in_blind_stream

    return next(str(n) for n in range(1000) if in_blind_stream(blind_hash(str(n)), 0.5) is inside)


def test_texts_of_a_group_are_chosen_and_judged_together(engine: Engine) -> None:
    make(engine)
    add(engine, SHOE_TEXTS, SHOES, group="sku-1")
    assert len({one.fold for one in read_texts(engine, read_task(engine, "отзывы")).answered}) == 1
    add(engine, DRESS_TEXTS, CLOTHES, group="sku-2")
    # One product speaks for itself: nothing else can judge its words.
    assert keyword_report(engine, "отзывы").new == ()


def test_of_two_answers_to_one_text_the_newest_counts_and_unlisted_categories_do_not(engine: Engine) -> None:
    make(engine)
    add(engine, ["один текст"], CLOTHES)
    add(engine, ["Один  ТЕКСТ"], SHOES)
    add(engine, ["другой"], "старая")
    found = read_texts(engine, read_task(engine, "отзывы"))
    assert [one.category for one in found.answered] == [SHOES]


def test_a_project_by_group_is_read_by_the_texts_of_groups(engine: Engine) -> None:
    make(engine, by_group="yes")
    add(engine, ["сапоги", "сапоги жмут"], group="sku-1")
    add(engine, ["юбка", "юбка села"], group="sku-2")
    with writing(engine) as session:
        project = get_project(session, "отзывы")
        first = next(iterate_records(session, project))[0]
        save_annotations(session, project, [Annotation(first.id, "анна", Status.GIVEN, Answer(SHOES))])
    found = read_texts(engine, read_task(engine, "отзывы"))
    assert [one.text for one in found.answered] == ["сапоги\nсапоги жмут"]
    assert found.open == {"юбка\nюбка села": 1}


def test_of_a_large_project_a_part_is_looked_at_and_scaled(engine: Engine) -> None:
    answered(engine)
    add(engine, [f"открытая запись {n}" for n in range(200)])
    found = read_texts(engine, read_task(engine, "отзывы"), most_answered=10, most_open=120)
    assert (len(found.answered), found.all_answered, found.open_records) == (10, 40, 200)
    assert 50 < found.looked_at < 150
    assert found.scaled(found.looked_at) == 200
    assert found.scaled(0) == 0


def test_listed_words_that_are_wrong_more_often_than_right_are_told(engine: Engine) -> None:
    answered(
        engine, labels={"categories": [CLOTHES, {"name": SHOES, "keywords": ["номер", "рукав", "кроссовки", "!"]}]}
    )
    report = keyword_report(engine, "отзывы")
    (harmful,) = report.harmful
    assert (harmful.word, harmful.category, harmful.right, harmful.wrong) == ("рукав", SHOES, 0, {CLOTHES: 20})
    assert harmful.advice is Advice.REMOVE
    dismiss(engine, "отзывы", Advice.REMOVE, SHOES, "Рукав", by="борис")
    assert keyword_report(engine, "отзывы").harmful == ()


def test_a_word_that_was_turned_down_stays_away_in_all_its_forms_until_it_is_recalled(engine: Engine) -> None:
    answered(engine)
    for _ in range(2):
        dismiss(engine, "отзывы", Advice.ADD, SHOES, "Кроссовках", by="борис")
    assert "кроссовки" not in words_for(keyword_report(engine, "отзывы"), SHOES)
    for _ in range(2):
        recall(engine, "отзывы", Advice.ADD, SHOES, "кроссовкам", by="борис")
    assert "кроссовки" in words_for(keyword_report(engine, "отзывы"), SHOES)
    with reading(engine) as session:
        changes = list_changes(session, project="отзывы", person="борис")
    assert [(c.action, c.subject) for c in changes] == [("keyword.recall", SHOES), ("keyword.dismiss", SHOES)]


@pytest.mark.parametrize(
    ("kind", "category", "said"), [("tags", None, "tags alone"), ("category", "нет", "no category")]
)
def test_what_cannot_be_asked_is_said_in_one_line(engine: Engine, kind: str, category: str | None, said: str) -> None:
    make(engine, kind=Kind(kind))
    with pytest.raises(UserError, match=said):
        keyword_report(engine, "отзывы", category=category)


def test_a_project_without_answers_or_labels_has_nothing_to_propose(engine: Engine) -> None:
    make(engine, labels={})
    add(engine, ["текст"])
    report = keyword_report(engine, "отзывы")
    assert (report.new, report.harmful, report.answered, report.open_records) == ((), (), 0, 1)


def run(arguments: Sequence[str], capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    app(list(arguments), standalone_mode=False)
    said = capsys.readouterr()
    return said.out, said.err


def test_the_command_shows_the_same_list_as_a_table_and_as_json(
    sqlite: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    answered(sqlite, labels={"categories": [{"name": CLOTHES, "keywords": ["натёрли"]}, SHOES]})
    add(sqlite, ["кроссовки"])
    out, err = run(["keywords", "--project", "отзывы", "--category", SHOES], capsys)
    heads, first = out.splitlines()[:2]
    assert heads.split() == ["category", "word", "right", "wrong", "precision", "new", "records"]
    assert first.split() == ["обувь", "кроссовки", "20", "0", "1.00", "(≥", "0.84)", "1"]
    assert "from 40 answered texts" in err
    out, _ = run(["keywords", "--project", "отзывы"], capsys)
    assert "listed, but wrong more often than right:" in out
    assert "wrong: обувь 20" in out
    out, _ = run(["keywords", "--project", "отзывы", "--json"], capsys)
    found = json.loads(out)
    assert {one["word"] for one in found["harmful"]} == {"натёрли"}
    assert (found["answered"], found["minimums"]["right"]) == (40, 3)
    with reading(sqlite) as session:
        assert get_label_set(session, get_project(session, "отзывы")).version == 1
