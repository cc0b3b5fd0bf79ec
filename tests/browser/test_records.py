"""The records page in a real browser: conditions, the address, keys, one record's history, hostile texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.engine import writing
from db.proposals import save_proposals
from db.types import Annotation, Answer, Kind, Project, Record, Status

from .conftest import OpenTab, Tab
from .hostile import ATTACHED, CORPUS, seed_hostile
from .seeding import CATEGORIES, Seed, llm, seed

pytestmark = pytest.mark.browser
ROWS = ".wb-results tbody tr"


def many(engine: Engine, count: int = 60) -> tuple[Project, list[Record]]:
    """Every third has an answer that differs from its proposal, every fourth one that does not."""
    texts = [f"Отзыв {i}: {'ПЛАТЬЕ' if i % 2 else 'чайник'} пришло" for i in range(count)]
    proposed = {i: llm(CATEGORIES[0], score=0.5 + i / 1000, others={CATEGORIES[1]: 0.2}) for i in range(count)}
    project, records = seed(
        engine, Seed(texts=texts, proposed=proposed, group="SKU 1", attributes={"бренд": "Ромашка"})
    )
    with writing(engine) as session:
        rows = [
            Annotation(
                record_id=record.id,
                person="Анна" if i % 3 == 0 else "Борис",
                status=Status.CORRECTED if i % 3 == 0 else Status.ACCEPTED,
                answer=Answer(CATEGORIES[1] if i % 3 == 0 else CATEGORIES[0]),
                client_id=f"client-{i:04}",
                duration_ms=1500,
            )
            for i, record in enumerate(records)
            if i % 3 == 0 or i % 4 == 0
        ]
        save_annotations(session, project, rows)
    return project, records


def opened(open_tab: OpenTab, path: str = "/records", **options: object) -> Tab:
    tab = open_tab(path, **options)
    tab.page.wait_for_selector(f"{ROWS}, .wb-nothing, .wb-empty")
    return tab


def asked(page: Page) -> dict[str, str]:
    """The conditions in the address, without the project."""
    return {key: value[0] for key, value in parse_qs(urlsplit(page.url).query).items() if key != "project"}


def ids(page: Page) -> Sequence[str]:
    return page.locator(f"{ROWS} .wb-found-facts > span:first-child").all_inner_texts()


def wait_count(page: Page, words: str) -> None:
    page.wait_for_function("words => document.querySelector('.wb-count')?.textContent.includes(words)", arg=words)


@pytest.mark.parametrize(("locale", "found"), [("ru-RU", "30 записей"), ("en-US", "30 records")])
def test_a_text_is_found_in_any_case_and_marked(sqlite: Engine, open_tab: OpenTab, locale: str, found: str) -> None:
    many(sqlite)
    tab = opened(open_tab, locale=locale)
    tab.page.get_by_role("searchbox").fill("платье")
    wait_count(tab.page, found)
    assert asked(tab.page) == {"text": "платье"}
    assert tab.page.locator(f"{ROWS} mark").first.inner_text() == "ПЛАТЬЕ"
    assert tab.faults == []


def test_conditions_stand_in_the_address_and_the_back_button_undoes_them(sqlite: Engine, open_tab: OpenTab) -> None:
    many(sqlite)
    page = opened(open_tab).page
    page.get_by_label("Состояние").select_option("answered")
    wait_count(page, "30 записей")
    page.get_by_role("button", name="Другие условия").click()
    page.get_by_label("Люди не согласны с подсказкой").check()
    wait_count(page, "20 записей")
    page.get_by_label("Порядок").select_option("score-up")
    page.wait_for_function("document.querySelector('.wb-results tbody .wb-found-facts').textContent.includes('r0')")
    assert asked(page) == {"status": "answered", "disagree": "yes", "sort": "score"}
    link = page.url
    page.go_back()
    page.go_back()
    wait_count(page, "30 записей")
    assert asked(page) == {"status": "answered"}
    assert not page.get_by_label("Люди не согласны с подсказкой").is_checked()
    page.go_back()
    wait_count(page, "60 записей")
    page.goto(link)
    wait_count(page, "20 записей")
    page.get_by_role("button", name="Сбросить всё").click()
    wait_count(page, "60 записей")
    assert asked(page) == {"sort": "score"}


def test_a_word_that_is_typed_is_one_step_for_the_back_button(sqlite: Engine, open_tab: OpenTab) -> None:
    many(sqlite)
    page = opened(open_tab).page
    page.get_by_role("searchbox").press_sequentially("чай", delay=400)
    wait_count(page, "30 записей")
    page.go_back()
    wait_count(page, "60 записей")
    assert page.get_by_role("searchbox").input_value() == ""


def test_days_are_those_of_whoever_looks(sqlite: Engine, open_tab: OpenTab) -> None:
    many(sqlite)
    page = opened(open_tab, timezone_id="Asia/Vladivostok").page
    page.get_by_role("button", name="Другие условия").click()
    with page.expect_request(lambda request: "from=" in request.url) as asking:
        page.get_by_label("Размечено с").fill("2026-01-31")
    sent = parse_qs(urlsplit(asking.value.url).query)
    assert sent["from"] == ["2026-01-30T14:00:00.000Z"]
    wait_count(page, "30 записей")
    assert asked(page) == {"from": "2026-01-31"}


def test_pages_are_turned_and_their_size_is_kept_in_the_address(sqlite: Engine, open_tab: OpenTab) -> None:
    many(sqlite)
    page = opened(open_tab).page
    assert page.locator(ROWS).count() == 50
    page.get_by_role("button", name="Дальше").click()
    page.wait_for_function("document.querySelectorAll('.wb-results tbody tr').length === 10")
    assert asked(page) == {"page": "2"}
    assert page.get_by_role("button", name="Дальше").is_disabled()
    page.get_by_label("На странице").select_option("25")
    page.wait_for_function("document.querySelectorAll('.wb-results tbody tr').length === 25")
    assert asked(page) == {"size": "25"}


def test_keys_move_open_and_close_in_a_russian_layout_too(sqlite: Engine, open_tab: OpenTab) -> None:
    _, records = many(sqlite)
    tab = opened(open_tab)
    page = tab.page
    tab.press("KeyJ", key="о")
    tab.press("KeyJ", key="о")
    page.keyboard.press("ArrowDown")
    tab.press("KeyK", key="л")
    assert page.locator(f"{ROWS}.is-chosen .wb-found-facts").first.inner_text().startswith("r1")
    page.keyboard.press("Enter")
    page.wait_for_selector(".wb-drawer .wb-timeline")
    assert page.url.endswith(f"#record={records[1].id}")
    tab.press("KeyJ", key="о")
    page.wait_for_function("document.querySelector('.wb-drawer h2').textContent === 'r2'")
    page.keyboard.press("Escape")
    page.wait_for_selector(".wb-drawer", state="hidden")
    assert "#" not in page.url
    assert page.evaluate("document.activeElement.closest('tr').classList.contains('is-chosen')")
    tab.press("Slash", key=".")
    assert page.evaluate("document.activeElement.type") == "search"
    tab.press("KeyJ", key="о")
    assert page.locator(f"{ROWS}.is-chosen .wb-found-facts").first.inner_text().startswith("r2")
    assert tab.faults == []


def test_the_back_button_closes_a_record_and_a_link_opens_it(sqlite: Engine, open_tab: OpenTab) -> None:
    _, records = many(sqlite)
    page = opened(open_tab, "/records?status=answered").page
    page.locator(f"{ROWS} .wb-link").nth(2).click()
    page.wait_for_selector(".wb-drawer .wb-timeline")
    link = page.url
    page.go_back()
    page.wait_for_selector(".wb-drawer", state="hidden")
    assert asked(page) == {"status": "answered"}
    page.goto(link)
    page.reload()
    page.wait_for_selector(".wb-drawer .wb-timeline")
    assert asked(page) == {"status": "answered"}
    page.locator(".wb-relatives a").first.click()
    page.wait_for_function(f"location.hash === '#record={records[0].id}'")
    page.goto(link.replace(link.split("#")[1], "record=999999"))
    page.reload()
    page.wait_for_selector(".wb-drawer .wb-notice.is-bad")


@pytest.mark.parametrize("locale", ["ru-RU", "en-US"])
def test_the_history_tells_what_machines_and_people_did(sqlite: Engine, open_tab: OpenTab, locale: str) -> None:
    project, records = many(sqlite, 4)
    newer = replace(llm(CATEGORIES[2], rationale="Речь о ткани."), record_id=records[0].id, version="2")
    with writing(sqlite) as session:
        save_proposals(session, project, [newer])
        undoing = Annotation(records[0].id, "Анна", Status.UNDONE, client_id="undo", undoes="client-0000")
        answer = Annotation(
            records[0].id, "Борис", Status.GIVEN, Answer(CATEGORIES[3]), comment="Это чашка", blind=True
        )
        save_annotations(session, project, [undoing, answer])
    tab = opened(open_tab, f"/records#record={records[0].id}", locale=locale)
    tab.page.wait_for_selector(".wb-drawer .wb-timeline")
    drawer = tab.page.locator(".wb-drawer")
    events = drawer.locator(".wb-timeline > li")
    assert events.count() == 5
    told = drawer.inner_text()
    for words in ("Отзыв 0: чайник пришло", CATEGORIES[3], "Это чашка", "Речь о ткани.", "Ромашка", "SKU 1", "Анна"):
        assert words in told
    assert drawer.locator(".is-annotation.is-past").count() == 1
    assert drawer.locator(".is-proposal.is-past").count() == 1
    drawer.locator("summary").first.click()
    assert drawer.locator(".wb-bar").first.is_visible()
    assert tab.faults == []


@pytest.mark.parametrize("locale", ["ru-RU", "en-US"])
def test_hostile_texts_labels_comments_and_people_stay_text(sqlite: Engine, open_tab: OpenTab, locale: str) -> None:
    seed_hostile(sqlite)
    tab = opened(open_tab, "/records?sort=length&order=down", locale=locale)
    page = tab.page
    page.get_by_role("button", name="Другие условия" if locale == "ru-RU" else "More conditions").click()
    for opener in page.locator(f"{ROWS} .wb-link").all():
        opener.click()
        page.wait_for_selector(".wb-drawer-body:not([aria-busy]) .wb-timeline")
        for more in page.locator(".wb-drawer summary").all():
            more.click()
    page.keyboard.press("Escape")
    for text in CORPUS[:3]:
        page.get_by_role("searchbox").fill(text)
        page.wait_for_function("text => new URLSearchParams(location.search).get('text') === text", arg=text)
        page.wait_for_function("text => document.querySelector('.wb-results mark')?.textContent === text", arg=text)
    assert page.evaluate("window.hit ?? null") is None
    assert page.evaluate(ATTACHED) == 0
    assert tab.faults == []


def test_a_hostile_address_is_one_line_on_the_page(sqlite: Engine, open_tab: OpenTab) -> None:
    many(sqlite, 3)
    tab = open_tab("/records?status=<img src=x onerror=window.hit=1>&source=${window.hit=2}#record=<svg>")
    line = tab.page.wait_for_selector(".wb-results .wb-notice.is-bad")
    assert line is not None
    assert line.inner_text().startswith("status: одно из: unanswered")
    assert tab.page.evaluate("window.hit ?? null") is None


def test_on_a_phone_a_record_covers_the_list_and_gives_it_back(sqlite: Engine, open_tab: OpenTab) -> None:
    many(sqlite, 8)
    tab = opened(open_tab, viewport={"width": 390, "height": 844})
    assert tab.page.evaluate("document.querySelector('.wb-page').scrollWidth <= innerWidth")
    tab.page.locator(f"{ROWS} .wb-link").first.click()
    tab.page.wait_for_selector(".wb-drawer .wb-timeline")
    box = tab.page.locator(".wb-drawer").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)
    tab.page.get_by_role("button", name="Закрыть").click()
    tab.page.wait_for_selector(".wb-drawer", state="hidden")


def test_tags_are_asked_for_only_where_the_project_asks_for_them(sqlite: Engine, open_tab: OpenTab) -> None:
    proposed = {0: llm(tags=("Мягкий",))}
    seed(sqlite, Seed(kind=Kind.TAGS, texts=["Мягкая ткань"], proposed=proposed, category=CATEGORIES[0]))
    page = opened(open_tab).page
    page.get_by_role("button", name="Другие условия").click()
    assert page.get_by_label("Тег", exact=True).count() == 1
    assert page.get_by_label("Предложенная категория").count() == 0
    page.get_by_label("Предложенный тег").select_option("Мягкий")
    wait_count(page, "1 запись")


def test_a_project_without_records_says_what_to_do_next(sqlite: Engine, open_tab: OpenTab) -> None:
    seed(sqlite, Seed(texts=[]))
    page = opened(open_tab).page
    assert page.locator(".wb-empty").inner_text().startswith("Записей пока нет")
    assert page.get_by_role("link", name="Загрузить данные").count() == 1
