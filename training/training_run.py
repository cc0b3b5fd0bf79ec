"""One training from beginning to end: the only place where snapshot, recipes, judgement, tracking and gate meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine

from db.engine import make_engine, reading, writing
from db.errors import UserError
from db.migrate import upgrade
from db.project_settings import ProjectSettings, get_settings
from db.projects import get_project
from db.settings import Settings, load_settings
from db.snapshots import save_snapshot
from db.types import Project
from training import freezing, registry, tracking
from training.bundle import Bundle, load_bundle, save_bundle
from training.gate import GateResult, GateRules, Verdict, judge
from training.judging import Judgement, contest, judge_held_out, judge_on_test, single_latency_ms
from training.planning import Options, Promote, plan_recipes
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
            rules = _rules(get_settings(session, project))
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
            gate = _gate(settings, snapshot, trained, rules, options, progress)
            promoted = _decide(engine, settings, version, gate, options, snapshot.fingerprint)
            tracking.log_verdict(f"version {version.version}: {trained.recipe}", asdict(gate), promoted)
    finally:
        engine.dispose()
    return TrainingResult(
        run_id=run_id,
        model_name=version.name,
        version=version.version,
        recipe=trained.recipe,
        snapshot=snapshot.fingerprint,
        metrics=trained.metrics,
        gate={"verdict": gate.verdict.value, "reasons": list(gate.reasons)},
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


def _gate(
    settings: Settings, snapshot: Snapshot, trained: _Trained, rules: GateRules, options: Options, progress: Progress
) -> GateResult:
    progress("gate", 0, 1)
    current = registry.champion(settings.mlflow, snapshot.project)
    champion, notes = None, []
    if current is not None:
        try:
            champion = load_bundle(registry.local_bundle(settings.mlflow, current))
        except UserError as error:
            # A champion that cannot be loaded cannot be defended either, but its loss must be said.
            notes.append(f"version {current.version} cannot be loaded, so it was not compared: {error}")
    contests = [contest(task, snapshot, trained.bundle, champion) for task in trained.bundle.heads]
    result = judge(
        contests,
        latency_ms=trained.metrics["latency_ms"],
        champion=None if champion is None or current is None else current.version,
        rules=rules,
        seed=options.seed,
    )
    progress("gate", 1, 1)
    return replace(result, reasons=(*notes, *result.reasons))


def _decide(
    engine: Engine, settings: Settings, version: registry.Version, gate: GateResult, options: Options, fingerprint: str
) -> bool:
    """Give the version its alias; True if it became champion."""
    passed = options.promote is Promote.AUTO and gate.verdict is Verdict.PROMOTE
    registry.tag_version(settings.mlflow, version, {"gate": gate.verdict.value})
    if not passed and options.promote is not Promote.ALWAYS:
        registry.set_alias(settings.mlflow, version, registry.CHALLENGER)
        return False
    registry.promote(
        engine,
        settings.mlflow,
        options.project,
        version,
        verdict=gate.verdict.value if passed else registry.BY_HAND,
        reasons=gate.reasons,
        snapshot=fingerprint,
    )
    return True


def _rules(settings: ProjectSettings) -> GateRules:
    return GateRules(min_rows=settings.gate_min_rows, floor=settings.gate_floor, latency_ms=settings.gate_latency_ms)
