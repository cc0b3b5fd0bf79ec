"""How good several sources of labels are beside their majority and Dawid–Skene, against people; and how long it takes.

    python benchmarks/opinions.py POOL.csv.gz HAND.csv

POOL has columns text, proposal_* (a label each) and zero_shot; HAND has text and label, by people. Texts are the same
where their normalised texts are. Labels that nobody of the people or of the proposal_* uses, such as "unknown", are no
opinion. People's labels only judge.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from db.text_keys import text_key
from training.opinions import NONE, Consensus, Ints, chosen, dawid_skene, majority
from workbench.quality.opinions_judged import Judgement, judgements_of

REPEATS = 5
LARGE = (100_000, 3)


def read_votes(pool: pd.DataFrame, hand: pd.DataFrame) -> tuple[list[str], list[str], Ints]:
    """(sources, labels, votes) of the pool."""
    teams = [name for name in pool.columns if name.startswith("proposal_")]
    sources = [*teams, "zero_shot"]
    labels = sorted(set(hand.label).union(*(pool[name].dropna() for name in teams)) - {"unknown"})
    places = {label: place for place, label in enumerate(labels)}
    votes = np.stack([pool[name].map(places).fillna(NONE).astype(int) for name in sources], axis=1)
    return sources, labels, votes


def against_people(
    pool: pd.DataFrame, hand: pd.DataFrame, sources: list[str], labels: list[str], votes: Ints, found: Consensus
) -> None:
    keys = pool.text.map(text_key)
    told = dict(zip(hand.text.map(text_key), hand.label, strict=True))
    rows = np.flatnonzero((keys.isin(list(told)) & ~keys.duplicated()).to_numpy())
    truth = np.array([labels.index(told[key]) for key in keys.iloc[rows]])
    clusters = np.arange(len(rows))
    said = {name: votes[rows, place] for place, name in enumerate(sources)}
    said["majority"] = chosen(majority(votes[rows], len(labels)), found.prior)
    said["Dawid–Skene"] = chosen(found.of(votes[rows]), found.prior)
    print(f"{len(rows)} texts have both; 95 % intervals by 1 000 resamples\n")
    print("| source | votes | accuracy | weighted F1 | macro F1 |\n| --- | ---: | --- | --- | --- |")
    judgements, gains = judgements_of(truth, list(said.values()), clusters)
    for name, judgement in zip(said, judgements, strict=True):
        given = int((votes[:, sources.index(name)] != NONE).sum()) if name in sources else len(votes)
        print(f"| {name} | {given} | {_shown(judgement)} |")
    for name, less in list(zip(said, gains, strict=True))[:-1]:
        print(
            f"weighted F1 of Dawid–Skene less that of {name}: {less.value:+.3f} ({less.low:+.3f} to {less.high:+.3f})"
        )


def _shown(found: Judgement) -> str:
    figures = (found.accuracy, found.weighted_f1, found.macro_f1)
    return " | ".join(f"{one.value:.3f} ({one.low:.3f}–{one.high:.3f})" for one in figures)


def believed(sources: list[str], votes: Ints, found: Consensus) -> None:
    """What the estimate makes of each source, without people."""
    for place, name in enumerate(sources):
        spoke = votes[:, place] != NONE
        right = found.probabilities[spoke, votes[spoke, place]].mean()
        print(f"believed to be right: {name} {right:.3f}")
    spoken = votes[(votes != NONE).sum(axis=1) >= 2]
    agree = np.array([len(set(row[row != NONE].tolist())) == 1 for row in spoken])
    print(f"records with two opinions or more: {len(spoken)}, on which all agree: {agree.mean():.0%}")


def timed(votes: Ints, labels: int) -> None:
    rng = np.random.default_rng(0)
    large = rng.integers(0, labels, LARGE)
    large[rng.random(LARGE) < 0.2] = NONE
    for what, of in (("these", votes), ("made up", large)):
        seconds = []
        for _ in range(REPEATS):
            started = time.perf_counter()
            found = dawid_skene(of, labels)
            seconds.append(time.perf_counter() - started)
        size = " × ".join(map(str, of.shape))
        print(f"{size} votes ({what}): {np.median(seconds):.2f} s, {found.iterations} iterations")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pool", type=Path)
    parser.add_argument("hand", type=Path)
    options = parser.parse_args()
    pool, hand = pd.read_csv(options.pool), pd.read_csv(options.hand)
    sources, labels, votes = read_votes(pool, hand)
    found = dawid_skene(votes, len(labels))
    against_people(pool, hand, sources, labels, votes, found)
    print()
    believed(sources, votes, found)
    timed(votes, len(labels))


if __name__ == "__main__":
    main()
