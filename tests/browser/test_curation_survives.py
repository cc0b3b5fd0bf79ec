"""Fifty records by keyboard alone, in a Russian layout, through an outage and a killed server: nothing is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route
from sqlalchemy import Engine

from db.annotation_log import all_annotations
from db.engine import reading, writing
from db.gold import gold_of
from db.label_sets import parse_label_set, save_label_set
from db.types import Annotation, Project, Status

from .conftest import OpenTab, Site, Tab
from .seeding import CATEGORIES, Seed, llm, seed

pytestmark = pytest.mark.browser

TEXTS = [f"Отзыв {place}: платье село после стирки." for place in range(60)]
CYRILLIC = {"KeyA": "ф", "KeyU": "г", "KeyF": "а", "Space": " "}


class Sitting:
    """Presses keys and remembers what each record should come to; the newest press on a record counts."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.done: list[tuple[int, str]] = []
        self.presses = 0

    def press(self, code: str) -> None:
        record = int(self.tab.wait_record())
        self.tab.press(code, key=CYRILLIC.get(code))
        self.done.append((record, code))
        self.presses += 1
        self.tab.page.wait_for_function(
            "id => document.querySelector('.wb-text').dataset.record !== id", arg=str(record)
        )

    def undo(self) -> None:
        record, _ = self.done.pop()
        self.tab.press("KeyU", key=CYRILLIC["KeyU"])
        self.presses += 1
        self.tab.page.wait_for_function(
            "id => document.querySelector('.wb-text').dataset.record === id", arg=str(record)
        )


def test_fifty_records_by_keyboard_through_an_outage_and_a_kill(sqlite: Engine, site: Site, open_tab: OpenTab) -> None:
    proposed = {place: llm(CATEGORIES[place % 9]) for place in range(60)}
    project, _ = seed(sqlite, Seed(texts=TEXTS, proposed=proposed))
    tab = open_tab()
    sitting = Sitting(tab)

    for place in range(15):
        sitting.press("KeyA" if place % 2 else f"Digit{1 + place % 9}")
    sitting.tab.wait_saved()
    for _ in range(3):
        sitting.undo()

    tab.page.context.set_offline(True)
    for place in range(12):
        sitting.press(f"Digit{9 - place % 9}")
    sitting.undo()
    tab.page.wait_for_selector(".wb-saved[data-state=offline]")
    tab.page.context.set_offline(False)

    sitting.press("KeyF")
    sitting.press("Space")
    # The buffer lasts for thirteen records at least; refill it before the long outage.
    tab.wait_saved()
    sitting.press("Digit9")
    site.kill()
    for place in range(10):
        sitting.press(f"Digit{1 + place % 9}")
    sitting.undo()
    site.start()
    while len(sitting.done) < 50:
        sitting.press("KeyA")
    tab.wait_saved()

    assert labels_pressed(sitting.done) == labels_stored(sqlite, project)
    log = [a for rows in stored(sqlite, project).values() for a in rows]
    assert len(log) == sitting.presses
    assert len({a.client_id for a in log}) == len(log)
    assert sum(a.status is Status.UNDONE for a in log) == 5
    assert len({record for record, _ in sitting.done}) == 50
    assert all(a.label_set_version == 1 and a.duration_ms is not None for a in log if a.status.is_answer)


def test_a_closed_tab_leaves_its_answers_to_the_next_one(sqlite: Engine, site: Site, open_tab: OpenTab) -> None:
    project, _ = seed(sqlite, Seed(texts=TEXTS))
    tab = open_tab()
    tab.wait_record()
    tab.page.context.set_offline(True)
    tab.press("Digit1", "Digit2", "Digit3")
    tab.page.close(run_before_unload=False)
    assert labels_stored(sqlite, project) == {}

    tab.page.context.set_offline(False)
    open_tab(context=tab.page.context).wait_saved()

    assert sorted(labels_stored(sqlite, project).values()) == sorted(CATEGORIES[:3])


def test_two_tabs_never_show_the_same_record(sqlite: Engine, open_tab: OpenTab) -> None:
    seed(sqlite, Seed(texts=TEXTS * 2))
    first = open_tab()
    second = open_tab(context=first.page.context)
    seen: list[str] = []
    for _ in range(25):
        for tab in (first, second):
            tab.page.bring_to_front()
            seen.append(tab.wait_record())
            tab.press("Digit1")
            tab.page.wait_for_function("id => document.querySelector('.wb-text').dataset.record !== id", arg=seen[-1])
    assert len(set(seen)) == 50


def test_an_answer_the_server_cannot_take_is_shown_with_its_reason(sqlite: Engine, open_tab: OpenTab) -> None:
    project, _ = seed(sqlite, Seed(texts=TEXTS))
    tab = open_tab()
    tab.wait_record()
    with writing(sqlite) as session:
        save_label_set(session, project, parse_label_set({"categories": CATEGORIES[1:]}))
    tab.press("Digit1", "Digit3")
    tab.page.locator(".wb-saved[data-state=refused]").click()
    dialog = tab.page.locator("dialog")

    assert CATEGORIES[0] in dialog.inner_text()
    dialog.locator("li button").click()
    tab.wait_saved()
    assert list(labels_stored(sqlite, project).values()) == [CATEGORIES[2]]


def test_one_unreadable_answer_does_not_hold_up_the_others(sqlite: Engine, open_tab: OpenTab) -> None:
    def refuse_label_two(route: Route) -> None:
        if CATEGORIES[1] in (route.request.post_data or ""):
            route.fulfill(status=422, json={"detail": [{"msg": "unreadable"}]})
        else:
            route.continue_()

    project, _ = seed(sqlite, Seed(texts=TEXTS))
    tab = open_tab()
    tab.wait_record()
    tab.page.context.set_offline(True)
    tab.press("Digit1", "Digit2", "Digit3")
    tab.page.route("**/sync", refuse_label_two)
    tab.page.context.set_offline(False)
    tab.page.locator(".wb-saved[data-state=refused]").click()
    assert "unreadable" in tab.page.locator("dialog").inner_text()
    tab.page.wait_for_function("Object.keys(localStorage).every((key) => !key.startsWith('wb:outbox'))")
    assert list(labels_stored(sqlite, project).values()) == [CATEGORIES[0], CATEGORIES[2]]


def test_undo_reaches_back_over_a_reload(sqlite: Engine, open_tab: OpenTab) -> None:
    project, records = seed(sqlite, Seed(texts=TEXTS))
    tab = open_tab()
    tab.wait_record()
    tab.press("Digit1", "Digit2")
    tab.wait_saved()
    tab.page.reload()
    tab.wait_record()
    tab.press("KeyU", "KeyU", key="г")
    assert tab.record == str(records[0].id)
    tab.press("Digit5")
    tab.wait_saved()
    assert labels_stored(sqlite, project) == {records[0].id: CATEGORIES[4]}


def stored(engine: Engine, project: Project) -> dict[int, list[Annotation]]:
    with reading(engine) as session:
        return all_annotations(session, project)


def labels_stored(engine: Engine, project: Project) -> dict[int, str | None]:
    with reading(engine) as session:
        return {record: gold.answer.category for record, gold in gold_of(session, project).items()}


def labels_pressed(done: list[tuple[int, str]]) -> dict[int, str]:
    """Records are numbered in order; record n was proposed category (n - 1) mod 9."""
    labels = {}
    for record, code in done:
        if code.startswith("Digit"):
            labels[record] = CATEGORIES[int(code[-1]) - 1]
        elif code == "KeyA":
            labels[record] = CATEGORIES[(record - 1) % 9]
    return labels
