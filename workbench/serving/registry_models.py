"""Models out of the registry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from db.errors import UserError
from db.settings import Settings
from db.types import Project
from workbench.serving.models import ModelUnavailableError, Predictor, no_champion

if TYPE_CHECKING:
    from training.predictor import Predictor as LoadedPredictor


class RegistryModels:
    """`Models` over the registry that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def champion_version(self, project: Project) -> str | None:
        from training.registry import champion

        with _unavailable(project):
            version = champion(self._settings.mlflow, project.name)
        return None if version is None else version.version

    def load(self, project: Project, version: str) -> Predictor:
        from training.predictor import load_predictor
        from training.registry import model_name

        with _unavailable(project):
            return load_predictor(self._settings.mlflow, f"models:/{model_name(project.name)}/{version}")


def open_model(settings: Settings, project: Project, model: str | None) -> LoadedPredictor:
    """The model that `model` names by its address or version, the project's champion where it is None.

    Raises UserError where there is no such model, NoChampionError where nothing was promoted.
    """
    from training.predictor import load_predictor
    from training.registry import champion, model_name

    if model is not None:
        address = f"models:/{model_name(project.name)}/{model}" if model.isdecimal() else model
        return load_predictor(settings.mlflow, address)
    version = champion(settings.mlflow, project.name)
    if version is None:
        raise no_champion(project.name)
    return load_predictor(settings.mlflow, version.address)


@contextmanager
def _unavailable(project: Project) -> Iterator[None]:
    try:
        yield
    except UserError as error:
        raise ModelUnavailableError(str(error)) from error
    # A bundle of another release may lack what this one reads (KeyError), or name a package that is not installed.
    except (OSError, ImportError, KeyError, ValueError, RuntimeError) as error:
        what = f"{type(error).__name__}: {error}"
        raise ModelUnavailableError(f"project {project.name!r}: its champion cannot be loaded ({what})") from error
