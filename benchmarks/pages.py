"""How fast every page is on 100 000 records: `python benchmarks/pages.py`.

The project has 100 000 answers by fifty people, 200 000 proposals and a queue (`large_project.py`). Every page of the
UI is opened in Chromium, with an empty cache and again with a filled one. "Interactive" is from the click on its
address until it shows what it is for and can be used; "complete" until the last answer of its own routes, where a card
comes later than the page. The server's answers behind each page are measured apart, as are the filters of the Records
page and the exchange of the Curate page. Fails where a page is not interactive within 2 s, or a filter takes 300 ms, at
p95.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx
import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, BrowserContext, sync_playwright  # noqa: E402

from benchmarks.large_project import CATEGORIES, NAME, PEOPLE, SOURCES, TAGS, Size, fill  # noqa: E402
from db.engine import make_engine  # noqa: E402
from db.migrate import upgrade  # noqa: E402
from db.record_filter import RecordSort  # noqa: E402
from db.types import RecordStatus  # noqa: E402
from tests.browser.conftest import CHROMIUM, FLAGS, Site, free_port  # noqa: E402
from tests.simulated import Annotator  # noqa: E402
from workbench.ui.pages import PAGES, Page  # noqa: E402

PAGE_BAR_MS, FILTER_BAR_MS = 2_000.0, 300.0
READY = ".wb-page-body:not([aria-busy]), .wb-curate .wb-text[data-record]:not([data-record=''])"
# Notes when the page first is what it is going to be; later answers of its own routes count too.
WATCH = f"""new MutationObserver(() => {{
  if (window.readyAt === undefined && document.querySelector({READY!r})) window.readyAt = performance.now();
}}).observe(document, {{ subtree: true, childList: true, attributes: true }});"""
TIMES = """() => [window.readyAt, Math.max(window.readyAt, ...performance.getEntriesByType("resource")
  .filter(({ name }) => name.includes("/api/")).map(({ responseEnd }) => responseEnd))]"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--database", type=Path, help="filled by an earlier run; a new one is kept here")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "workbench.db"
        prepare(path, chosen.database, chosen.records)
        site = Site(url=f"sqlite:///{path}", home=path.parent, port=free_port())
        site.start()
        try:
            print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
            good = [measure(site.address, chosen.repeats) for measure in (pages, filters, exchanges)]
        finally:
            site.kill()
    sys.exit(0 if all(good) else 1)


def prepare(path: Path, kept: Path | None, records: int) -> None:
    if kept is not None and kept.exists():
        shutil.copy(kept, path)
        return
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    fill(engine, Size(records=records, annotations=records, proposals=2 * records))
    engine.dispose()
    if kept is not None:
        shutil.copy(path, kept)


def show(what: str, rows: Iterable[tuple[str, list[float]]]) -> float:
    """Prints a table of medians and 95th percentiles; gives the largest of the latter."""
    print(f"\n| {what} | median ms | p95 ms |\n| --- | ---: | ---: |")
    worst = 0.0
    for name, found in rows:
        p50, p95 = np.percentile(found, [50, 95])
        print(f"| {name} | {p50:.0f} | {p95:.0f} |")
        worst = max(worst, float(p95))
    return worst


def pages(address: str, repeats: int) -> bool:
    answers: dict[str, list[float]] = {}
    interactive: list[tuple[str, list[float]]] = []
    complete: list[tuple[str, list[float]]] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        open_page(new_context(browser), address, PAGES[0], {})
        for page in PAGES:
            fresh = [open_page(new_context(browser), address, page, answers) for _ in range(repeats)]
            kept = new_context(browser)
            open_page(kept, address, page, {})
            again = [open_page(kept, address, page, answers) for _ in range(repeats)]
            for visit, times in (("first visit", fresh), ("again", again)):
                interactive.append((f"{page.name}, {visit}", [ready for ready, _ in times]))
                complete.append((f"{page.name}, {visit}", [whole for _, whole in times]))
        browser.close()
    worst = show("page, interactive", interactive)
    show("page, complete", complete)
    show("server's answer", sorted(answers.items()))
    return worst < PAGE_BAR_MS


