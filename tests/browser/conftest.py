"""A real Chromium in front of the real UI in a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import Engine, inspect

from db.engine import make_engine
from db.settings import Settings
from workbench.jobs.store import JobStore

REPOSITORY = Path(__file__).parents[2]
# The first is the same Chromium without the window that the others draw for nobody: a page takes it less than half
# the processor's time.
_NAMES = ("chromium-headless-shell", "chromium", "google-chrome")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(which, _NAMES)), "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_S = 60


@dataclass
class Site:
    """The UI's process. `kill` takes it away as a power cut would; `start` brings it back at the same address."""

    url: str
    home: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        script = str(Path(__file__).with_name("server_process.py"))
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        self.process = subprocess.Popen(
            [sys.executable, script, self.url, str(self.home), str(self.port)], env=environment
        )
        end = time.monotonic() + START_S
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"the UI did not start (exit code {self.process.poll()})")
            time.sleep(0.1)

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.address}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, TimeoutError, ConnectionError):
            return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One process for all tests: starting it takes seconds."""
    home = tmp_path_factory.mktemp("site")
    site = Site(url=f"sqlite:///{home / 'workbench.db'}", home=home, port=free_port())
    site.start()
    yield site
    site.kill()


@pytest.fixture
def sqlite(shared_site: Site) -> Iterator[Engine]:
    """The database that the UI is running on, empty again after each test."""
    engine = make_engine(shared_site.url)
    yield engine
    with engine.execution_options(writing=True).begin() as connection:
        names = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        triggers = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
        for name, _ in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        for name in names:
            connection.exec_driver_sql(f"DELETE FROM {name}")
        for _, definition in triggers:
            connection.exec_driver_sql(definition)
    engine.dispose()


@pytest.fixture
def site(shared_site: Site, sqlite: Engine) -> Iterator[Site]:
    """The UI on the database of the `sqlite` fixture, running again for the next test."""
    yield shared_site
    if shared_site.process is None:
        shared_site.start()


@pytest.fixture
def jobs(site: Site) -> Iterator[JobStore]:
    """The list of jobs that the UI is showing, empty before and after each test."""
    store = JobStore(Settings(home=site.home, database_url=site.url))
    empty(store)
    yield store
    empty(store)
    store.close()


def empty(store: JobStore) -> None:
    store._client.delete_workflows([job.id for job in store.list(limit=1000)])


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists() and "CI" not in os.environ:
        pytest.skip(f"no Chromium at {CHROMIUM}; install one or set CHROMIUM to its path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Tab:
    """A page with what it asked of the network and what went wrong in it."""

    page: Page
    requests: list[str]
    faults: list[str]

    def press(self, *codes: str, key: str | None = None) -> None:
        """Press keys by their place; `key` is what the layout makes of them."""
        session = self.page.context.new_cdp_session(self.page)
        for code in codes:
            event = {"code": code, "key": key or code, "windowsVirtualKeyCode": 0}
            session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **event})
            session.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})
        session.detach()

    @property
    def record(self) -> str | None:
        return self.page.locator(".wb-text").get_attribute("data-record")

    def wait_record(self) -> str:
        self.page.wait_for_function("document.querySelector('.wb-text')?.dataset.record")
        return str(self.record)

    def wait_saved(self, timeout_ms: int = 40_000) -> None:
        self.page.wait_for_selector(".wb-saved[data-state=saved]", timeout=timeout_ms)


OpenTab = Callable[..., Tab]


@pytest.fixture
def open_tab(site: Site, chromium: Browser) -> Iterator[OpenTab]:
    """Opens the UI in a new browser profile, or in the `context` given; `options` are a new context's."""
    contexts: list[BrowserContext] = []

    def open_one(
        path: str = "/", *, context: BrowserContext | None = None, locale: str = "ru-RU", **options: object
    ) -> Tab:
        if context is None:
            context = chromium.new_context(locale=locale, **{"viewport": {"width": 1366, "height": 650}, **options})
            contexts.append(context)
        tab = Tab(context.new_page(), [], [])
        tab.page.on("request", lambda request: tab.requests.append(request.url))
        tab.page.on("pageerror", lambda error: tab.faults.append(str(error)))
        tab.page.on("console", lambda line: tab.faults.append(line.text) if line.type == "error" else None)
        tab.page.goto(site.address + path)
        tab.page.wait_for_selector(".wb-app")
        return tab

    yield open_one
    for context in contexts:
        # A closing page sends what it still has, which must not reach the next test's database.
        context.set_offline(True)
        context.close()
