"""The labels page in a real browser: reading, editing with its consequences, versions, files, guidelines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.engine import reading, writing
from db.guidelines import get_guidelines, save_guidelines
from db.label_sets import get_label_set, parse_label_set, save_label_set
from db.types import Annotation, Answer, Kind, Project, Status

from .conftest import OpenTab, Tab
from .hostile import ATTACHED, CORPUS
from .seeding import Seed, seed

pytestmark = pytest.mark.browser
SERIOUS = ("serious", "critical")
LABELS = {"categories": ["обувь", "одежда"], "tags": {"обувь": [{"name": "мягкий", "definition": "не жмёт"}]}}
NAMES = [*CORPUS, "🙂" * 20, "שלום", "я" * 255]


def make(engine: Engine, labels: object = LABELS, kind: Kind = Kind.BOTH) -> Project:
    project, records = seed(engine, Seed(name="отзывы", kind=kind, texts=["раз", "два"], labels=labels))
    answers = [
        Annotation(record_id=r.id, person="анна", status=Status.GIVEN, answer=Answer("обувь", ())) for r in records
    ]
    with writing(engine) as session:
        save_annotations(session, project, answers)
    return project


def named(engine: Engine, project: Project) -> tuple[int, tuple[str, ...]]:
    with reading(engine) as session:
        label_set = get_label_set(session, project)
    return label_set.version, label_set.category_names


def entry(page: Page, name: str) -> Callable[[str], object]:
    """The row of a category, opened."""
    row = page.locator(".wb-entry", has=page.get_by_text(name, exact=True).first)
    row.locator(".wb-entry-open").click()
    return row.locator


def save(tab: Tab) -> str:
    """Check, take what the dialog says, and agree."""
    tab.page.get_by_role("button", name="Проверить и сохранить").click()
    dialog = tab.page.get_by_role("dialog")
    dialog.wait_for()
    said = dialog.inner_text()
    dialog.get_by_role("button", name="Сохранить новой версией").click()
    # It closes when the server has kept them.
    dialog.wait_for(state="detached")
    return said


def test_a_category_is_added_described_and_saved_as_the_next_version(sqlite: Engine, open_tab: OpenTab) -> None:
    project = make(sqlite)
    tab = open_tab("/labels")
    box = tab.page.get_by_label("Новая категория или вставленный список")
    box.fill("посуда")
    box.press("Enter")
    tab.page.get_by_label("Описание").fill("чашки и тарелки")
    tab.page.get_by_label("Ключевые слова").fill("чашка, тарелка")
    tab.page.locator(".wb-colour").nth(3).click()
    tag = tab.page.get_by_label("Новый тег или вставленный список")
    tag.fill("хрупкая")
    tag.press("Enter")
    said = save(tab)
    assert "посуда" in said
    assert "вместе с 1 тегом" in said
    with reading(sqlite) as session:
        label_set = get_label_set(session, project)
    assert label_set.version == 2
    added = label_set.categories[2]
    assert (added.description, added.keywords, added.color) == ("чашки и тарелки", ("чашка", "тарелка"), "#a37800")
    assert label_set.tag_names("посуда") == ("хрупкая",)
    assert tab.faults == []


def test_what_removing_and_renaming_means_is_said_before_it_is_saved(sqlite: Engine, open_tab: OpenTab) -> None:
    project = make(sqlite)
    tab = open_tab("/labels")
    within = entry(tab.page, "обувь")
    within(".wb-entry-body input").first.fill("туфли")  # type: ignore[attr-defined]
    assert "«обувь» удаляется, «туфли» добавляется" in tab.page.locator(".wb-rename").first.inner_text()
    said = save(tab)
    assert "обувь → туфли" in said
    assert "использованы в ответах людей 2 раза" in said
    assert "прежние ответы сохранят старое название" in said
    assert named(sqlite, project) == (2, ("туфли", "одежда"))


def test_the_order_is_changed_by_keys_and_edits_survive_a_change_of_language(sqlite: Engine, open_tab: OpenTab) -> None:
    project = make(sqlite)
    tab = open_tab("/labels")
    tab.page.locator("[data-entry='0']").get_by_role("button", name="Ниже").press("Enter")
    tab.page.get_by_role("button", name="EN", exact=True).click()
    tab.page.get_by_role("button", name="Check and save").click()
    tab.page.get_by_role("button", name="Save as the next version").click()
    tab.page.wait_for_selector(".wb-toast")
    assert named(sqlite, project) == (2, ("одежда", "обувь"))
    assert tab.faults == []


def test_a_removed_category_can_be_put_back_before_and_after_saving(sqlite: Engine, open_tab: OpenTab) -> None:
    project = make(sqlite)
    tab = open_tab("/labels")
    remove = tab.page.locator("[data-entry='1']").get_by_role("button", name="Удалить")
    remove.click()
    tab.page.get_by_role("button", name="Вернуть").click()
    remove.click()
    save(tab)
    assert named(sqlite, project) == (2, ("обувь",))
    tab.page.get_by_role("button", name="Версия 2").click()
    versions = tab.page.locator(".wb-versions > li")
    versions.first.get_by_role("button", name="Что изменилось").click()
    tab.page.wait_for_selector(".wb-changes .is-removed")
    assert "одежда" in versions.first.inner_text()
    versions.nth(1).get_by_role("button", name="Вернуть").click()
    tab.page.get_by_text("ещё не сохранено").wait_for()
    save(tab)
    assert named(sqlite, project) == (3, ("обувь", "одежда"))


def test_a_stale_page_is_told_and_keeps_its_edits_as_a_file(sqlite: Engine, open_tab: OpenTab, tmp_path: Path) -> None:
    project = make(sqlite)
    tab = open_tab("/labels")
    box = tab.page.get_by_label("Новая категория или вставленный список")
    box.fill("моя")
    box.press("Enter")
    with writing(sqlite, by="борис") as session:
        save_label_set(session, project, parse_label_set({"categories": ["чужая"]}))
    tab.page.get_by_role("button", name="Проверить и сохранить").click()
    tab.page.get_by_role("button", name="Сохранить новой версией").click()
    refusal = tab.page.get_by_role("alert")
    refusal.wait_for()
    assert "вы правили версию 1" in refusal.inner_text()
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name="Сохранить мои правки в файл").click()
    download.value.save_as(tmp_path / "mine.yaml")
    kept = json.loads((tmp_path / "mine.yaml").read_text(encoding="utf-8"))
    assert [one["name"] for one in kept["categories"]] == ["обувь", "одежда", "моя"]
    tab.page.get_by_role("button", name="Загрузить новую версию").click()
    tab.page.get_by_text("чужая").wait_for()
    assert named(sqlite, project) == (2, ("чужая",))
    with tab.page.expect_file_chooser() as chooser:
        tab.page.get_by_role("button", name="Загрузить labels.yaml").click()
    chooser.value.set_files(tmp_path / "mine.yaml")
    tab.page.get_by_text("моя").first.wait_for()
    save(tab)
    assert named(sqlite, project) == (3, ("обувь", "одежда", "моя"))


def test_labels_go_out_as_yaml_and_a_broken_file_is_told_in_one_line(
    sqlite: Engine, open_tab: OpenTab, tmp_path: Path
) -> None:
    make(sqlite)
    tab = open_tab("/labels")
    with tab.page.expect_download() as download:
        tab.page.get_by_role("link", name="Скачать labels.yaml").click()
    assert download.value.suggested_filename == "отзывы-labels.yaml"
    download.value.save_as(tmp_path / "labels.yaml")
    assert yaml.safe_load((tmp_path / "labels.yaml").read_text(encoding="utf-8"))["categories"] == ["обувь", "одежда"]
    (tmp_path / "<img src=x onerror='window.hit=1'>.yaml").write_text("categories: [a, A]")
    with tab.page.expect_file_chooser() as chooser:
        tab.page.get_by_role("button", name="Загрузить labels.yaml").click()
    chooser.value.set_files(tmp_path / "<img src=x onerror='window.hit=1'>.yaml")
    refusal = tab.page.get_by_role("alert")
    refusal.wait_for()
    assert "две категории названы 'A'" in refusal.inner_text()
    assert "<img src=x" in refusal.inner_text()
    assert tab.page.evaluate("window.hit ?? null") is None


@pytest.mark.parametrize("locale", ["ru-RU", "en-US"])
def test_hostile_names_are_shown_as_text_wherever_they_stand(sqlite: Engine, open_tab: OpenTab, locale: str) -> None:
    categories = [{"name": text, "description": text, "keywords": [text]} for text in NAMES]
    tags = {text: [{"name": text, "definition": text}] for text in NAMES}
    project = make(sqlite, {"categories": categories, "tags": tags})
    with writing(sqlite, by=CORPUS[0]) as session:
        save_label_set(session, project, parse_label_set({"categories": categories[:3]}))
        save_guidelines(session, project, "\n\n".join([*CORPUS, *(f"# {text}" for text in CORPUS)]))
        save_guidelines(session, project, "короче")
    tab = open_tab("/labels", locale=locale, viewport={"width": 390, "height": 844})
    tab.page.locator(".wb-entry-open").nth(1).click()
    for title in ("Версия 2", "Version 2"):
        for button in tab.page.get_by_role("button", name=title).all():
            button.click()
            dialog = tab.page.get_by_role("dialog")
            for row in dialog.locator(".wb-version .wb-button[aria-expanded]").all():
                row.click()
                tab.page.wait_for_load_state("networkidle")
            assert CORPUS[0] in dialog.inner_text()
            tab.page.keyboard.press("Escape")
    assert tab.page.evaluate("window.hit ?? null") is None
    assert tab.page.evaluate(ATTACHED) == 0
    assert tab.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert tab.faults == []


def test_guidelines_are_written_beside_their_preview_and_shown_to_annotators(sqlite: Engine, open_tab: OpenTab) -> None:
    project, _ = seed(sqlite, Seed(name="отзывы", texts=["раз", "два"], labels=LABELS))
    tab = open_tab("/labels")
    tab.page.get_by_role("button", name="Изменить").click()
    text = "# Правила\n\n- **обувь**\n\n![схема](https://elsewhere.test/a.png) <b onclick=alert(1)>x</b>\n\n[чат](https://a.test)"
    tab.page.get_by_label("Инструкция на языке Markdown").fill(text)
    preview = tab.page.locator(".wb-preview")
    preview.locator("li strong").wait_for()
    assert preview.locator("b, img").count() == 0
    assert preview.locator("a").get_attribute("rel") == "noopener noreferrer"
    tab.page.get_by_role("button", name="Сохранить").click()
    tab.page.wait_for_selector(".wb-toast")
    with reading(sqlite) as session:
        assert get_guidelines(session, project) == (1, text)
    with writing(sqlite, by="борис") as session:
        save_guidelines(session, project, "# Правила\n\nкороче")
    curate = open_tab("/")
    curate.wait_record()
    curate.page.keyboard.press("Shift+Slash")
    shown = curate.page.locator(".wb-guidelines.is-rendered")
    shown.locator("h3").wait_for()
    assert shown.inner_text().split() == ["Правила", "короче"]
    assert [url for url in (*tab.requests, *curate.requests) if "elsewhere.test" in url] == []
    assert tab.faults == curate.faults == []


def test_guidelines_that_somebody_else_saved_are_not_overwritten(sqlite: Engine, open_tab: OpenTab) -> None:
    project = make(sqlite)
    tab = open_tab("/labels")
    tab.page.get_by_role("button", name="Изменить").click()
    tab.page.get_by_label("Инструкция на языке Markdown").fill("моё")
    with writing(sqlite, by="борис") as session:
        save_guidelines(session, project, "чужое")
    tab.page.get_by_role("button", name="Сохранить").click()
    tab.page.get_by_role("alert").wait_for()
    assert tab.page.get_by_label("Инструкция на языке Markdown").input_value() == "моё"
    with reading(sqlite) as session:
        assert get_guidelines(session, project) == (1, "чужое")


def test_a_project_of_tags_has_a_section_for_records_of_all_other_categories(sqlite: Engine, open_tab: OpenTab) -> None:
    project = make(sqlite, {"tags": {"обувь": ["мягкий"]}}, Kind.TAGS)
    tab = open_tab("/labels")
    tab.page.get_by_role("button", name="Добавить теги для записей остальных категорий").click()
    box = tab.page.get_by_label("Новый тег или вставленный список")
    box.evaluate(
        """(box) => {
          const data = new DataTransfer();
          data.setData("text", "советую\\n возврат \\n\\nбрак");
          box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }"""
    )
    said = save(tab)
    assert "Все остальные категории" in said
    with reading(sqlite) as session:
        assert get_label_set(session, project).tag_names("посуда") == ("советую", "возврат", "брак")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_screen_readers_find_no_serious_fault_while_editing(sqlite: Engine, open_tab: OpenTab, scheme: str) -> None:
    project = make(sqlite)
    with writing(sqlite) as session:
        save_guidelines(session, project, "# Правила\n\n| a | b |\n|---|---|\n| `x` | [y](https://a.test) |")
    tab = open_tab("/labels", color_scheme=scheme)

    def check() -> None:
        found = Axe().run(tab.page, context=".wb-app").response["violations"]
        faults = [
            f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in ("serious", "critical")
        ]
        assert faults == []

    check()
    entry(tab.page, "обувь")(".wb-entry-body input").first.fill("туфли")  # type: ignore[attr-defined]
    tab.page.get_by_role("button", name="Изменить").click()
    tab.page.locator(".wb-preview table").wait_for()
    check()
    tab.page.get_by_role("button", name="Проверить и сохранить").click()
    tab.page.get_by_role("dialog").wait_for()
    check()


@pytest.mark.parametrize(("role", "may_write"), [("annotator", False), ("reviewer", True)])
def test_who_may_only_read_finds_nothing_to_edit(sqlite: Engine, open_tab: OpenTab, role: str, may_write: bool) -> None:
    labels = {
        "categories": [{"name": "обувь", "description": "сапоги и туфли", "keywords": ["сапог"]}],
        "tags": LABELS["tags"],
    }
    make(sqlite, labels)
    tab = open_tab("/labels")
    me = json.dumps({"person": None, "role": role, "logged_in": False})
    tab.page.route("**/api/me", lambda route: route.fulfill(body=me, content_type="application/json"))
    tab.page.reload()
    tab.page.locator(".wb-entry-open").click()
    shown = tab.page.locator(".wb-entry").inner_text()
    for words in ("сапоги и туфли", "сапог", "мягкий", "не жмёт"):
        assert words in shown
    assert tab.page.locator(".wb-labels-page :is(input, textarea)").count() == 0
    assert tab.page.get_by_role("button", name="Удалить").count() == 0
    assert tab.page.get_by_role("button", name="Загрузить labels.yaml").count() == 0
    assert tab.page.get_by_role("button", name="Изменить").is_visible() is may_write
    tab.page.get_by_role("button", name="Версия 1").click()
    tab.page.get_by_role("dialog").get_by_role("button", name="Что изменилось").click()
    tab.page.wait_for_selector(".wb-changes .is-added")
    assert tab.page.get_by_role("button", name="Вернуть").count() == 0
    assert tab.faults == []
