"""Take the pictures of the docs from a running demo: `make demo`, then `python docs/images/take.py` beside it.

Arguments name the pictures to take; without any, all. Those of people and changes want people: add an admin, and set
WORKBENCH_PERSON and WORKBENCH_PASSWORD to log in as them.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from workbench.ui.pages import PAGES

UI = f"http://127.0.0.1:{os.environ.get('WORKBENCH_UI_PORT', '7860')}"
MLFLOW = f"http://127.0.0.1:{os.environ.get('WORKBENCH_MLFLOW_PORT', '5000')}"
FOLDER = Path(__file__).parent
LAPTOP, PHONE = (1366, 768), (390, 844)


def main() -> None:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        curate = f"{UI}/?project=reviews"
        take(browser, "curate", curate, language="en-US", then=to_a_telling_record)
        take(browser, "curate-dark", curate, language="ru-RU", scheme="dark")
        take(browser, "curate-tags", curate, language="ru-RU", then=lambda page: press(page, "Digit3"))
        take(browser, "curate-blind", curate, language="ru-RU", then=to_a_blind_record)
        take(browser, "curate-help", curate, language="ru-RU", then=lambda page: press(page, "Shift+Slash"))
        take(browser, "curate-phone", curate, language="ru-RU", size=PHONE)
        for page in PAGES[1:]:
            address = f"{UI}{page.path}?project=reviews"
            take(browser, page.name, address, language="en-US")
            take(browser, f"{page.name}-dark", address, language="ru-RU", scheme="dark")
        take(browser, "record", f"{UI}/records?project=reviews", language="ru-RU", then=to_a_record)
        take(browser, "mlflow", f"{MLFLOW}/#/experiments/1/runs", language="en-US", then=to_the_newest_run)
        browser.close()


def take(
    browser: Browser,
    name: str,
    address: str,
    *,
    language: str,
    scheme: str = "light",
    size: tuple[int, int] = LAPTOP,
    then: Callable[[Page], None] = lambda page: None,
) -> None:
    if sys.argv[1:] and name not in sys.argv[1:]:
        return
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        locale=language,  # type: ignore[arg-type]
    )
    if person := os.environ.get("WORKBENCH_PERSON"):
        login = {"name": person, "password": os.environ["WORKBENCH_PASSWORD"]}
        context.request.post(f"{UI}/login", data=login)
    page = context.new_page()
    page.goto(address)
    page.wait_for_timeout(4_000)
    then(page)
    page.screenshot(path=FOLDER / f"{name}.png")
    context.close()


def press(page: Page, keys: str) -> None:
    page.keyboard.press(keys)
    page.wait_for_timeout(500)


def to_a_telling_record(page: Page) -> None:
    """Skips short texts and unsure proposals."""
    for _ in range(150):
        share = page.locator(".wb-share:visible").first
        sure = int(share.inner_text().rstrip("%")) if share.count() else 0
        if sure >= 45 and len(page.locator(".wb-text:visible").first.inner_text()) > 60:
            return
        press(page, "Space")


def to_a_blind_record(page: Page) -> None:
    """Skips until a record of the blind stream comes."""
    for _ in range(40):
        if page.locator(".wb-proposal.is-blind:visible").count():
            return
        press(page, "Space")


def to_a_record(page: Page) -> None:
    """Opens the first record of the list."""
    page.locator("tbody .wb-link").first.click()
    page.wait_for_timeout(1_500)


def to_the_newest_run(page: Page) -> None:
    """The confusion matrix of the newest run, among its other files."""
    page.wait_for_timeout(4_000)
    run = page.locator("a[href*='/runs/']").first.get_attribute("href")
    page.goto(f"{MLFLOW}/{run}/artifacts")
    page.get_by_text("test_confusion_matrix.png").click()
    page.get_by_role("button", name="Close").last.click()
    page.wait_for_timeout(4_000)


if __name__ == "__main__":
    main()
