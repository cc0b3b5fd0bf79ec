"""The trained versions of a project's model, which of them is champion, and which was before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from db.engine import reading
from db.errors import UserError
from db.model_versions import Figure, ModelVersion, list_versions
from db.projects import get_project
from db.promotions import Promotion, list_promotions
from db.types import Kind
from training.promoting import version_before

# Which metrics of a run tell how good it is at a task: `{prefix}_weighted_f1`, `{prefix}_tags_micro_f1`.
_MEASURES = (("category", "weighted_f1"), ("tags", "micro_f1"))
_PREFIXES = {"blind": "test", "cross_validated": "cross_validated", "validation": "validation"}
_SHOWN = 100
_ALL = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Headline:
    """One task's score with its 95 % interval; `how` is "blind", "cross_validated" or "validation"."""

    task: str
    measure: str
    how: str
    rows: int
    figure: Figure


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownVersion:
    """`promoted_at` is when it last became champion, None if it never did."""

    noted: ModelVersion
    promoted_at: datetime | None

    @property
    def headlines(self) -> tuple[Headline, ...]:
        """How good it is, by task: on blind rows where it was judged by some, else on what it kept from itself."""
        found = (_headline(self.noted, task, measure) for task, measure in _MEASURES)
        return tuple(one for one in found if one is not None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Versions:
    """Newest first. `champion` is the number of the version in force, `before` that to go back to; None without."""

    project: str
    kind: Kind
    champion: str | None
    before: str | None
    versions: tuple[KnownVersion, ...]

    def get(self, version: str) -> KnownVersion:
        """Raises UserError for a version that is not known here."""
        found = next((one for one in self.versions if one.noted.version == version), None)
        if found is None:
            raise UserError(f"project {self.project!r} has no version {version[:40]!r}")
        return found


def versions_of(engine: Engine, project_name: str) -> Versions:
    """Raises UserError if there is no such project."""
    with reading(engine) as session:
        project = get_project(session, project_name)
        history = list_promotions(session, project, limit=_ALL)
        noted = list_versions(session, project, limit=_SHOWN)
    promoted: dict[str, Promotion] = {}
    for promotion in history:
        promoted.setdefault(promotion.version, promotion)
    known = {one.version for one in noted}
    older = [_from_before(p) for version, p in promoted.items() if version not in known]
    return Versions(
        project=project.name,
        kind=project.kind,
        champion=history[0].version if history else None,
        before=version_before(history[::-1]),
        versions=tuple(
            KnownVersion(noted=one, promoted_at=promoted[one.version].created_at if one.version in promoted else None)
            for one in (*noted, *older)
        ),
    )


def _headline(noted: ModelVersion, task: str, measure: str) -> Headline | None:
    metrics = noted.metrics
    for how, prefix in _PREFIXES.items():
        name = f"{prefix}_{measure}" if task == "category" else f"{prefix}_{task}_{measure}"
        rows = name.removesuffix(measure) + "rows"
        if name in metrics and metrics.get(rows, 0):
            value = metrics[name]
            low, high = metrics.get(f"{name}_low", value), metrics.get(f"{name}_high", value)
            figure = Figure(value=value, low=low, high=high)
            return Headline(task=task, measure=measure, how=how, rows=int(metrics[rows]), figure=figure)
    return None


def _from_before(promotion: Promotion) -> ModelVersion:
    """A champion that was trained before versions were noted: what its promotion says of it."""
    return ModelVersion(
        model_name=promotion.model_name,
        version=promotion.version,
        run_id=promotion.run_id,
        recipe="",
        snapshot=promotion.snapshot,
        verdict=promotion.verdict,
        reasons=promotion.reasons,
        person="",
        created_at=promotion.created_at,
    )
