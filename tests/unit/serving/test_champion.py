from __future__ import annotations

import gc
import logging
import threading
import time
import weakref
from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from db.engine import writing
from db.errors import NotFoundError
from db.projects import create_project
from db.promotions import Promotion, save_promotion
from db.types import Kind, Project
from workbench.serving import champion as module
from workbench.serving.champion import Champions, ChampionState
from workbench.serving.models import ModelUnavailableError, NoChampionError


@pytest.fixture
def engine(sqlite: Engine) -> Engine:
    return sqlite


@pytest.fixture
def champions(engine: Engine, models) -> Champions:
    return Champions(engine=engine, models=models, interval=0.01)


def _until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_champion_is_loaded_at_the_first_request_and_kept(champions: Champions, models, goods: Project) -> None:
    models.champions["goods"] = "1"
    assert champions.peek("goods") is None
    assert champions.get("goods") is champions.get("goods")
    assert models.loaded == [("goods", "1")]


def test_it_is_warm_before_anyone_gets_it(champions: Champions, models, goods: Project) -> None:
    models.champions["goods"] = "1"
    assert len(champions.get("goods").predictor.asked) == 4


def test_slow_models_are_told_apart(champions: Champions, models, goods: Project, monkeypatch) -> None:
    models.champions["goods"] = "1"
    assert champions.get("goods").quick
    monkeypatch.setattr(module, "QUICK_SECONDS", 0.0)
    models.champions["goods"] = "2"
    champions.refresh()
    assert not champions.get("goods").quick


def test_an_unknown_project_is_named(champions: Champions, goods: Project) -> None:
    with pytest.raises(NotFoundError, match=r"no project 'nix' \(projects: goods\)"):
        champions.get("nix")


def test_without_a_champion_the_command_that_trains_one_is_told(champions: Champions, engine: Engine) -> None:
    with writing(engine) as session:
        create_project(session, "my goods", Kind.CATEGORY)
    with pytest.raises(NoChampionError, match=r"run python -m training.retrain --project 'my goods'$"):
        champions.get("my goods")


def test_promotions_and_rollbacks_are_followed(champions: Champions, models, goods: Project) -> None:
    for version in ("1", "2", "1"):
        models.champions["goods"] = version
        champions.refresh()
        assert champions.get("goods").version == version


def test_a_project_that_lost_its_champion_stops_answering(champions: Champions, models, goods: Project) -> None:
    models.champions["goods"] = "1"
    champions.refresh()
    del models.champions["goods"]
    champions.refresh()
    assert champions.states() == []
    with pytest.raises(NoChampionError):
        champions.get("goods")


def test_a_project_made_later_is_found(champions: Champions, models, engine: Engine) -> None:
    champions.refresh()
    with writing(engine) as session:
        create_project(session, "late", Kind.CATEGORY)
    models.champions["late"] = "1"
    champions.refresh()
    assert champions.peek("late")


def test_promotions_are_followed_at_once_and_aliases_moved_by_hand_in_turn(
    champions: Champions, models, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ALIASES_A_LOOK", 2)
    names = [f"p{number}" for number in range(7)]
    with writing(engine) as session:
        projects = {name: create_project(session, name, Kind.CATEGORY) for name in names}
    models.champions |= dict.fromkeys(names, "1")
    champions.refresh()
    assert [s.serving for s in champions.states()] == ["1"] * 7
    models.champions |= dict.fromkeys(names, "2")
    with writing(engine) as session:
        save_promotion(session, projects["p6"], Promotion(model_name="p6", version="2", verdict="by hand"))
    champions.refresh()
    assert champions.get("p6").version == "2"
    assert sum(s.serving == "2" for s in champions.states()) == 3
    for _ in range(3):
        champions.refresh()
    assert [s.serving for s in champions.states()] == ["2"] * 7


def test_the_old_one_answers_until_the_new_one_is_loaded(champions: Champions, models, goods: Project) -> None:
    models.champions["goods"] = "1"
    old = champions.get("goods")
    models.champions["goods"], models.faults["2"] = "2", "no bundle"
    champions.refresh()
    assert champions.get("goods") is old
    assert champions.states() == [ChampionState(project="goods", wanted="2", serving="1", fault="no bundle")]


def test_what_cannot_be_loaded_is_tried_again_later_and_not_at_once(
    champions: Champions, models, goods: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    models.champions["goods"], models.faults["1"] = "1", "no bundle"
    for _ in range(3):
        with pytest.raises(ModelUnavailableError, match="no bundle"):
            champions.get("goods")
    assert len(models.loaded) == 1
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.0)
    del models.faults["1"]
    assert champions.get("goods").version == "1"
    assert champions.states()[0].fault == ""


def test_a_newer_version_is_tried_at_once(champions: Champions, models, goods: Project) -> None:
    models.champions["goods"], models.faults["1"] = "1", "no bundle"
    champions.refresh()
    models.champions["goods"] = "2"
    champions.refresh()
    assert champions.get("goods").version == "2"


def test_a_swapped_out_model_is_freed_with_its_last_holder(champions: Champions, models, goods: Project) -> None:
    models.champions["goods"] = "1"
    holder = champions.get("goods")
    seen = weakref.ref(holder.predictor)
    models.champions["goods"] = "2"
    champions.refresh()
    assert holder.predictor.predict(["boots"])
    del holder
    gc.collect()
    assert seen() is None


def test_one_broken_project_does_not_keep_the_others_waiting(
    champions: Champions, models, engine: Engine, goods: Project
) -> None:
    with writing(engine) as session:
        create_project(session, "a broken one", Kind.CATEGORY)
    models.champions |= {"a broken one": "13", "goods": "1"}
    models.faults["13"] = "no bundle"
    champions.refresh()
    assert champions.peek("goods")
    assert champions.looked


def test_an_outage_is_survived_and_logged_once(
    champions: Champions, models, goods: Project, caplog: pytest.LogCaptureFixture
) -> None:
    models.champions["goods"] = "1"
    with caplog.at_level(logging.WARNING), champions:
        _until(lambda: champions.peek("goods"))
        models.silent = True
        _until(lambda: caplog.records)
        time.sleep(0.1)
        assert champions.get("goods").version == "1"
        models.silent, models.champions["goods"] = False, "2"
        _until(lambda: champions.get("goods").version == "2")
    assert [r.getMessage() for r in caplog.records] == ["project 'goods': the registry does not answer"]


def test_the_thread_survives_a_database_that_does_not_answer(
    champions: Champions, models, engine: Engine, goods: Project, caplog: pytest.LogCaptureFixture
) -> None:
    models.champions["goods"] = "1"
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE projects RENAME TO away")
    with champions:
        _until(lambda: caplog.records)
        assert not champions.looked
        with engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE away RENAME TO projects")
        _until(lambda: champions.peek("goods"))


def test_first_requests_at_once_load_once(champions: Champions, models, goods: Project) -> None:
    models.champions["goods"] = "1"
    threads = [threading.Thread(target=champions.get, args=("goods",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert models.loaded == [("goods", "1")]


def test_no_request_fails_while_versions_change(champions: Champions, models, goods: Project) -> None:
    models.champions["goods"] = "0"
    champions.refresh()
    versions: set[str] = set()
    with champions:
        for version in range(1, 30):
            models.champions["goods"] = str(version)
            deadline = time.monotonic() + 10
            while champions.get("goods").version != str(version):
                versions.add(champions.get("goods").version)
                assert time.monotonic() < deadline
    assert len(versions) > 10
