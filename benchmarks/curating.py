"""Curating while fifty others do: `python benchmarks/curating.py`.

On a project of 100 000 records in SQLite, fifty clients answer over HTTP as the page does, and two tabs of a real
Chromium are worked by keys among them. Prints how long a key takes until the next text is painted and how long an
exchange with the server takes; then holds the database against everything that was done: each action once, and no
record answered by more people than asked for. Fails where p95 of the tabs is 50 ms or more, or where an action is lost,
doubled or refused.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from time import perf_counter
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402
from playwright.sync_api import Page, ViewportSize, sync_playwright  # noqa: E402
from sqlalchemy import Engine, func, select  # noqa: E402

from benchmarks.keypress import BAR_MS, MEASURE, press  # noqa: E402
from benchmarks.large_project import CATEGORIES, NAME, Size, fill  # noqa: E402
from db.engine import make_engine, reading  # noqa: E402
from db.migrate import upgrade  # noqa: E402
from db.tables import AnnotationRow, table_of  # noqa: E402
from db.types import Status  # noqa: E402
from tests.browser.conftest import CHROMIUM, FLAGS, Site, free_port  # noqa: E402

TABS = 2
SCREEN: ViewportSize = {"width": 1366, "height": 768}
BUFFER, LOW = 20, 8


@dataclass
class Client:
    """One of the fifty: works through a buffer of leased records, one exchange an answer, as the page does."""

    address: str
    number: int
    pace_s: float
    sent: list[str] = field(default_factory=list)
    refused: int = 0
    waits: list[float] = field(default_factory=list)

    async def work(self, ending: Event) -> None:
        dice = random.Random(self.number)
        buffer: list[dict[str, Any]] = []
        headers = {"X-Annotator": f"client-{self.number}"}
        async with httpx.AsyncClient(base_url=self.address, headers=headers, timeout=60) as http:
            while not ending.is_set():
                action = self._answer(buffer.pop(0), dice) if buffer else None
                want = BUFFER - len(buffer) if len(buffer) < LOW else 0
                buffer += await self._sync(http, action, want, [item["id"] for item in buffer])
                await asyncio.sleep(dice.uniform(0, 2 * self.pace_s))

    def _answer(self, item: dict[str, Any], dice: random.Random) -> dict[str, Any]:
        action = {"cid": uuid4().hex, "record": item["id"], "action": "skip"}
        if dice.random() < 0.9:
            shown = [item["suggestion"]["id"]] if item["suggestion"] else []
            action |= {"action": "choose", "category": dice.choice(CATEGORIES), "tags": [], "shown": shown}
        return action

    async def _sync(
        self, http: httpx.AsyncClient, action: dict[str, Any] | None, want: int, have: list[int]
    ) -> list[dict[str, Any]]:
        body = {"holder": f"client-{self.number:08}", "want": want, "have": have}
        started = perf_counter()
        answer = await http.post(
            f"/api/annotate/{quote(NAME)}/sync", json=body | {"actions": [action] if action else []}
        )
        self.waits.append((perf_counter() - started) * 1000)
        answer.raise_for_status()
        told = answer.json()
        if action is not None:
            self.sent.append(str(action["cid"]))
            self.refused += sum(result["refusal"] is not None for result in told["results"])
        return list(told["items"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--presses", type=int, default=200, help="in each tab")
    parser.add_argument("--pace", type=float, default=2.0, help="mean seconds between a client's answers")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/workbench.db")
        upgrade(engine)
        fill(engine, Size(records=chosen.records, annotations=chosen.records // 10, proposals=chosen.records))
        site = Site(url=str(engine.url), home=Path(folder), port=free_port())
        clients = [Client(site.address, number, chosen.pace) for number in range(chosen.clients)]
        before = _rows(engine)
        site.start()
        try:
            painted, seconds = work_all(site, clients, chosen.presses)
        finally:
            site.kill()
        report(engine, clients, painted, seconds, before)


def work_all(site: Site, clients: list[Client], presses: int) -> tuple[list[list[float]], float]:
    """Milliseconds of each press in each tab, and how long all of it took."""
    ending = Event()

    async def run() -> None:
        await asyncio.gather(*(client.work(ending) for client in clients))

    thread = Thread(target=lambda: asyncio.run(run()))
    thread.start()
    started = perf_counter()
    try:
        return press_in_tabs(site, presses), perf_counter() - started
    finally:
        ending.set()
        thread.join()


def press_in_tabs(site: Site, presses: int) -> list[list[float]]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        tabs = [browser.new_context(viewport=SCREEN).new_page() for _ in range(TABS)]
        pages = [_open(page, site, number) for number, page in enumerate(tabs)]
        keyboards = [page.context.new_cdp_session(page) for page in pages]
        for _ in range(presses):
            for page, keyboard in zip(pages, keyboards, strict=True):
                # What is proposed for a record of the blind stream is not shown, so it cannot be accepted.
                proposed = page.locator(".wb-proposal:not(.is-blind) .wb-proposal-value").count()
                press(keyboard, page, "KeyA" if proposed else "Space", 100)
        for page in pages:
            page.wait_for_selector(".wb-saved[data-state=saved]")
        waits = [page.evaluate("window.waits") for page in pages]
        browser.close()
    return waits


def _open(page: Page, site: Site, number: int) -> Page:
    page.add_init_script(f"localStorage.setItem('wb:person', JSON.stringify('tab-{number}'))")
    page.goto(site.address)
    page.wait_for_function("document.querySelector('.wb-text')?.dataset.record")
    page.evaluate(MEASURE)
    return page


def report(engine: Engine, clients: list[Client], painted: list[list[float]], seconds: float, before: int) -> None:
    waits = [wait for tab in painted for wait in tab]
    exchanges = [wait for client in clients for wait in client.waits]
    sent = [cid for client in clients for cid in client.sent]
    print(f"{len(clients)} clients: {len(sent)} answers, {len(sent) / seconds:.0f} a second; {len(waits)} keys in tabs")
    for what, values in (("key to paint", waits), ("exchange", exchanges)):
        p50, p95, p99 = np.percentile(values, [50, 95, 99])
        print(f"{what}: p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms")
    stored, doubled = kept(engine, sent)
    new, refused = _rows(engine) - before, sum(client.refused for client in clients)
    print(
        f"in the database: {stored} of {len(sent)} answers once, {new - stored} of {len(waits)} keys, {refused} refused"
    )
    print(f"records answered by more than one person: {doubled}")
    lost = stored != len(sent) or new - stored != len(waits) or refused or doubled
    if lost or np.percentile(waits, 95) >= BAR_MS:
        raise SystemExit(1)


def kept(engine: Engine, sent: list[str]) -> tuple[int, int]:
    """How many of the answers sent are in the log, where client ids are unique; how many records were answered twice.

    Answers from before the run do not count: what they closed is no longer in the queue.
    """
    log = table_of(AnnotationRow)
    answers = tuple(status.value for status in Status if status.is_answer)
    query = select(log.c.client_id, log.c.record_id, log.c.status).where(~log.c.client_id.startswith("bench-"))
    with reading(engine) as session:
        rows = session.execute(query).all()
    found = Counter(row.client_id for row in rows)
    answered = Counter(row.record_id for row in rows if row.status in answers)
    return sum(found[cid] == 1 for cid in sent), sum(count > 1 for count in answered.values())


def _rows(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(AnnotationRow)) or 0


if __name__ == "__main__":
    main()
