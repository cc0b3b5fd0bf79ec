"""Versions of models, and which of them is champion: the only module that talks to the model registry."""

from __future__ import annotations

import json
import logging
import os
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from db.engine import writing
from db.errors import UserError
from db.projects import get_project
from db.promotions import Promotion, save_promotion
from db.reasons import Reason
from training.mlflow_address import plain_fault, shown

CHAMPION, CHALLENGER = "champion", "challenger"
BY_HAND, ROLLED_BACK = "by hand", "rolled back"
_ALIAS = re.compile(r"models:/(?P<name>[^/@]+)@(?P<alias>[^/@]+)")
_NUMBER = re.compile(r"models:/(?P<name>[^/@]+)/(?P<version>\d+)")
_MANIFEST = "manifest.json"


@dataclass(frozen=True, kw_only=True)
class Version:
    """One registered version; `address` is where MLflow finds its files."""

    name: str
    version: str
    address: str
    run_id: str = ""


def model_name(project: str) -> str:
    """A project's model is called as the project is."""
    return project


def quiet_mlflow() -> None:
    """Before MLflow is imported: no telemetry, no progress bars, and nothing but warnings."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    # A server that is not there is said within seconds, not after MLflow's seven tries.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    # It warns of its own type hints, and that it cannot guess a signature, which we give.
    for message in (".*Any type hint is inferred", ".*An input example was not provided"):
        warnings.filterwarnings("ignore", message=message, category=UserWarning)
    for name in ("alembic", "mlflow"):
        logging.getLogger(name).setLevel(logging.WARNING)


def register(mlflow_uri: str, *, name: str, model_id: str, run_id: str, tags: Mapping[str, str]) -> Version:
    """Make the logged model `model_id` the next version of `name`."""
    from mlflow.exceptions import MlflowException

    client = _client(mlflow_uri)
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    made = client.create_model_version(
        name, f"models:/{model_id}", run_id=run_id, tags=dict(tags), await_creation_for=0, model_id=model_id
    )
    # MLflow's pages find the way from a logged model to its version by this tag.
    client.set_logged_model_tags(
        model_id, {"mlflow.modelVersions": json.dumps([{"name": name, "version": str(made.version)}])}
    )
    return _version(made)


def champion(mlflow_uri: str, project: str) -> Version | None:
    """The version in force, or None."""
    return _by_alias(mlflow_uri, model_name(project), CHAMPION)


def find_version(mlflow_uri: str, address: str) -> Version:
    """The version that "models:/NAME@ALIAS" or "models:/NAME/3" means; raises UserError if there is none.

    Any other address ("models:/m-…", "runs:/…", a folder) stands for itself, without name or number.
    """
    if match := _ALIAS.fullmatch(address):
        found = _by_alias(mlflow_uri, match["name"], match["alias"])
        if found is None:
            raise UserError(f"no model at {address}: nothing in {shown(mlflow_uri)} has this name and alias")
        return found
    if match := _NUMBER.fullmatch(address):
        return get_version(mlflow_uri, match["name"], match["version"])
    return Version(name="", version="", address=address)


def get_version(mlflow_uri: str, name: str, version: str) -> Version:
    """Raises UserError if there is no such version."""
    found = _ask(mlflow_uri, lambda client: client.get_model_version(name, version))
    if found is None:
        raise UserError(f"no version {version} of model {name!r} in {shown(mlflow_uri)}")
    return _version(found)


def local_bundle(mlflow_uri: str, version: Version) -> Path:
    """The folder with the version's bundle, fetched if it lies elsewhere; raises UserError if it cannot be had."""
    if Path(version.address, _MANIFEST).is_file():
        return Path(version.address)
    quiet_mlflow()
    import mlflow
    from mlflow.exceptions import MlflowException

    try:
        # A models:/ address would be looked up in the process's own registry, whichever that is.
        place = _client(mlflow_uri).get_model_version_download_uri(version.name, version.version)
        folder = mlflow.artifacts.download_artifacts(artifact_uri=place, tracking_uri=mlflow_uri)
    except (MlflowException, OSError) as error:
        why = plain_fault(error, mlflow_uri)
        raise UserError(f"model {version.address}: its files cannot be had ({why})") from error
    found = next(iter(sorted(Path(folder).glob(f"artifacts/*/{_MANIFEST}"))), None)
    if found is None:
        raise UserError(f"model {version.address}: {folder} holds no bundle of ours")
    return found.parent


def set_alias(mlflow_uri: str, version: Version, alias: str) -> None:
    _client(mlflow_uri).set_registered_model_alias(version.name, alias, version.version)


def tag_version(mlflow_uri: str, version: Version, tags: Mapping[str, str]) -> None:
    for key, value in tags.items():
        _client(mlflow_uri).set_model_version_tag(version.name, version.version, key, value)


def promote(
    engine: Engine,
    mlflow_uri: str,
    project: str,
    version: Version,
    *,
    verdict: str,
    reasons: Sequence[Reason] = (),
    snapshot: str = "",
) -> Promotion:
    """Make `version` the champion and note it; services that watch follow within a second or so."""
    before = champion(mlflow_uri, project)
    promotion = Promotion(
        model_name=version.name,
        version=version.version,
        previous_version=None if before is None else before.version,
        run_id=version.run_id,
        snapshot=snapshot,
        verdict=verdict,
        reasons=tuple(reasons),
    )
    with writing(engine) as session:
        save_promotion(session, get_project(session, project), promotion)
        # Inside the transaction: a registry that refuses leaves no row behind.
        set_alias(mlflow_uri, version, CHAMPION)
    return promotion


def _by_alias(mlflow_uri: str, name: str, alias: str) -> Version | None:
    found = _ask(mlflow_uri, lambda client: client.get_model_version_by_alias(name, alias))
    return None if found is None else _version(found)


def _ask(mlflow_uri: str, question: Any) -> Any:
    """The client's answer; None where there is no such thing, or no store at all yet."""
    if _is_missing_file(mlflow_uri):
        # Asking would make the store, which takes MLflow half a minute.
        return None
    quiet_mlflow()
    from mlflow.exceptions import MlflowException

    try:
        return question(_client(mlflow_uri))
    except MlflowException as error:
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        raise UserError(f"model registry {shown(mlflow_uri)}: {plain_fault(error, mlflow_uri)}") from error


def _is_missing_file(mlflow_uri: str) -> bool:
    if not mlflow_uri.startswith("sqlite:"):
        return False
    path = make_url(mlflow_uri).database
    return path is not None and not Path(path).exists()


def _version(found: Any) -> Version:
    return Version(
        name=found.name,
        version=str(found.version),
        address=f"models:/{found.name}/{found.version}",
        run_id=found.run_id or "",
    )


@cache
def _client(mlflow_uri: str) -> Any:
    quiet_mlflow()
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=mlflow_uri, registry_uri=mlflow_uri)
