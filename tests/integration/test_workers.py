"""Which workers are alive, as the database knows."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine, update

from db.engine import reading, writing
from db.tables import WorkerRow, utcnow
from db.workers import ALIVE_S, count_alive, say_alive, say_gone


def alive(engine: Engine) -> int:
    with reading(engine) as session:
        return count_alive(session)


def seen_before(engine: Engine, seconds: float) -> None:
    with writing(engine) as session:
        session.execute(update(WorkerRow).values(seen_at=utcnow() - timedelta(seconds=seconds)))


def test_a_worker_is_alive_until_it_says_that_it_goes(engine: Engine) -> None:
    assert alive(engine) == 0
    for name in ("a:1", "b:1", "a:1"):
        with writing(engine) as session:
            say_alive(session, name)
    assert alive(engine) == 2
    with writing(engine) as session:
        say_gone(session, "a:1")
    assert alive(engine) == 1


def test_a_worker_that_falls_silent_counts_no_longer_and_one_that_speaks_again_does(engine: Engine) -> None:
    with writing(engine) as session:
        say_alive(session, "a:1")
    seen_before(engine, ALIVE_S + 1)
    assert alive(engine) == 0
    seen_before(engine, 7200)
    with writing(engine) as session:
        say_alive(session, "a:1")
    assert alive(engine) == 1


def test_rows_of_workers_long_gone_are_cleared_away(engine: Engine) -> None:
    with writing(engine) as session:
        say_alive(session, "a:1")
    seen_before(engine, 7200)
    with writing(engine) as session:
        say_alive(session, "b:1")
        assert [row.name for row in session.query(WorkerRow)] == ["b:1"]
