"""One training from beginning to end: the only place where snapshot, recipes, judgement, tracking and gate meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine

from db.audit import process_actor
from db.engine import make_engine, reading, writing
from db.errors import UserError
from db.migrate import upgrade
from db.model_versions import ModelVersion
from db.project_settings import get_settings
from db.projects import get_project
from db.settings import Settings, load_settings
from db.snapshots import save_snapshot
from db.types import Project
from training import freezing, registry, tracking
from training.bundle import Bundle, save_bundle
from training.deciding import Judged, decide, judge_bundle, rules_of
from training.gate import GateRules
from training.judging import Judgement, judge_held_out, judge_on_test, single_latency_ms
from training.planning import Options, plan_recipes
from training.recipes.base import Fitted, Progress, Recipe, Setup, Value
from training.recipes.fitting import require_labels
from training.snapshot import Snapshot, Task, load, save


@dataclass(frozen=True, kw_only=True)
class TrainingResult:
    run_id: str
    model_name: str
    version: str
    recipe: str
    snapshot: str
    metrics: Mapping[str, float]
    gate: Mapping[str, Any]
    promoted: bool
    notes: tuple[str, ...]


def retrain(options: Options, progress: Progress) -> TrainingResult:
    """Train, judge, register and perhaps promote. Raises UserError for whatever the user can mend."""
    settings = load_settings()
    engine = make_engine(settings.database)
    try:
        upgrade(engine)
        with reading(engine) as session:
            project = get_project(session, options.project)
            rules = rules_of(get_settings(session, project))
        plan = plan_recipes(project, options, settings.embedder, progress)
        snapshot, rows_file = _freeze(engine, settings, project, options, progress)
        for task in plan:
            require_labels(snapshot, task)
        tags = {"project": project.name, "snapshot": snapshot.fingerprint}
        with tracking.tracked_run(settings.mlflow, settings.home, project.name, tags) as run_id:
            trained = _train(plan, snapshot, rows_file, options)
            version = registry.register(
                settings.mlflow,
                name=registry.model_name(project.name),
                model_id=trained.model_id,
                run_id=run_id,
                tags={**tags, "recipe": trained.recipe},
            )
            judged, promoted = _settle(engine, settings, snapshot, trained, version, rules, options, progress)
            tracking.log_verdict(f"version {version.version}: {trained.recipe}", judged.as_words(), promoted)
    finally:
        engine.dispose()
    return TrainingResult(
        run_id=run_id,
        model_name=version.name,
        version=version.version,
        recipe=trained.recipe,
        snapshot=snapshot.fingerprint,
        metrics=trained.metrics,
        gate=judged.as_words(),
        promoted=promoted,
        notes=trained.notes,
    )


@dataclass(frozen=True, kw_only=True)
class _Trained:
    bundle: Bundle
    recipe: str
    model_id: str
    metrics: Mapping[str, float]
    notes: tuple[str, ...]


def _settle(
    engine: Engine,
    settings: Settings,
    snapshot: Snapshot,
    trained: _Trained,
    version: registry.Version,
    rules: GateRules,
    options: Options,
    progress: Progress,
) -> tuple[Judged, bool]:
    """What the gate says of the version, and whether that made it champion."""
    progress("gate", 0, 1)
    latency_ms = trained.metrics["latency_ms"]
    judged = judge_bundle(settings, snapshot, trained.bundle, latency_ms=latency_ms, rules=rules, seed=options.seed)
    noted = ModelVersion(
        model_name=version.name,
        version=version.version,
        run_id=version.run_id,
        recipe=trained.recipe,
        snapshot=snapshot.fingerprint,
        metrics=trained.metrics,
        contests=judged.contests,
        verdict=judged.gate.verdict.value,
        reasons=judged.gate.reasons,
        person=process_actor(),
    )
    promoted = decide(engine, settings, options.project, version, noted, options.promote)
    progress("gate", 1, 1)
    return judged, promoted


def _freeze(
    engine: Engine, settings: Settings, project: Project, options: Options, progress: Progress
) -> tuple[Snapshot, Path]:
    """The snapshot to train on and the file of its rows: a new one, or the one asked for."""
    progress("snapshot", 0, 1)
    folder = settings.data / "snapshots"
    if options.snapshot is None:
        with reading(engine) as session:
            snapshot = freezing.build(session, project, with_proposals=options.use_proposals)
    else:
        snapshot = load(folder, options.snapshot)
        if snapshot.project != project.name:
            raise UserError(f"snapshot {snapshot.fingerprint} is of project {snapshot.project!r}, not {project.name!r}")
        if options.use_proposals and snapshot.proposals is None:
            raise UserError(f"snapshot {snapshot.fingerprint} was frozen without proposals: leave out --use-proposals")
    rows_file = save(snapshot, folder)
    with writing(engine) as session:
        save_snapshot(session, project, snapshot.fingerprint, snapshot.counts)
    progress("snapshot", 1, 1)
    return snapshot, rows_file


def _train(
    plan: Mapping[Task, tuple[Recipe, Setup]], snapshot: Snapshot, rows_file: Path, options: Options
) -> _Trained:
    """Fit every task, judge the bundle on what it has not seen, and log it all to the current run."""
    fitted = {task: recipe.fit(snapshot, setup) for task, (recipe, setup) in plan.items()}
    name = "+".join(f.recipe for f in fitted.values())
    tracking.log_inputs(snapshot, rows_file, {**_params(fitted), "recipe": name, "asked": options.recipe}, options.seed)
    bundle = Bundle(
        project=snapshot.project,
        kind=snapshot.kind,
        label_set=snapshot.label_set,
        snapshot=snapshot.fingerprint,
        recipes={task: f.recipe for task, f in fitted.items()},
        heads={task: f.head for task, f in fitted.items()},
    )
    judgement = _judgement(bundle, fitted, snapshot)
    with TemporaryDirectory() as folder:
        save_bundle(bundle, Path(folder, "bundle"))
        model_id = tracking.log_model(Path(folder, "bundle"), {"recipe": name, "snapshot": snapshot.fingerprint})
    tracking.log_judgement(judgement, snapshot, rows_file, model_id)
    notes = tuple(note for f in fitted.values() for note in f.notes)
    return _Trained(bundle=bundle, recipe=name, model_id=model_id, metrics=judgement.metrics, notes=notes)


def _params(fitted: Mapping[Task, Fitted]) -> dict[str, Value]:
    return {f"{task.value}.{key}": value for task, f in fitted.items() for key, value in f.params.items()}


def _judgement(bundle: Bundle, fitted: Mapping[Task, Fitted], snapshot: Snapshot) -> Judgement:
    judgement = judge_on_test(bundle, snapshot)
    for task, f in fitted.items():
        if f.held_out is not None:
            judgement |= judge_held_out(task, f.head.labels, f.held_out, snapshot)
    return judgement | Judgement(metrics={"latency_ms": single_latency_ms(bundle, snapshot)})
