"""What a project may set: names, defaults, and the reading of `key=value`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audit import note_change
from db.errors import UserError
from db.setting_kinds import Choice, Number, Ordered, SettingKind, Switch, Template, WholeNumber
from db.tables import ProjectSettingRow
from db.types import Project, Stage

DEFAULT_STAGES = (Stage.KEYWORDS, Stage.MODEL, Stage.SIMILARITY, Stage.ZERO_SHOT, Stage.LLM)
DEFAULT_THRESHOLDS: Mapping[Stage, float] = {
    Stage.KEYWORDS: 0.9,
    Stage.MODEL: 0.9,
    Stage.SIMILARITY: 0.8,
    Stage.ZERO_SHOT: 0.8,
    Stage.LLM: 0.0,
    Stage.IMPORT: 0.9,
}

_KNOWN = "project settings"


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """Every setting of a project with its default. Thresholds are probabilities at which a stage settles a record."""

    blind_share: float = 0.1
    overlap: int = 1
    strategy: str = "typical-then-margin-kmeans"
    queue_size: int = 500
    stages: tuple[Stage, ...] = DEFAULT_STAGES
    thresholds: Mapping[Stage, float] = field(default_factory=lambda: dict(DEFAULT_THRESHOLDS))
    tag_threshold: float = 0.5
    by_group: bool = False
    max_chars: int = 4000
    gate_min_rows: int = 30
    gate_floor: float = 0.1
    gate_latency_ms: float = 200.0
    llm_votes: int = 1
    rationale: str = "on-demand"
    hypothesis_template: str = ""


def get_settings(session: Session, project: Project) -> ProjectSettings:
    """Read once in a session: what is done in one transaction is done under the same settings."""
    known: dict[int, ProjectSettings] = session.info.setdefault(_KNOWN, {})
    if project.id not in known:
        known[project.id] = _read(session, project)
    return known[project.id]


def _read(session: Session, project: Project) -> ProjectSettings:
    rows = session.scalars(select(ProjectSettingRow).where(ProjectSettingRow.project_id == project.id))
    stored = {row.key: row.value for row in rows}
    thresholds = dict(DEFAULT_THRESHOLDS)
    for stage in Stage:
        if (value := stored.pop(f"threshold.{stage.value}", None)) is not None:
            thresholds[stage] = value
    if "stages" in stored:
        stored["stages"] = tuple(Stage(name) for name in stored["stages"])
    return ProjectSettings(**stored, thresholds=thresholds)


def set_setting(session: Session, project: Project, key: str, raw: str) -> None:
    """Parse, check and store one setting; raises UserError naming the key and what it takes."""
    parse = KINDS.get(key)
    if parse is None:
        raise UserError(f"no setting {key!r}; settings: {', '.join(KINDS)}")
    try:
        value = parse(raw)
    except ValueError as error:
        raise UserError(f"setting {key}: {error} (got {raw[:80]!r})") from None
    before = as_texts(get_settings(session, project))[key]
    session.merge(ProjectSettingRow(project_id=project.id, key=key, value=value))
    session.info[_KNOWN].pop(project.id)
    if value != before:
        note_change(session, "setting.set", project=project.name, subject=key, old=before, new=value)


def as_texts(settings: ProjectSettings) -> dict[str, Any]:
    """The settings under the keys that `set_setting` takes, in plain JSON values."""
    plain = {f.name: getattr(settings, f.name) for f in fields(settings) if f.name != "thresholds"}
    plain["stages"] = [stage.value for stage in settings.stages]
    return plain | {f"threshold.{stage.value}": value for stage, value in settings.thresholds.items()}


KINDS: dict[str, SettingKind] = {
    "blind_share": Number(0.0, 1.0),
    "overlap": WholeNumber(1, 20),
    "strategy": Choice(("typical-then-margin-kmeans", "margin", "disagreement", "random")),
    "queue_size": WholeNumber(1, 1_000_000),
    "stages": Ordered(tuple(stage.value for stage in Stage if stage is not Stage.IMPORT)),
    "tag_threshold": Number(0.0, 1.0),
    "by_group": Switch(),
    "max_chars": WholeNumber(50, 1_000_000),
    "gate_min_rows": WholeNumber(1, 1_000_000),
    "gate_floor": Number(0.0, 1.0),
    "gate_latency_ms": Number(0.01, 600_000.0),
    "llm_votes": WholeNumber(1, 25),
    "rationale": Choice(("on-demand", "always")),
    "hypothesis_template": Template(500, "{label}"),
    **{f"threshold.{stage.value}": Number(0.0, 1.0) for stage in Stage},
}
