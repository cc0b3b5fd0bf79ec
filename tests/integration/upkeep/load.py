"""Somebody who works while a backup is taken: `python load.py annotate|import|promote FOLDER`, until ended.

Says each time on a line of its own that something was done.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

from sqlalchemy import Engine

from db.engine import make_engine, reading
from db.projects import get_project
from db.records import visible_records
from db.settings import load_settings
from training.promoting import promote_by_hand
from workbench.exchange.importing import import_file
from workbench.exchange.requests import ImportRequest
from workbench.queues.curation import apply
from workbench.queues.curation_types import Action, ActionKind

PROJECT, LABELS = "shop", ("shoes", "bags")


def annotate(engine: Engine, _folder: Path) -> Callable[[int], None]:
    """One answer to one record, the labels in turn."""
    with reading(engine) as session:
        ids = [row.id for row in session.scalars(visible_records(get_project(session, PROJECT)))][:40]

    def answer(turn: int) -> None:
        category = LABELS[turn // len(ids) % 2]
        action = Action(
            client_id=f"load-{turn}", record_id=ids[turn % len(ids)], kind=ActionKind.CHOOSE, category=category
        )
        (result,) = apply(engine, PROJECT, person="boris", holder="tab", actions=[action])
        assert result.refusal is None, result.refusal

    return answer


def import_(engine: Engine, folder: Path) -> Callable[[int], None]:
    """Fifty new records a time."""

    def take(turn: int) -> None:
        file = folder / "more.csv"
        file.write_text("id,text\n" + "".join(f"{turn}-{row},text {turn} {row}\n" for row in range(50)))
        import_file(engine, ImportRequest(path=file, project=PROJECT, id_column="id"), home=folder)

    return take


def promote(engine: Engine, _folder: Path) -> Callable[[int], None]:
    """The other of the two versions."""
    uri = load_settings().mlflow

    def other(turn: int) -> None:
        promote_by_hand(engine, uri, PROJECT, "21"[turn % 2])

    return other


def main(what: str, folder: str) -> None:
    engine = make_engine(load_settings().database)
    act = {"annotate": annotate, "import": import_, "promote": promote}[what](engine, Path(folder))
    for turn in count():
        act(turn)
        sys.stdout.write(f"{what} {turn}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
