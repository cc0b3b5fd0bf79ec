"""What becomes of a trained version: judged against the champion, noted, and promoted or kept as challenger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Engine

from db.engine import writing
from db.errors import UserError
from db.model_versions import ModelVersion, TaskContest, save_version
from db.project_settings import ProjectSettings
from db.projects import get_project
from db.reasons import Reason
from db.settings import Settings
from training import registry
from training.bundle import Bundle, load_bundle
from training.contest import report
from training.gate import GateResult, GateRules, Verdict, judge
from training.gate_words import lines_of
from training.judging import contest
from training.planning import Promote
from training.snapshot import Snapshot


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The gate's verdict, and the figures it rests on."""

    gate: GateResult
    contests: tuple[TaskContest, ...]

    def as_words(self) -> dict[str, Any]:
        """verdict and reasons, in English."""
        return {"verdict": self.gate.verdict.value, "reasons": lines_of(self.gate.reasons)}


def judge_bundle(
    settings: Settings, snapshot: Snapshot, bundle: Bundle, *, latency_ms: float, rules: GateRules, seed: int
) -> Judged:
    """The bundle against the champion on the blind test rows; `latency_ms` is what one text takes it."""
    current = registry.champion(settings.mlflow, snapshot.project)
    champion, notes = None, []
    if current is not None:
        try:
            champion = load_bundle(registry.local_bundle(settings.mlflow, current))
        except UserError as error:
            # A champion that cannot be loaded cannot be defended either, but its loss must be said.
            notes.append(Reason("not_loaded", {"version": current.version, "error": str(error)}))
    version = None if champion is None or current is None else current.version
    contests = [contest(task, snapshot, bundle, champion) for task in bundle.heads]
    gate = judge(contests, latency_ms=latency_ms, champion=version, rules=rules, seed=seed)
    return Judged(
        gate=replace(gate, reasons=(*notes, *gate.reasons)),
        contests=tuple(report(one, version, seed=seed) for one in contests),
    )


def decide(
    engine: Engine,
    settings: Settings,
    project: str,
    version: registry.Version,
    noted: ModelVersion,
    wanted: Promote,
) -> bool:
    """Note the version and give it its alias; True if it became champion."""
    registry.tag_version(settings.mlflow, version, {"gate": noted.verdict})
    with writing(engine) as session:
        save_version(session, get_project(session, project), noted)
    passed = wanted is Promote.AUTO and noted.verdict == Verdict.PROMOTE.value
    if not passed and wanted is not Promote.ALWAYS:
        registry.set_alias(settings.mlflow, version, registry.CHALLENGER)
        return False
    registry.promote(
        engine,
        settings.mlflow,
        project,
        version,
        verdict=noted.verdict if passed else registry.BY_HAND,
        reasons=noted.reasons,
        snapshot=noted.snapshot,
    )
    return True


def rules_of(settings: ProjectSettings) -> GateRules:
    return GateRules(min_rows=settings.gate_min_rows, floor=settings.gate_floor, latency_ms=settings.gate_latency_ms)
