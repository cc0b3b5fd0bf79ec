"""What answers: champions, the registry, the embedder, the zero-shot and the language model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from db.engine import reading
from db.errors import UserError
from db.projects import list_projects
from db.promotions import latest_promotion
from training.embedders import AUTO
from training.mlflow_address import is_served
from training.registry_store import stored_versions
from training.zero_shot import unfit
from workbench.serving.registry_models import RegistryModels
from workbench.settings import LOCAL_PREFIX
from workbench.upkeep.contents import files_of, missing_bundles
from workbench.upkeep.findings import Finding, Patient, ok, problem, warning
from workbench.upkeep.stores import MLFLOW, connected

_WITHIN_S = 3.0
_QUESTION = "doctor"


def mlflow(patient: Patient) -> Iterator[Finding]:
    """The store of runs and models, and that every version there has its files."""
    if is_served(patient.settings.mlflow):
        yield from _server(patient.settings.mlflow)
        return
    store = patient.store(MLFLOW)
    if store is None:
        yield ok("no store yet; the first training makes it")
        return
    with connected(store) as connection:
        versions = stored_versions(connection)
    home = patient.settings.home
    gone = missing_bundles(versions, home, [name for name, _ in files_of(home, [])])
    for line in gone:
        yield warning(line, "restore it from a backup, or delete the version in MLflow")
    if not gone:
        yield ok(f"{store.url.render_as_string(hide_password=True)}, {len(versions)} versions, each with its files")


def champions(patient: Patient) -> Iterator[Finding]:
    """Every project's champion is the one that was promoted, loads, and answers."""
    models = RegistryModels(patient.settings)
    with reading(patient.engine) as session:
        promoted = [(p, found) for p in list_projects(session) if (found := latest_promotion(session, p))]
    for project, promotion in promoted:
        advice = f"workbench rollback --project {project.name}, or python -m training.retrain --project {project.name}"
        version = models.champion_version(project)
        if version != promotion.version:
            yield problem(f"{project.name}: version {promotion.version} was promoted, {version} is in force", advice)
            continue
        try:
            models.load(project, version).predict([_QUESTION])
        except UserError as error:
            yield problem(f"{project.name}: {error}", advice)
        else:
            yield ok(f"{project.name}: version {version} answers")
    if not promoted:
        yield ok("nothing promoted yet")


def embedder(patient: Patient) -> Iterator[Finding]:
    name = patient.settings.embedder
    if name == AUTO:
        yield ok("LSA on the project's own texts")
    elif Path(name).is_dir() or _is_cached(name):
        yield ok(name)
    else:
        yield from _on_the_hub(name, "WORKBENCH_EMBEDDER")


def zero_shot(patient: Patient) -> Iterator[Finding]:
    """Whether the model can be had and compares texts with labels; it is not loaded."""
    name = patient.own.zero_shot_model
    if not name:
        yield ok("none set up; proposals do without")
    elif (error := unfit(name)) is not None:
        yield problem(str(error), "mend WORKBENCH_ZERO_SHOT_MODEL")
    elif Path(name).is_dir() or _is_cached(name):
        yield ok(name)
    else:
        yield from _on_the_hub(name, "WORKBENCH_ZERO_SHOT_MODEL")


def language_model(patient: Patient) -> Iterator[Finding]:
    """Lists the endpoint's models, which costs nothing; asks none of them."""
    own = patient.own
    if own.local_model and (Path(own.local_model).is_dir() or _is_cached(own.local_model)):
        yield ok(own.llm_model)
    elif own.local_model:
        yield from _on_the_hub(own.local_model, "WORKBENCH_LLM_MODEL")
    elif own.llm_base_url:
        yield from _endpoint(patient)
    elif own.llm_model and own.llm_model != LOCAL_PREFIX:
        yield warning(f"model {own.llm_model!r} without an address", "set WORKBENCH_LLM_BASE_URL")
    else:
        yield ok("none set up; proposals do without")


def _endpoint(patient: Patient) -> Iterator[Finding]:
    own = patient.own
    # Without what may stand before it: a name and a password.
    where = f"{urlsplit(own.llm_base_url).hostname}, model {own.llm_model or '?'}"
    key = own.llm_api_key.get_secret_value()
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        answer = httpx.get(f"{own.llm_base_url}/models", headers=headers, timeout=_WITHIN_S)
    except httpx.HTTPError as error:
        yield problem(f"{where}: no answer ({type(error).__name__})", "start it, or mend WORKBENCH_LLM_BASE_URL")
        return
    if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        yield problem(f"{where}: the key is refused ({answer.status_code})", "set WORKBENCH_LLM_API_KEY")
    elif answer.is_server_error:
        yield problem(f"{where}: it answers {answer.status_code}", "look into its log")
    elif own.missing_for_llm:
        yield problem(f"{where}: no model is chosen", f"set {own.missing_for_llm}")
    elif own.llm_model not in _listed(answer):
        yield warning(f"{where}: it does not list this model", "see whether the name is right")
    else:
        yield ok(where)


def _listed(answer: httpx.Response) -> list[str]:
    try:
        return [str(entry["id"]) for entry in answer.json()["data"]]
    except (ValueError, KeyError, TypeError):
        return []


def _server(address: str) -> Iterator[Finding]:
    host = urlsplit(address).hostname
    try:
        httpx.get(f"{address.rstrip('/')}/health", timeout=_WITHIN_S).raise_for_status()
    except httpx.HTTPError as error:
        yield problem(
            f"the server at {host} does not answer ({type(error).__name__})", "start it (WORKBENCH_MLFLOW_URI)"
        )
    else:
        yield ok(f"the server at {host} answers")


def _is_cached(name: str) -> bool:
    from huggingface_hub import try_to_load_from_cache

    names = [name] if "/" in name else [name, f"sentence-transformers/{name}"]
    return any(isinstance(try_to_load_from_cache(candidate, "config.json"), str) for candidate in names)


def _on_the_hub(name: str, setting: str) -> Iterator[Finding]:
    from huggingface_hub.constants import ENDPOINT, HF_HUB_OFFLINE

    text = f"{name} is neither a folder nor in the cache"
    if HF_HUB_OFFLINE:
        yield problem(f"{text}, and the hub must not be asked (HF_HUB_OFFLINE)", f"mend {setting}")
    else:
        yield warning(text, f"it is fetched from {ENDPOINT} when it is first needed")
