"""A site of its own with people who log in: one that has seen a user asks for logins ever after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import Engine, delete

from db.engine import writing
from db.tables import SessionRow
from db.types import Role
from db.users import create_user

from ..conftest import Site, Tab, free_port

PASSWORD = "correct horse"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="package")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = start_site(tmp_path_factory.mktemp("people"))
    yield site
    site.kill()


def start_site(home: Path) -> Site:
    site = Site(url=f"sqlite:///{home / 'workbench.db'}", home=home, port=free_port())
    site.start()
    return site


@pytest.fixture
def people(sqlite: Engine) -> None:
    hashed = QUICK.hash(PASSWORD)
    with writing(sqlite) as session:
        create_user(session, "root", Role.ADMIN, hashed)
        create_user(session, "Анна", Role.ANNOTATOR, hashed)
        create_user(session, "Boris", Role.ANNOTATOR, hashed)


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(locale="ru-RU", viewport={"width": 1366, "height": 650})
    yield context
    # A closing page sends what it still has, which must not reach the next test's database.
    context.set_offline(True)
    context.close()


def log_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.fill("#name", name)
    page.fill("#password", password)
    page.press("#password", "Enter")


def entered(context: BrowserContext, site: Site, name: str, path: str = "/") -> Tab:
    """A tab in which somebody has logged in, on the way to `path`."""
    tab = Tab(context.new_page(), [], [])
    tab.page.goto(site.address + path)
    log_in(tab.page, name)
    tab.page.wait_for_selector(".wb-header")
    return tab


def end_sessions(engine: Engine) -> None:
    with writing(engine) as session:
        session.execute(delete(SessionRow))
