"""Which words set a group of texts apart from the rest: weighted log-odds with an informative Dirichlet prior. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def log_odds(counts: NDArray[np.number], background: NDArray[np.number], *, prior_size: float) -> Floats:
    """z-scores (k groups, v words) of each word in each group against all other groups together.

    Monroe, Colaresi & Quinn 2008, "Fightin' Words: Lexical Feature Selection and Evaluation for Identifying the Content
    of Political Conflict", with their variance and their prior. `counts` (k, v) is how often each group uses each word;
    `background` (v,) how often the language does, of which only the proportions count: both sides of a comparison are
    taken to have used `prior_size` words in these proportions before. Above 0 a word is the group's, and at 1.96 or
    more it would seldom be so by chance. Raises ValueError for a background or a prior that is not above 0.
    """
    if prior_size <= 0 or not np.all(np.asarray(background) > 0):
        raise ValueError("the prior must be above 0, and so must the background of every word")
    if counts.shape[1] < 2:
        # Of a language of one word every group uses nothing else.
        return np.zeros(counts.shape)
    prior = prior_size * background / background.sum()
    ours = counts + prior
    rest = counts.sum(axis=0) - counts + prior
    difference = _log_of_odds(ours) - _log_of_odds(rest)
    return np.asarray(difference / np.sqrt(1 / ours + 1 / rest), dtype=np.float64)


def _log_of_odds(used: Floats) -> Floats:
    """Of each word (k, v) against all other words of its group."""
    others: Floats = used.sum(axis=1, keepdims=True) - used
    return np.log(used) - np.log(others)
