"""Why a record has the label it has. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from db.annotation_log import standing
from db.gold import resolve
from db.types import Annotation, Status


class Why(StrEnum):
    """What made gold what it is; the last three and NOBODY say why there may be none."""

    NOBODY = "nobody"
    ONLY = "only"
    LATEST = "latest"
    ADJUDICATED = "adjudicated"
    AGREED = "agreed"
    MAJORITY = "majority"
    TIE = "tie"
    UNDECIDED = "undecided"


def why(annotations: Sequence[Annotation], overlap: int) -> Why:
    """The reason for what `db.gold.resolve` makes of one record's annotations, oldest first."""
    answers = [a for a in standing(annotations) if a.status.is_answer]
    people = {a.person for a in answers}
    if not answers:
        return Why.NOBODY
    if any(a.status is Status.ADJUDICATED for a in answers):
        return Why.ADJUDICATED
    if len(answers) == 1:
        return Why.ONLY
    if overlap == 1 or len(people) == 1:
        return Why.LATEST
    gold = resolve(annotations, overlap=overlap)
    if gold is None:
        return Why.TIE if len(people) >= overlap else Why.UNDECIDED
    return Why.AGREED if gold.agreement == 1 else Why.MAJORITY
