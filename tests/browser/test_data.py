"""The data page in a real browser: a file on its way in, exports, and what the records are like."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.engine import reading, writing
from db.label_sets import get_label_set
from db.projects import find_project
from db.records import count_records
from db.types import Annotation, Answer, Kind, Status
from workbench.jobs.job import JobKind
from workbench.jobs.store import JobStore

from .conftest import REPOSITORY, OpenTab, Site, Tab
from .hostile import ATTACHED, CORPUS
from .seeding import Seed, seed

pytestmark = pytest.mark.browser
SERIOUS = ("serious", "critical")
ROWS = """id,отзыв,категория,team,team_score,бренд
1,Отличные ботинки,обувь,обувь,0.9,Y
2,,обувь,,,
3,Тарелка,посуда,обувь,0.3,
"""


def choose(tab: Tab, name: str, content: bytes | str) -> None:
    payload = content if isinstance(content, bytes) else content.encode()
    tab.page.locator("#wb-file").set_input_files({"name": name, "mimeType": "text/csv", "buffer": payload})


def tried(page: Page) -> str:
    """What the page says would happen, once it knows."""
    page.wait_for_selector(".wb-trial:not([aria-busy]) > *")
    page.wait_for_load_state("networkidle")
    return page.locator(".wb-trial").inner_text()


def uploads(site: Site) -> list[Path]:
    return sorted((site.home / "data" / "uploads").glob("*"))


@pytest.fixture(autouse=True)
def no_uploads(site: Site) -> None:
    for path in uploads(site):
        path.unlink()


@pytest.fixture
def worker(site: Site) -> Iterator[None]:
    environment = {
        **os.environ,
        "WORKBENCH_HOME": str(site.home),
        "WORKBENCH_DATABASE_URL": site.url,
        "PYTHONPATH": str(REPOSITORY),
    }
    process = subprocess.Popen([sys.executable, "-m", "workbench.cli", "worker"], env=environment)
    yield
    process.terminate()
    process.wait()


@pytest.mark.usefixtures("worker", "jobs")
def test_a_new_project_comes_from_a_file_by_the_browser_alone(
    sqlite: Engine, open_tab: OpenTab, tmp_path: Path
) -> None:
    tab = open_tab("/data")
    choose(tab, "Отзывы за май.csv", ROWS)
    tab.page.get_by_label("Название").fill("отзывы")
    said = tried(tab.page)
    for words in (
        "Появится проект «отзывы»",
        "Проверен весь файл: 3 строки",
        "2 новых",
        "В список добавятся 2 новые метки",
        "2 подсказки",
        "1 строка не будет принята",
        "пустой текст",
    ):
        assert words in said, words
    tab.page.get_by_label("Кто их поставил").fill("вера")
    tab.page.get_by_role("button", name="Импортировать").click()
    tab.page.get_by_text("В «отзывы» приняты 2 строки.").wait_for(timeout=120_000)
    with tab.page.expect_download() as download:
        tab.page.get_by_role("link", name="Скачать непринятые строки").click()
    assert download.value.suggested_filename == "Отзывы за май.csv.rejected.csv"
    download.value.save_as(tmp_path / "rejected.csv")
    assert (tmp_path / "rejected.csv").read_text(encoding="utf-8").splitlines()[1].startswith("3,empty text,2,,обувь")
    with reading(sqlite) as session:
        project = find_project(session, "отзывы")
        assert project is not None
        assert count_records(session, project) == 2
        assert get_label_set(session, project).category_names == ("обувь", "посуда")
    assert tab.faults == []


def test_the_guess_can_be_changed_and_what_would_happen_follows(sqlite: Engine, open_tab: OpenTab) -> None:
    seed(sqlite, Seed(name="отзывы", texts=["Тарелка"], labels={"categories": ["обувь"]}))
    tab = open_tab("/data")
    choose(tab, "a.csv", ROWS)
    said = tried(tab.page)
    assert "неизвестная метка 'посуда'; в наборе есть: обувь" in said
    tab.page.get_by_label("Дополнить список неизвестными метками").check()
    tab.page.get_by_text("В список добавится 1 новая метка: посуда").wait_for()
    tab.page.get_by_label("Чьи они").select_option("machine")
    tab.page.get_by_label("Название источника").fill("команда А")
    tab.page.get_by_text("4 подсказки").wait_for()
    assert not tab.page.get_by_label("Поставлены вслепую").is_visible()
    tab.page.get_by_label("Метки категорий").select_option("")
    tab.page.get_by_text("2 подсказки").wait_for()
    assert not tab.page.get_by_label("Чьи они").is_visible()
    tab.page.get_by_label("Текст", exact=True).select_option("бренд")
    tab.page.get_by_text("2 строки не будут приняты").wait_for()
    assert tab.page.locator(".wb-preview-rows thead .wb-chip").all_inner_texts() == [
        "идентификатор",
        "подсказка",
        "уверенность",
        "текст",
    ]
    tab.page.get_by_role("button", name="EN", exact=True).click()
    tab.page.get_by_text("2 rows are rejected").wait_for()
    assert tab.page.get_by_label("Text", exact=True).input_value() == "бренд"
    assert tab.faults == []


def test_a_project_of_another_kind_is_guessed_for_again(sqlite: Engine, open_tab: OpenTab) -> None:
    seed(sqlite, Seed(name="а", texts=["x"]))
    seed(sqlite, Seed(name="теги", kind=Kind.TAGS, texts=["x"]))
    tab = open_tab("/data?project=а")
    choose(tab, "a.csv", "text,category,tags\nПлатье,одежда,мягкое\n")
    tried(tab.page)
    assert tab.page.get_by_label("Метки категорий").input_value() == "category"
    tab.page.get_by_label("В проект").select_option("теги")
    tab.page.get_by_label("Известная категория").wait_for()
    assert tab.page.get_by_label("Известная категория").input_value() == "category"
    assert tab.page.get_by_label("Теги", exact=True).input_value() == "tags"
    assert tab.page.get_by_label("В проект").input_value() == "теги"


def test_the_sheet_of_a_workbook_is_chosen(sqlite: Engine, open_tab: OpenTab, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["text"])  # type: ignore[union-attr]
    second = book.create_sheet("второй <b>")
    for row in (["отзыв"], ["Платье"], ["Юбка"]):
        second.append(row)
    book.save(tmp_path / "a.xlsx")
    tab = open_tab("/data")
    choose(tab, "a.xlsx", (tmp_path / "a.xlsx").read_bytes())
    tab.page.get_by_label("Лист").select_option("второй <b>")
    tab.page.get_by_text("Юбка").wait_for()
    assert "2 строки" in tab.page.locator(".wb-panel").first.inner_text()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("<img src=x onerror='window.hit=1'>.csv", b"\x89PNG\r\n\x1a\n" + b"\x00" * 99, "это картинка PNG, а не CSV"),
        ("a.xlsx", b"text\n1\n", "это текст, а не книга Excel"),
        ("a.exe", b"MZ", "по названию не понять формат"),
        ("a.csv", b"a,a\n1,2\n", "два столбца названы 'a'"),
    ],
)
def test_a_file_at_fault_is_told_in_one_line_and_not_kept(
    site: Site, sqlite: Engine, open_tab: OpenTab, name: str, content: bytes, said: str
) -> None:
    tab = open_tab("/data")
    choose(tab, name, content)
    refusal = tab.page.get_by_role("alert")
    refusal.wait_for()
    assert refusal.inner_text().startswith(name)
    assert said in refusal.inner_text()
    assert tab.page.evaluate("window.hit ?? null") is None
    if "два столбца" not in said:
        assert uploads(site) == []
    tab.page.locator("#wb-file").wait_for(state="attached")


def test_a_small_file_that_unpacks_to_a_huge_one_is_told(site: Site, sqlite: Engine, open_tab: OpenTab) -> None:
    packer = zlib.compressobj(wbits=31)
    packed = b"".join([*(packer.compress(b" " * 2**20) for _ in range(1_100)), packer.flush()])
    tab = open_tab("/data")
    choose(tab, "a.csv.gz", packed)
    refusal = tab.page.get_by_role("alert")
    refusal.wait_for()
    assert "без сжатия больше 1000 МБ" in refusal.inner_text()
    assert uploads(site) == []


def test_a_file_that_is_too_large_is_not_even_sent(
    site: Site, sqlite: Engine, open_tab: OpenTab, tmp_path: Path
) -> None:
    large = tmp_path / "large.csv"
    with large.open("wb") as stream:
        stream.truncate(200 * 2**20)
    tab = open_tab("/data")
    tab.page.locator("#wb-file").set_input_files(large)
    refusal = tab.page.get_by_role("alert")
    refusal.wait_for()
    assert "200 МБ, а здесь принимается не больше 100 МБ" in refusal.inner_text()
    assert [url for url in tab.requests if url.endswith("/uploads")] == []
    assert uploads(site) == []


@pytest.mark.parametrize("locale", ["ru-RU", "en-US"])
def test_hostile_cells_columns_and_names_are_shown_as_text(
    sqlite: Engine, open_tab: OpenTab, jobs: JobStore, locale: str
) -> None:
    seed(
        sqlite,
        Seed(name="отзывы", texts=CORPUS, attributes={CORPUS[1]: CORPUS[2]}, labels={"categories": list(CORPUS)}),
    )
    rows = [",".join('"' + cell.replace('"', '""') + '"' for cell in (text, text, text)) for text in CORPUS]
    columns = '"text","' + CORPUS[0].replace('"', '""') + '","' + CORPUS[1].replace('"', '""') + '"'
    tab = open_tab("/data", locale=locale)
    choose(tab, f"{CORPUS[0]}.csv", "\n".join([columns, *rows, '"",x,y', "a,b,c,d"]))
    assert {"ru-RU": "пустой текст", "en-US": "empty text"}[locale] in tried(tab.page)
    tab.page.locator(".wb-proposal-row, .wb-group .wb-button").last.click()
    tab.page.locator(".wb-proposal-row select").first.select_option(CORPUS[0])
    tried(tab.page)
    tab.page.locator(".wb-button.is-primary").first.click()
    tab.page.wait_for_selector(".wb-job")
    (job,) = [job for job in jobs.list() if job.kind is JobKind.IMPORT]
    assert job.options["name"].endswith(".csv")
    tab.page.wait_for_selector(".wb-lengths")
    assert tab.page.evaluate("window.hit ?? null") is None
    assert tab.page.evaluate(ATTACHED) == 0
    assert tab.faults == []


def test_without_a_worker_the_page_says_what_the_import_waits_for(
    sqlite: Engine, open_tab: OpenTab, jobs: JobStore
) -> None:
    seed(sqlite, Seed(name="отзывы", texts=["x"]))
    tab = open_tab("/data")
    choose(tab, "a.csv", "text\nПлатье\n")
    tried(tab.page)
    tab.page.get_by_role("button", name="Импортировать").click()
    tab.page.get_by_text("workbench worker").wait_for()
    assert [job.kind for job in jobs.list()] == [JobKind.IMPORT]


def test_answers_are_exported_under_the_projects_name(sqlite: Engine, open_tab: OpenTab, tmp_path: Path) -> None:
    project, records = seed(sqlite, Seed(name="Отзывы 2026", texts=["=1+1", "два"]))
    given = [Annotation(record_id=r.id, person="анна", status=Status.GIVEN, answer=Answer("обувь")) for r in records]
    with writing(sqlite) as session:
        save_annotations(session, project, given)
    tab = open_tab("/data")
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name="Подготовить и скачать").click()
    assert download.value.suggested_filename == "Отзывы 2026-gold.csv"
    download.value.save_as(tmp_path / "gold.csv")
    assert "'=1+1" in (tmp_path / "gold.csv").read_text(encoding="utf-8")
    tab.page.get_by_text("Отзывы 2026-gold.csv: 2 строки").wait_for()
    tab.page.get_by_label("Что").select_option("snapshot")
    tab.page.get_by_role("button", name="Подготовить и скачать").click()
    refusal = tab.page.get_by_role("alert")
    refusal.wait_for()
    assert "в проекте 'Отзывы 2026' пока нет снимка" in refusal.inner_text()


def test_the_profile_says_what_the_records_are_like(sqlite: Engine, open_tab: OpenTab) -> None:
    texts = ["Отличное платье", "отличное  ПЛАТЬЕ", "ок", "A nice dress", "Кроссовки Nike Air"]
    seed(sqlite, Seed(name="отзывы", texts=texts, attributes={"бренд": "Y"}))
    tab = open_tab("/data", viewport={"width": 390, "height": 844})
    tab.page.wait_for_selector(".wb-lengths")
    shown = tab.page.locator(".wb-profile").inner_text()
    for words in (
        "5\nзаписей",
        "4\nразных текстов",
        "1\nпочти пустых",
        "Кириллица",
        "1 текст встречается не раз",
        "Ни у одной записи нет группы",
        "Ответов ещё нет",
        "бренд",
    ):
        assert words in shown, words
    assert tab.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert tab.faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_screen_readers_find_no_serious_fault_on_the_way_in(sqlite: Engine, open_tab: OpenTab, scheme: str) -> None:
    seed(sqlite, Seed(name="отзывы", texts=["x"], labels={"categories": ["обувь"]}))
    tab = open_tab("/data", color_scheme=scheme)
    choose(tab, "a.csv", ROWS)
    tried(tab.page)
    found = Axe().run(tab.page, context=".wb-app").response["violations"]
    serious = [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_a_reviewer_exports_and_looks_but_has_no_box_for_files(sqlite: Engine, open_tab: OpenTab) -> None:
    seed(sqlite, Seed(name="отзывы", texts=["x"]))
    tab = open_tab("/data")
    me = json.dumps({"person": None, "role": "reviewer", "logged_in": False})
    tab.page.route("**/api/me", lambda route: route.fulfill(body=me, content_type="application/json"))
    tab.page.reload()
    tab.page.wait_for_selector(".wb-lengths")
    assert tab.page.locator("#wb-file").count() == 0
    assert tab.page.get_by_role("button", name="Подготовить и скачать").is_visible()


def test_a_file_can_be_dropped_on_the_box(sqlite: Engine, open_tab: OpenTab) -> None:
    tab = open_tab("/data")
    tab.page.locator(".wb-drop").evaluate(
        """(box) => {
          const data = new DataTransfer();
          data.items.add(new File(["text\\nПлатье\\n"], "брошено.csv"));
          box.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }"""
    )
    tab.page.get_by_text("брошено.csv").wait_for()
    tab.page.get_by_role("button", name="Выбрать другой файл").click()
    tab.page.locator(".wb-drop").wait_for()


def test_an_upload_can_be_stopped(site: Site, sqlite: Engine, open_tab: OpenTab) -> None:
    tab = open_tab("/data")
    tab.page.route("**/api/data/uploads", lambda route: None)
    choose(tab, "a.csv", ROWS)
    tab.page.get_by_role("button", name="Отмена").click()
    tab.page.locator(".wb-drop").wait_for()
    assert uploads(site) == []
