"""How many records a second the keywords stage answers: `python benchmarks/keywords.py TEXTS.csv.gz [MORE.csv.gz]`.

Each file has a column `text`; its texts are repeated until there are enough. The label set has nine categories with
some 120 keywords, as a shop would list them. One process; the best of the repeats counts, since other work on the
machine can only slow it down. The bar is 50 000 records/s.
"""

from __future__ import annotations

import argparse
import sys
import time
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from db.project_settings import ProjectSettings  # noqa: E402
from db.types import Category, Kind, LabelSet, Project  # noqa: E402
from workbench.files.reading import open_table  # noqa: E402
from workbench.proposing.keywords import KeywordStage  # noqa: E402
from workbench.proposing.stage import Item, Task  # noqa: E402

BAR = 50_000
KEYWORDS = {
    "одежда": "платье, юбка, брюки, джинсы, футболка, рубашка, блузка, свитер, куртка, пальто, пуховик, костюм, "
    "шорты, носки, колготки, халат, пижама, купальник, бюстгальтер, рукав",
    "обувь": "кроссовки, туфли, ботинки, сапоги, кеды, босоножки, тапочки, сандалии, балетки, подошва, стелька, "
    "каблук, натирают, на ноге",
    "посуда": "тарелка, кружка, чашка, кастрюля, сковорода, бокал, салатник, блюдо, вилка, ложка, нож, "
    "чайник заварочный",
    "текстиль": "постельное бельё, простыня, наволочка, пододеяльник, одеяло, подушка, полотенце, скатерть, плед, "
    "штора, занавеска, ткань",
    "товары для детей": "игрушка, кукла, конструктор, коляска, подгузники, пелёнка, ползунки, соска, развивающая, "
    "ребёнку, малышу, внуку",
    "электроника": "телефон, смартфон, наушники, зарядное устройство, зарядка, кабель, тв, телевизор, колонка, экран, "
    "планшет, ноутбук, мышка, usb",
    "бытовая техника": "пылесос, утюг, миксер, блендер, холодильник, стиральная машина, фен, мультиварка, "
    "электрочайник, кофеварка, обогреватель, мощность",
    "украшения и аксессуары": "серьги, кольцо, браслет, цепочка, кулон, часы, сумка, рюкзак, кошелёк, ремень, очки, "
    "шарф, перчатки, шапка",
    "нет товара": "доставка, курьер, продавец, возврат, деньги вернули, не пришёл, не доставили, посылка, упаковка, "
    "заказ отменили, пункт выдачи, трек номер",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=5)
    chosen = parser.parse_args()
    slow = [file for file in chosen.files if measure(file, chosen.rows, chosen.repeats) < BAR]
    if slow:
        raise SystemExit(1)


def measure(file: Path, rows: int, repeats: int) -> float:
    with open_table(file) as table:
        texts = [str(row.values["text"]) for row in table.rows]
    items = [Item(text_key="", text=text) for text in islice(cycle(texts), rows)]
    seconds, found = min((timed(items) for _ in range(repeats)), key=lambda one: one[0])
    letters = sum(len(item.text) for item in items) / rows
    print(
        f"{file.name}: {rows} texts of {letters:.0f} characters, keywords in {found}; "
        f"{seconds:.2f} s, {rows / seconds:,.0f} records/s (bar {BAR:,})"
    )
    return rows / seconds


def timed(items: list[Item]) -> tuple[float, int]:
    """Seconds of a stage that has seen nothing before, and in how many texts it found something."""
    stage = KeywordStage(task())
    started = time.perf_counter()
    found = sum(outcome is not None for _, outcome in stage.propose(items))
    return time.perf_counter() - started, found


def task() -> Task:
    categories = tuple(Category(name, keywords=tuple(words.split(", "))) for name, words in KEYWORDS.items())
    return Task(project=Project(1, "p", Kind.CATEGORY), labels=LabelSet(categories), settings=ProjectSettings())


if __name__ == "__main__":
    main()