def new_context(browser: Browser) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="ru-RU")
    context.add_init_script(WATCH)
    return context


def open_page(
    context: BrowserContext, address: str, page: Page, answers: dict[str, list[float]]
) -> tuple[float, float]:
    """Milliseconds until the page is interactive, and complete; the times of its own routes are added to `answers`."""
    tab = context.new_page()
    tab.goto(f"{address}{page.path}?project={quote(NAME)}", wait_until="commit")
    tab.wait_for_selector(READY, state="attached", timeout=60_000)
    tab.wait_for_load_state("networkidle")
    ready, whole = tab.evaluate(TIMES)
    own = tab.evaluate("performance.getEntriesByType('resource').map(({ name, duration }) => [name, duration])")
    for url, duration in own:
        if "/api/" in url:
            answers.setdefault(f"{page.name}: {route(url, address)}", []).append(duration)
    tab.close()
    return ready, whole


def route(url: str, address: str) -> str:
    return url.removeprefix(f"{address}/").partition("?")[0].replace(quote(NAME), "…")


def filters(address: str, repeats: int) -> bool:
    """Each filter of the Records page alone and some together, in every order, as one reviewer asks for them."""
    with httpx.Client(base_url=address, timeout=60) as client:
        rows = []
        for given in conditions():
            found = []
            for sort in RecordSort:
                for order in ("up", "down"):
                    query = urlencode({**given, "sort": sort.value, "order": order})
                    found += timed(lambda query=query: client.get(f"/api/records/{quote(NAME)}?{query}"), repeats)  # type: ignore[misc]
            rows.append((" & ".join(f"{key}={value}" for key, value in given.items()) or "no condition", found))
    worst = show("filter of the Records page, in 8 orders", rows)
    every = [one for _, found in rows for one in found]
    print(f"\nall filters: median {np.median(every):.0f} ms, p95 {np.percentile(every, 95):.0f} ms")
    return worst < FILTER_BAR_MS


def conditions() -> list[dict[str, str]]:
    now = datetime.now(UTC)
    days = {"from": f"{now - timedelta(days=20):%Y-%m-%d}", "to": f"{now - timedelta(days=10):%Y-%m-%d}"}
    together = {"text": "торчат", "category": CATEGORIES[1], "disagree": "yes", "person": PEOPLE[0]}
    return [
        {},
        *({"text": text} for text in ("платье", "ЗАКАЗ 9999", "нет такого", "order")),
        {"id": "9999"},
        {"group": "SKU-77"},
        *({"status": status.value} for status in RecordStatus),
        {"category": CATEGORIES[1]},
        {"tag": TAGS[4]},
        {"proposed": CATEGORIES[1]},
        {"proposed_tag": TAGS[4]},
        *({"stage": stage.value} for stage, _ in SOURCES[1:]),
        *({"source": source} for _, source in SOURCES[:1]),
        {"disagree": "yes"},
        {"disagree": "yes", "source": SOURCES[0][1]},
        {"blind": "yes"},
        {"blind": "no"},
        {"person": PEOPLE[0]},
        days,
        {"person": PEOPLE[0], **days},
        together,
    ]


def timed(ask: Callable[[], httpx.Response], repeats: int) -> list[float]:
    found = []
    for _ in range(repeats):
        started = time.perf_counter()
        ask().raise_for_status()
        found.append(1000 * (time.perf_counter() - started))
    return found


def exchanges(address: str, repeats: int) -> bool:
    """The Curate page's exchange: one answer saved, the buffer kept full; by one person alone."""
    one = Annotator(person="кто-то", labels=CATEGORIES, seed=1, tags=())
    with httpx.Client(base_url=address, timeout=60, headers={"X-Annotator": quote(one.person)}) as client:
        found = []
        for _ in range(40 * repeats):
            body = one.request()
            started = time.perf_counter()
            answer = client.post(f"/api/annotate/{quote(NAME)}/sync", json=body)
            found.append(1000 * (time.perf_counter() - started))
            one.take(body, answer.raise_for_status().json())
    show("exchange of the Curate page", [("one answer", found)])
    return not one.refused


if __name__ == "__main__":
    main()
