"""Which words make keywords, chosen on some answered texts and judged on others. Pure, on arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.proposing.log_odds import log_odds

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# How many average texts the prior of the log-odds is worth.
PRIOR_TEXTS = 20
# Of hundreds of words some set a category apart by chance: the judging on other texts is for these.
LEAST_Z = 1.0
MOST_TRIED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimums:
    """What a word must reach to be proposed, on the texts it is chosen by and again on those it is judged by.

    `right` texts caught rightly, and this `precision`: a single keyword makes the stage 0.83 sure and more. On the
    texts it is judged by, the lower end of the precision's interval must also reach `lower`, and the category's share
    of all texts: a word that is right no more often than chance says nothing.
    """

    right: int = 3
    precision: float = 0.8
    lower: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Pairs of a category and a word, both as places, and (pairs, categories) how many texts of each it caught.

    A pair's texts are those of the folds whose other folds would have chosen it.
    """

    categories: Ints
    words: Ints
    caught: Ints


def telling(by_fold: Floats, background: Floats, mean_words: float) -> Bools:
    """(folds, categories, words): the words that set a category apart, without looking at the fold.

    `by_fold` (folds, categories, words) counts texts, `background` (words,) how many texts of any kind have each word,
    `mean_words` is how many words a text has. At most `MOST_TRIED` of a category, those with the highest z-scores.
    """
    whole = by_fold.sum(axis=0)
    found = np.zeros(by_fold.shape, dtype=bool)
    if by_fold.shape[2] == 0:
        return found
    for fold, counts in enumerate(by_fold):
        scores = log_odds(whole - counts, background, prior_size=PRIOR_TEXTS * mean_words)
        least = np.sort(scores, axis=1)[:, -min(MOST_TRIED, scores.shape[1])]
        found[fold] = (scores >= LEAST_Z) & (scores >= least[:, None])
    return found


def judge(tried: Bools, by_fold: Floats, minimums: Minimums) -> Judged:
    """Cross-fitted: a pair is chosen by all folds but one, and judged by that one.

    `tried` and `by_fold` (folds, categories, words); `by_fold` counts the texts that each word catches as the keywords
    stage would. What is proposed because some folds speak for it is thus never praised by the same ones.
    """
    elsewhere = by_fold.sum(axis=0) - by_fold
    caught = elsewhere.sum(axis=1, keepdims=True)
    chosen = tried & (elsewhere >= minimums.right) & (elsewhere >= minimums.precision * caught)
    categories, words = np.nonzero(chosen.any(axis=0))
    counts = np.einsum("fp,fcp->pc", chosen[:, categories, words], by_fold[:, :, words])
    return Judged(categories=categories, words=words, caught=np.asarray(counts, dtype=np.int64))
