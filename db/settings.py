"""Where things are kept: the environment (or `.env`) becomes one frozen object, read once at the edge."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from db.errors import UserError


class Settings(BaseSettings):
    """`WORKBENCH_HOME`, `WORKBENCH_DATABASE_URL`, `WORKBENCH_MLFLOW_URI` and `WORKBENCH_EMBEDDER`."""

    model_config = SettingsConfigDict(env_prefix="WORKBENCH_", env_file=".env", extra="ignore", frozen=True)

    home: Path = Path()
    database_url: str = ""
    mlflow_uri: str = ""
    embedder: str = "auto"

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return home.expanduser().resolve()

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data / 'workbench.db'}"

    @property
    def mlflow(self) -> str:
        return self.mlflow_uri or f"sqlite:///{self.home / 'mlruns' / 'mlflow.db'}"


_S = TypeVar("_S", bound=BaseSettings)


def read_settings(cls: type[_S]) -> _S:
    """The settings of one floor from the environment; raises UserError naming the variable and its value."""
    try:
        settings = cls()
    except UnicodeDecodeError:
        raise UserError(".env: not UTF-8 text; save it as UTF-8") from None
    except ValidationError as error:
        first = error.errors()[0]
        name = "WORKBENCH_" + "_".join(map(str, first["loc"])).upper()
        says = first["msg"].removeprefix("Value error, ")
        raise UserError(f"setting {name}: {says} (got {first.get('input')!r})") from None
    return settings


def load_settings() -> Settings:
    """Raises UserError when a variable is malformed or names a database we cannot speak to."""
    settings = read_settings(Settings)
    try:
        backend = make_url(settings.database).get_backend_name()
    except ArgumentError:
        # Not shown: what looks like no address may still hold a password.
        expected = "sqlite:///FILE or postgresql://USER@HOST/DATABASE"
        raise UserError(f"setting WORKBENCH_DATABASE_URL: not a database address; expected {expected}") from None
    if backend not in ("sqlite", "postgresql"):
        raise UserError(f"setting WORKBENCH_DATABASE_URL: {backend} is not supported; use sqlite or postgresql")
    return settings
