"""Models out of the registry."""

from __future__ import annotations

from db.settings import Settings
from db.types import Project
from workbench.serving.models import ModelUnavailableError, Predictor


class RegistryModels:
    """`Models` over the registry that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def champion_version(self, project: Project) -> str | None:
        raise ModelUnavailableError(f"project {project.name!r}: no registry at {self._settings.mlflow}")

    def load(self, project: Project, version: str) -> Predictor:
        raise ModelUnavailableError(f"project {project.name!r}: no version {version} at {self._settings.mlflow}")


def open_model(settings: Settings, project: Project, model: str | None) -> tuple[str, Predictor]:
    """The version and the model that `model` names, the champion where it is None."""
    raise ModelUnavailableError(f"project {project.name!r}: no {model or 'champion'} at {settings.mlflow}")
