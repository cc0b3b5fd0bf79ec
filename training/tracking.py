"""One MLflow run per training: what went in, what came out, and the model, each where MLflow's pages look for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

from db.errors import UserError
from training.judging import TEST, Judgement
from training.mlflow_address import is_served, plain_fault, shown
from training.registry import quiet_mlflow
from training.snapshot import Snapshot, Split

# What loading and answering needs; torch-based recipes add their own.
_REQUIREMENTS = (
    "mlflow", "numpy", "pandas", "pydantic-settings", "safetensors", "scikit-learn", "scipy", "snowballstemmer",
    "sqlalchemy",
)  # fmt: skip
_PACKAGES = ("training", "db")


@dataclass(frozen=True, kw_only=True)
class LoggedModel:
    run_id: str
    model_id: str


@contextmanager
def tracked_run(mlflow_uri: str, home: Path, experiment: str, tags: Mapping[str, str]) -> Iterator[str]:
    """A run of the project's experiment, made if need be; yields its id, and marks it failed if the block raises."""
    quiet_mlflow()
    import mlflow

    if not is_served(mlflow_uri):
        (home / "mlruns").mkdir(parents=True, exist_ok=True)
    mlflow.set_tracking_uri(mlflow_uri)
    mlflow.set_registry_uri(mlflow_uri)
    with mlflow.start_run(
        experiment_id=_experiment(mlflow_uri, home, experiment), tags=dict(tags), log_system_metrics=False
    ) as run:
        yield str(run.info.run_id)


def _experiment(mlflow_uri: str, home: Path, name: str) -> str:
    import mlflow
    from mlflow.exceptions import MlflowException

    try:
        found = mlflow.get_experiment_by_name(name)
    except MlflowException as error:
        raise UserError(f"MLflow at {shown(mlflow_uri)}: {plain_fault(error, mlflow_uri)}") from error
    if found is not None:
        return str(found.experiment_id)
    # A database cannot hold files and has no server that would: they lie in the home.
    files = None if is_served(mlflow_uri) else (home / "mlruns" / "artifacts").as_uri()
    return str(mlflow.create_experiment(name, artifact_location=files))


def log_inputs(snapshot: Snapshot, rows_file: Path, params: Mapping[str, Any], seed: int) -> None:
    """The parameters, the snapshot's file, and its training and test rows as datasets."""
    import mlflow

    mlflow.log_params({**params, "seed": seed, "snapshot": snapshot.fingerprint})
    mlflow.log_params({f"rows_{name}": count for name, count in snapshot.counts.items()})
    mlflow.log_artifact(str(rows_file), "snapshot")
    mlflow.log_artifact(str(rows_file.with_suffix(".json")), "snapshot")
    mlflow.log_input(_dataset(snapshot, rows_file, "training", (Split.TRAIN, Split.VALIDATION)), context="training")


def log_model(bundle_folder: Path, tags: Mapping[str, str], recipe_requirements: Sequence[str] = ()) -> str:
    """Log the bundle behind the one serving model, with the code it needs; returns the logged model's id."""
    import mlflow

    here = Path(__file__).parent
    logged = mlflow.pyfunc.log_model(
        name="model",
        python_model=str(here / "serving_model.py"),
        artifacts={"bundle": str(bundle_folder)},
        code_paths=[str(here.parent / package) for package in _PACKAGES],
        signature=_signature(),
        pip_requirements=[f"{name}=={installed_version(name)}" for name in (*_REQUIREMENTS, *recipe_requirements)],
        tags=dict(tags),
    )
    return str(logged.model_id)


def log_judgement(judgement: Judgement, snapshot: Snapshot, rows_file: Path, model_id: str) -> None:
    """Metrics, reports and pictures; scores on the blind test rows are tied to the model and to those rows."""
    import mlflow
    import pandas as pd

    tested = {k: v for k, v in judgement.metrics.items() if k.startswith(f"{TEST}_")}
    if tested.get("test_rows"):
        dataset = _dataset(snapshot, rows_file, "test", (Split.TEST,))
        mlflow.log_input(dataset, context="evaluation")
        mlflow.log_metrics(tested, model_id=model_id, dataset=dataset)
    mlflow.log_metrics({k: v for k, v in judgement.metrics.items() if k not in tested}, model_id=model_id)
    for name, table in judgement.tables.items():
        # As objects: MLflow and pandas 3 do not agree on what a column of strings is.
        mlflow.log_table(pd.DataFrame(dict(table), dtype=object), f"{name}.json")
    for name, picture in judgement.pictures.items():
        mlflow.log_figure(picture, f"{name}.png")


def log_verdict(name: str, gate: Mapping[str, Any], promoted: bool) -> None:
    """The gate's verdict; `name` is what the run is called in MLflow's lists."""
    import mlflow

    mlflow.log_dict({**gate, "promoted": promoted}, "gate.json")
    mlflow.set_tags({"mlflow.runName": name, "gate": str(gate["verdict"]), "promoted": str(promoted).lower()})


def _dataset(snapshot: Snapshot, rows_file: Path, name: str, splits: Sequence[Split]) -> Any:
    import mlflow
    from mlflow.data.sources import LocalArtifactDatasetSource

    chosen = snapshot.rows[snapshot.rows["split"].isin([s.value for s in splits])]
    frame = (
        chosen[["id", "text", "category"]]
        .astype("str")
        .assign(tags=[json.dumps(tags, ensure_ascii=False) for tags in chosen["tags"]])
    )
    target = "category" if snapshot.kind.asks_category else "tags"
    return mlflow.data.from_pandas(
        frame,
        source=LocalArtifactDatasetSource(str(rows_file)),
        name=f"{snapshot.project} {name}",
        targets=target,
        digest=snapshot.fingerprint,
    )


def _signature() -> Any:
    from mlflow.models import ModelSignature
    from mlflow.types.schema import Array, ColSpec, DataType, Map, ParamSchema, ParamSpec, Schema

    return ModelSignature(
        inputs=Schema([ColSpec(DataType.string, "text"), ColSpec(DataType.string, "category", required=False)]),
        outputs=Schema(
            [
                ColSpec(DataType.string, "category"),
                ColSpec(DataType.double, "confidence"),
                ColSpec(Map(DataType.double), "probabilities"),
                ColSpec(Array(DataType.string), "tags"),
                ColSpec(Map(DataType.double), "tag_scores"),
            ]
        ),
        params=ParamSchema([ParamSpec("tag_threshold", DataType.double, -1.0)]),
    )
