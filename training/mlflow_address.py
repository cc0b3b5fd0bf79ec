"""The address of MLflow's store: what kind it is, how it may be shown, and what it means when it does not answer."""

from __future__ import annotations

from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

_UNREACHED = ("failed with exception", "Max retries exceeded", "Connection refused")


def is_served(mlflow_uri: str) -> bool:
    """Whether a server keeps the store and its files; else it is a database that we open ourselves."""
    return urlsplit(mlflow_uri).scheme in ("http", "https")


def shown(mlflow_uri: str) -> str:
    """The address without a password."""
    try:
        return make_url(mlflow_uri).render_as_string(hide_password=True)
    except ArgumentError:
        # A folder, which has none.
        return mlflow_uri


def plain_fault(error: Exception, mlflow_uri: str) -> str:
    """What MLflow's client raised, in a line for a person."""
    said = str(error)
    if is_served(mlflow_uri) and any(word in said for word in _UNREACHED):
        return "nothing answers there; start the server, or mend WORKBENCH_MLFLOW_URI"
    return next(iter(said.strip().splitlines()), type(error).__name__)
