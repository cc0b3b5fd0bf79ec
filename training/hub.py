"""Models by name: a local folder, then the cache, then the hub, which is asked last and not for long."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol, TypeVar

import httpx

HUB_TIMEOUT_S = 10.0

_M_co = TypeVar("_M_co", covariant=True)


class MissingModelError(Exception):
    """No folder, cache or hub had the model; says in one line what the last one asked said."""


class Load(Protocol[_M_co]):
    """Loads a model by name; raises OSError or ValueError where it cannot be had."""

    def __call__(self, name: str, /, *, local_files_only: bool) -> _M_co: ...


def find_model(name: str, load: Load[_M_co], *, hub: bool = True) -> _M_co:
    """Local folder, then cache, then hub: the hub is asked last, so that a known model loads at once without it.

    Without `hub` it is not asked at all. Raises MissingModelError.
    """
    from huggingface_hub.constants import ENDPOINT, HF_HUB_OFFLINE

    try:
        return load(name, local_files_only=True)
    except (OSError, ValueError) as error:
        missing: Exception = error
    try:
        if HF_HUB_OFFLINE or not hub or Path(name).is_dir():
            raise missing
        # One short question first: the download itself would retry for minutes where there is no network.
        httpx.head(ENDPOINT, timeout=HUB_TIMEOUT_S)
        return load(name, local_files_only=False)
    except (OSError, ValueError, httpx.HTTPError) as error:
        raise MissingModelError((str(error).strip() or type(error).__name__).splitlines()[0]) from error


def local_config(name: str) -> dict[str, Any] | None:
    """A model's config.json from its folder or the cache; None where neither has it. The hub is not asked.

    Raises ValueError if the file is no JSON object.
    """
    from huggingface_hub import try_to_load_from_cache

    path = Path(name) / "config.json"
    if not path.is_file():
        try:
            cached = try_to_load_from_cache(name, "config.json")
        except ValueError:  # no name that a hub could have
            return None
        if not isinstance(cached, str):
            return None
        path = Path(cached)
    config = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(config, dict):
        raise ValueError(f"{path} holds no JSON object")
    return config


def read_config(name: str, *, hub: bool = True) -> dict[str, Any]:
    """A model's config.json, from the hub too if it may be asked; raises MissingModelError."""
    from huggingface_hub import hf_hub_download

    def load(name: str, /, *, local_files_only: bool) -> dict[str, Any]:
        if not local_files_only:
            hf_hub_download(name, "config.json")
        found = local_config(name)
        if found is None:
            raise OSError("it has no config.json")
        return found

    return find_model(name, load, hub=hub)
