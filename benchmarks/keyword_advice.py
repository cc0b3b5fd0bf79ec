"""Whether proposed keywords hold what they promise: `python benchmarks/keyword_advice.py LABELLED.csv [OTHERS.csv.gz]`.

LABELLED has columns text and label. Again and again a random part of it stands for the answered texts, from which
keywords are proposed for an empty label set; on the rest, which no word was chosen or judged by, they are counted once
more. OTHERS has more texts without labels: how common words are is learned from them too.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from db.text_keys import text_key  # noqa: E402
from db.types import Category, LabelSet  # noqa: E402
from workbench.files.reading import open_table  # noqa: E402
from workbench.proposing.keyword_advice import KeywordAdvice  # noqa: E402
from workbench.proposing.keyword_choice import Minimums  # noqa: E402
from workbench.proposing.keyword_search import KeywordSearch, catches  # noqa: E402
from workbench.proposing.keyword_texts import AnsweredText, KeywordTexts, fold_of  # noqa: E402

Labelled = list[tuple[str, str]]
SHOWN = 6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labelled", type=Path)
    parser.add_argument("others", type=Path, nargs="?")
    parser.add_argument("--answers", type=int, default=0, help="how many texts are answered; half of them by default")
    parser.add_argument("--splits", type=int, default=20)
    chosen = parser.parse_args()
    rows = read(chosen.labelled, "label")
    background = tuple(text for text, _ in read(chosen.others)) if chosen.others else ()
    dice = np.random.default_rng(0)
    tallies = []
    for _ in range(chosen.splits):
        order = dice.permutation(len(rows))
        cut = chosen.answers or len(rows) // 2
        answered, rest = ([rows[at] for at in part] for part in (order[:cut], order[cut:]))
        tallies.append(tally(propose(answered, background), rest))
    show(tallies, tallies[0])


def read(file: Path, label: str | None = None) -> Labelled:
    """(text, label or ""), a text once."""
    with open_table(file) as table:
        rows = [(str(row.values["text"]), str(row.values[label]) if label else "") for row in table.rows]
    return list({text_key(text): (text, given) for text, given in rows}.values())


def propose(answered: Labelled, background: tuple[str, ...]) -> list[KeywordAdvice]:
    texts = KeywordTexts(
        answered=tuple(AnsweredText(text=t, category=c, fold=fold_of(text_key(t))) for t, c in answered),
        all_answered=len(answered),
        open={},
        background=background,
        open_records=0,
        looked_at=0,
    )
    labels = LabelSet(tuple(Category(name) for name in sorted({category for _, category in answered})))
    return list(KeywordSearch(labels, texts, Minimums()).advice()[0])


def tally(told: list[KeywordAdvice], rest: Labelled) -> list[tuple[KeywordAdvice, int, int]]:
    """Each word with how many of the other texts it catches rightly and wrongly."""
    caught = catches([one.word for one in told], [text for text, _ in rest]).tocsc()
    found = []
    for column, one in enumerate(told):
        rows = caught.indices[caught.indptr[column] : caught.indptr[column + 1]]
        right = sum(rest[row][1] == one.category for row in rows)
        found.append((one, right, len(rows) - right))
    return found


def show(tallies: list[list[tuple[KeywordAdvice, int, int]]], first: list[tuple[KeywordAdvice, int, int]]) -> None:
    told = [line for lines in tallies for line in lines]
    promised = sum(one.right for one, _, _ in told) / sum(one.right + one.wrong_in_all for one, _, _ in told)
    kept = sum(right for _, right, _ in told) / sum(right + wrong for _, right, wrong in told)
    met = [(one, right, wrong) for one, right, wrong in told if right + wrong]
    below = sum(right / (right + wrong) < one.lower for one, right, wrong in met) / len(met)
    print(
        f"{len(told) / len(tallies):.1f} words a split; precision promised {promised:.3f}, on unused texts {kept:.3f}"
    )
    print(f"{below:.1%} of the words that the unused texts have fell below their lower bound there")
    print("the first split:")
    shown: Counter[str] = Counter()
    for one, right, wrong in first:
        shown[one.category] += 1
        if shown[one.category] <= SHOWN:
            print(f"  {one.category}: {one.word}: {one.right}/{one.wrong_in_all}, unused {right}/{wrong}")


if __name__ == "__main__":
    main()
