"""What a project may set: names, defaults, and the reading of `key=value`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audit import note_change
from db.errors import UserError
from db.tables import ProjectSettingRow
from db.types import Project, Stage

DEFAULT_STAGES = (Stage.KEYWORDS, Stage.MODEL, Stage.SIMILARITY, Stage.LLM)
DEFAULT_THRESHOLDS: Mapping[Stage, float] = {
    Stage.KEYWORDS: 0.9,
    Stage.MODEL: 0.9,
    Stage.SIMILARITY: 0.8,
    Stage.ZERO_SHOT: 0.8,
    Stage.LLM: 0.0,
    Stage.IMPORT: 0.9,
}


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
    parse = _PARSERS.get(key)
    if parse is None:
        raise UserError(f"no setting {key!r}; settings: {', '.join(_PARSERS)}")
    try:
        value = parse(raw)
    except ValueError as error:
        raise UserError(f"setting {key}: {error} (got {raw!r})") from None
    before = as_texts(get_settings(session, project))[key]
    session.merge(ProjectSettingRow(project_id=project.id, key=key, value=value))
    if value != before:
        note_change(session, "setting.set", project=project.name, subject=key, old=before, new=value)


def as_texts(settings: ProjectSettings) -> dict[str, Any]:
    """The settings under the keys that `set_setting` takes, in plain JSON values."""
    plain = {f.name: getattr(settings, f.name) for f in fields(settings) if f.name != "thresholds"}
    plain["stages"] = [stage.value for stage in settings.stages]
    return plain | {f"threshold.{stage.value}": value for stage, value in settings.thresholds.items()}


def _number(low: float, high: float) -> Callable[[str], float]:
    def parse(raw: str) -> float:
        try:
            value = float(raw)
        except ValueError:
            raise ValueError(f"a number from {low:g} to {high:g}") from None
        if not low <= value <= high:
            raise ValueError(f"a number from {low:g} to {high:g}")
        return value

    return parse


def _integer(low: int, high: int) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        if not raw.strip().isdecimal() or not low <= int(raw) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(raw)

    return parse


def _choice(*allowed: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if raw not in allowed:
            raise ValueError(f"one of {', '.join(allowed)}")
        return raw

    return parse


def _switch(raw: str) -> bool:
    switches = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if raw.lower() not in switches:
        raise ValueError("true or false")
    return switches[raw.lower()]


def _stages(raw: str) -> list[str]:
    names = [name.strip() for name in raw.split(",") if name.strip()]
    allowed = [stage.value for stage in Stage if stage is not Stage.IMPORT]
    if not names or len(set(names)) < len(names) or not set(names) <= set(allowed):
        raise ValueError(f"different stages from {', '.join(allowed)}, separated by commas")
    return names


_PARSERS: dict[str, Callable[[str], Any]] = {
    "blind_share": _number(0.0, 1.0),
    "overlap": _integer(1, 20),
    "strategy": _choice("typical-then-margin-kmeans", "margin", "random"),
    "queue_size": _integer(1, 1_000_000),
    "stages": _stages,
    "tag_threshold": _number(0.0, 1.0),
    "by_group": _switch,
    "max_chars": _integer(50, 1_000_000),
    "gate_min_rows": _integer(1, 1_000_000),
    "gate_floor": _number(0.0, 1.0),
    "gate_latency_ms": _number(0.01, 600_000.0),
    "llm_votes": _integer(1, 25),
    "rationale": _choice("on-demand", "always"),
    "hypothesis_template": str,
    **{f"threshold.{stage.value}": _number(0.0, 1.0) for stage in Stage},
}
