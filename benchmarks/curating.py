"""Fifty annotators on one SQLite, two of whose tabs are real: `python benchmarks/curating.py`.

The UI runs as its own process on 100 000 records. Fifty clients in another process each hold a buffer of records and
answer one after the other, thinking up to THINK seconds before each; that is far faster than people are, and the rate
they reach is printed. Two Chromium tabs label by keys meanwhile: from each key event's own time stamp to the first
frame that shows the next record. At the end the database is compared with what everybody sent. Fails where an action
is lost or doubled, a record was answered by more people than asked for, or the tabs' p95 is 50 ms or more.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import httpx
import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright  # noqa: E402
from sqlalchemy import Engine  # noqa: E402

from benchmarks.keypress import MEASURE, press  # noqa: E402
from benchmarks.large_project import CATEGORIES, NAME, Size, fill  # noqa: E402
from db.annotation_log import all_annotations  # noqa: E402
from db.engine import make_engine, reading  # noqa: E402
from db.migrate import upgrade  # noqa: E402
from db.projects import get_project  # noqa: E402
from db.types import Kind  # noqa: E402
from tests.browser.conftest import CHROMIUM, FLAGS, Site, free_port  # noqa: E402
from tests.simulated import Annotator, check  # noqa: E402

BAR_MS = 50.0
TABS = ("вкладка 1", "вкладка 2")
SYNC = f"/api/annotate/{quote(NAME)}/sync"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--think", type=float, default=0.3, help="seconds at most before each answer")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--answered", type=int, default=20_000)
    parser.add_argument("--database", type=Path, help="filled by an earlier run; a new one is kept here")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "workbench.db"
        prepare(path, chosen.database, chosen.records, chosen.answered)
        print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        sys.exit(0 if measure(path, chosen.clients, chosen.seconds, chosen.think) else 1)


def prepare(path: Path, kept: Path | None, records: int, answered: int) -> None:
    if kept is not None and kept.exists():
        shutil.copy(kept, path)
        return
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    fill(engine, Size(records=records, annotations=answered, proposals=2 * records, answered=0.1, kind=Kind.CATEGORY))
    engine.dispose()
    if kept is not None:
        shutil.copy(path, kept)


def measure(path: Path, clients: int, seconds: float, think: float) -> bool:
    """Whether everything was as it should be."""
    site = Site(url=f"sqlite:///{path}", home=path.parent, port=free_port())
    site.start()
    try:
        with multiprocessing.get_context("spawn").Pool(1) as others:
            working = others.apply_async(run_clients, (site.address, clients, seconds, think))
            waits, exchanges, presses = label(site.address, seconds)
            people, latencies, took = working.get()
    finally:
        site.kill()
    show("key to paint in the tabs", waits)
    show("exchange of a tab", exchanges)
    show("exchange of a client", latencies)
    engine = make_engine(f"sqlite:///{path}")
    actions = compare(engine, people, presses)
    print(f"{len(latencies) / took:.0f} exchanges a second of {clients} clients, {actions} actions, each kept once")
    return bool(np.percentile(waits, 95) < BAR_MS)


def show(what: str, milliseconds: list[float]) -> None:
    p50, p95, p99 = np.percentile(milliseconds, [50, 95, 99])
    print(f"{what}: p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms ({len(milliseconds)})")


def compare(engine: Engine, people: list[Annotator], presses: dict[str, int]) -> int:
    with reading(engine) as session:
        project = get_project(session, NAME)
        rows = [annotation for found in all_annotations(session, project).values() for annotation in found]
    refused = sum((one.refused for one in people), start=people[0].refused.__class__())
    assert not refused, refused
    for person, count in presses.items():
        kept = sum(annotation.person == person for annotation in rows)
        assert kept == count, f"{person}: {count} presses, {kept} kept"
    return check(engine, project, people, overlap=1) + sum(presses.values())


# The clients, in a process of their own


def run_clients(address: str, count: int, seconds: float, think: float) -> tuple[list[Annotator], list[float], float]:
    """(what each did, milliseconds of every exchange, seconds they took)."""
    people = [Annotator(person=f"человек {n}", labels=CATEGORIES, seed=n) for n in range(count)]
    latencies: list[float] = []
    started = time.perf_counter()
    asyncio.run(_everybody(address, people, seconds, think, latencies))
    return people, latencies, time.perf_counter() - started


async def _everybody(
    address: str, people: list[Annotator], seconds: float, think: float, latencies: list[float]
) -> None:
    limits = httpx.Limits(max_connections=len(people))
    async with httpx.AsyncClient(base_url=address, timeout=60, limits=limits) as client:
        until = time.perf_counter() + seconds
        await asyncio.gather(*(_work(client, one, until, think, latencies) for one in people))


async def _work(client: httpx.AsyncClient, one: Annotator, until: float, think: float, latencies: list[float]) -> None:
    headers = {"X-Annotator": quote(one.person)}
    await asyncio.sleep(one.dice.random())
    while time.perf_counter() < until:
        body = one.request()
        for _ in range(2 if one.twice() else 1):
            started = time.perf_counter()
            answer = await client.post(SYNC, json=body, headers=headers)
            latencies.append(1000 * (time.perf_counter() - started))
            answer.raise_for_status()
        one.take(body, answer.json())
        await asyncio.sleep(one.dice.uniform(0, think))


# The tabs


def label(address: str, seconds: float) -> tuple[list[float], list[float], dict[str, int]]:
    """(milliseconds from key to paint, of the tabs' exchanges, presses by person)."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        tabs = {person: open_tab(browser, address, person) for person in TABS}
        keyboards = {person: page.context.new_cdp_session(page) for person, page in tabs.items()}
        presses = dict.fromkeys(TABS, 0)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for person, page in tabs.items():
                presses[person] += press_one(keyboards[person], page, presses[person])
        waits: list[float] = []
        exchanges: list[float] = []
        for page in tabs.values():
            page.wait_for_selector(".wb-saved[data-state=saved]", timeout=60_000)
            waits += page.evaluate("window.waits")
            exchanges += page.evaluate(EXCHANGES)
        browser.close()
    return waits, exchanges, presses


EXCHANGES = """() => performance.getEntriesByType("resource")
  .filter(({ name }) => name.endsWith("/sync")).map(({ duration }) => duration)"""


def open_tab(browser: Browser, address: str, person: str) -> Page:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="ru-RU")
    context.add_init_script(f"localStorage.setItem('wb:person', JSON.stringify('{person}'))")
    page = context.new_page()
    page.goto(address)
    page.wait_for_function("document.querySelector('.wb-text')?.dataset.record", timeout=60_000)
    page.evaluate("performance.setResourceTimingBufferSize(100000)")
    page.evaluate(MEASURE)
    return page


def press_one(keyboard: CDPSession, page: Page, place: int) -> int:
    """One press, if a record is there to be answered; how many it were."""
    if not page.evaluate("document.querySelector('.wb-text').dataset.record"):
        page.wait_for_timeout(50)
        return 0
    press(keyboard, page, f"Digit{1 + place % 9}", 60)
    return 1


if __name__ == "__main__":
    main()
