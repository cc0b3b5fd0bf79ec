"""How fast a file of 100 000 short texts is imported into SQLite, and 50 000 labelled records exported.

    python benchmarks/import_export.py [TITLES.csv.gz] [--rows 100000] [--repeats 3]

Without a file, titles are made up. A given one has columns text and label; it is repeated with numbers behind the
texts until there are enough rows. The median of the repeats counts, each into a fresh database. Bars: 15 000 records/s
without labels, 5 s for the export.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from db.engine import make_engine
from db.migrate import upgrade
from db.types import Kind
from workbench.exchange.exporting import Format, What, export_file
from workbench.exchange.importing import import_file
from workbench.exchange.requests import ImportRequest
from workbench.files.reading import open_table

GOLD = 50_000
WORDS = (
    *("куртка", "юбка", "кеды", "чайник", "лампа", "набор", "для", "детский", "женская", "мужские", "зимние", "синий"),
    *("чёрная", "стальной", "хлопок", "кожа", "500г", "38/158", "ХИТ", "new", "comfort", "pro", "mini", "доставка"),
)
LABELS = ("Одежда", "Обувь", "Дом", "Техника", "Авто", "Продукты", "Детям", "Спорт", "Прочее")


def titles(file: Path | None) -> Iterator[tuple[str, str]]:
    """(text, label), without end."""
    if file is not None:
        with open_table(file) as table:
            rows = [(str(row.values["text"]), str(row.values["label"])) for row in table.rows]
        yield from rows
        for number, (text, label) in enumerate(cycle(rows)):
            yield f"{text} {number}", label
    dice = random.Random(0)
    while True:
        yield " ".join(dice.choices(WORDS, k=dice.randint(3, 12))), dice.choice(LABELS)


def write_table(path: Path, file: Path | None, rows: int) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("id", "text", "label"))
        writer.writerows((n, *pair) for n, pair in enumerate(islice(titles(file), rows)))
    return path


def fresh(home: Path, name: str) -> Engine:
    engine = make_engine(f"sqlite:///{home / name}.db")
    upgrade(engine)
    return engine


def load(engine: Engine, path: Path, home: Path, *, labelled: bool) -> tuple[float, float]:
    """Seconds by the clock and of this process's CPU."""
    labels = {"labels_column": "label", "by": "somebody"} if labelled else {}
    request = ImportRequest(path=path, project="p", kind=Kind.CATEGORY, id_column="id", **labels)
    clock, cpu = time.perf_counter(), time.process_time()
    import_file(engine, request, home=home)
    return time.perf_counter() - clock, time.process_time() - cpu


def unload(engine: Engine, home: Path) -> tuple[float, float]:
    clock, cpu = time.perf_counter(), time.process_time()
    rows = export_file(engine, "p", what=What.GOLD, format=Format.CSV, target=home / "gold.csv", snapshots=home)
    assert rows == GOLD
    return time.perf_counter() - clock, time.process_time() - cpu


def show(what: str, rows: int, runs: list[tuple[float, float]]) -> None:
    clock, cpu = (median(run[part] for run in runs) for part in (0, 1))
    print(f"| {what} | {clock:.2f} | {rows / clock:,.0f} | {cpu:.2f} | {rows / cpu:,.0f} |".replace(",", " "))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print("| what | s | rows/s | CPU s | rows/CPU s |\n| --- | ---: | ---: | ---: | ---: |")
    with TemporaryDirectory() as folder:
        home = Path(folder)
        table = write_table(home / "titles.csv", options.file, options.rows)
        for labelled in (False, True):
            runs = [load(fresh(home, f"{labelled}{n}"), table, home, labelled=labelled) for n in range(options.repeats)]
            show(f"import of {options.rows} titles{' with labels' if labelled else ''}", options.rows, runs)
        gold = fresh(home, "gold")
        load(gold, write_table(home / "half.csv", options.file, GOLD), home, labelled=True)
        show(f"export of {GOLD} gold rows", GOLD, [unload(gold, home) for _ in range(options.repeats)])


if __name__ == "__main__":
    main()
