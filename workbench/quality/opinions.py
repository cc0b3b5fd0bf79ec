"""Many opinions: what several sources say about the same records, and how far each of them can be believed.

Dawid–Skene estimates it from their agreement alone; blind answers of people only judge the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Engine

from db.engine import reading
from db.label_sets import get_label_set
from db.opinions import Said, blind_opinions, count_opinions, opinion_sources
from db.projections import ensure_projections
from db.projects import get_project
from training.opinions import NONE, Consensus, Floats, Ints, dawid_skene, expected_votes
from workbench.quality.opinions_judged import Judged, judge

# Fewer votes than this that a label is believed to have had say nothing about how it is taken.
FEWEST_VOTES = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Confused:
    """How often, of the records whose label is `true`, a source says `said`; `votes` is how many that are."""

    true: str
    said: str
    share: float
    votes: float


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceOpinion:
    """One source. `votes` on all records, `shared` on those where another source voted too: only they can be judged.

    `accuracy` is the share of the shared votes believed to be right, None without any. `confusion` (k, k) are the
    probabilities that it says the column where the row is true; `expected` (k,) how many of its votes are believed to
    be about the row. `confused` is what it takes most often for something else, None where it never does.
    """

    source: str
    votes: int
    shared: int
    accuracy: float | None
    confusion: tuple[tuple[float, ...], ...]
    expected: tuple[float, ...]
    confused: Confused | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Opinions:
    """`records` have two opinions or more, and on `disagreed` of them the sources disagree.

    `prior` (k,) is the estimated share of each of the `labels` among these records. `sources` are by name; with fewer
    than two there is nothing to compare, and none is listed. `judged` is None without blind answers to judge by.
    """

    labels: tuple[str, ...]
    prior: tuple[float, ...]
    records: int
    disagreed: int
    iterations: int
    sources: tuple[SourceOpinion, ...]
    judged: Judged | None


NOTHING = Opinions(labels=(), prior=(), records=0, disagreed=0, iterations=0, sources=(), judged=None)


def opinions(engine: Engine, project_name: str) -> Opinions:
    """The opinions of all sources on the categories of a project. Raises NotFoundError for an unknown project.

    The estimate rests on records with two opinions or more: a source that nobody else speaks beside would only confirm
    itself.
    """
    with reading(engine) as session:
        project = get_project(session, project_name)
    ensure_projections(engine, project)
    with reading(engine) as session:
        labels = get_label_set(session, project).category_names
        sources = opinion_sources(session, project)
        if len(sources) < 2 or not labels:
            return NOTHING
        counted = count_opinions(session, project, sources)
        blind = blind_opinions(session, project, sources)
    votes = as_votes([said for said, _ in counted], labels, len(sources))
    counts = np.array([count for _, count in counted], dtype=float)
    several = (votes != NONE).sum(axis=1) >= 2
    found = dawid_skene(votes[several], len(labels), weights=counts[several])
    known = [row for row in blind if row[0] in labels]
    return Opinions(
        labels=labels,
        prior=tuple(found.prior.tolist()),
        records=int(counts[several].sum()),
        disagreed=int(counts[several][disagree(votes[several])].sum()),
        iterations=found.iterations,
        sources=_sources(sources, labels, votes, counts, found),
        judged=judge(
            found,
            sources,
            votes=as_votes([said for *_, said in known], labels, len(sources)),
            truth=np.array([labels.index(answer) for answer, *_ in known], dtype=int),
            together=[together for _, together, _ in known],
        ),
    )


def as_votes(said: Sequence[Said], labels: Sequence[str], sources: int) -> Ints:
    """Places in the labels, (n, m); -1 for what is not among them, too."""
    places = {label: place for place, label in enumerate(labels)}
    rows = [[NONE if one is None else places.get(one, NONE) for one in row] for row in said]
    return np.array(rows, dtype=int).reshape(len(said), sources)


def disagree(votes: Ints) -> np.ndarray:
    """Where two sources say different things, (n,)."""
    highest = votes.max(axis=1, initial=NONE)
    return np.asarray(((votes != NONE) & (votes != highest[:, None])).any(axis=1))


def _sources(
    names: Sequence[str], labels: Sequence[str], votes: Ints, counts: Floats, found: Consensus
) -> tuple[SourceOpinion, ...]:
    several = (votes != NONE).sum(axis=1) >= 2
    said = (votes != NONE).T
    expected = expected_votes(votes[several], found.probabilities, counts[several])
    return tuple(
        SourceOpinion(
            source=name,
            votes=int(counts[said[place]].sum()),
            shared=int(counts[said[place] & several].sum()),
            accuracy=_share_right(expected[place]),
            confusion=tuple(tuple(row) for row in found.confusion[place].round(4).tolist()),
            expected=tuple(expected[place].sum(axis=1).round(1).tolist()),
            confused=_confused(expected[place], labels),
        )
        for place, name in enumerate(names)
    )


def _share_right(expected: Floats) -> float | None:
    total = expected.sum()
    return float(expected.trace() / total) if total else None


def _confused(expected: Floats, labels: Sequence[str]) -> Confused | None:
    wrong = expected * (1 - np.eye(len(labels)))
    true, said = divmod(int(wrong.argmax()), len(labels))
    if wrong[true, said] < FEWEST_VOTES:
        return None
    return Confused(
        true=labels[true],
        said=labels[said],
        share=float(wrong[true, said] / expected[true].sum()),
        votes=float(wrong[true, said]),
    )
