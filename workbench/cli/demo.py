"""`workbench demo`: the whole loop once on the bundled sample, then the pages open."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from db.engine import reading, writing
from db.project_settings import set_setting
from db.projects import find_project, get_project
from db.types import Kind
from workbench.cli.console import note, progress
from workbench.exchange.importing import import_file
from workbench.exchange.labels import replace_labels
from workbench.exchange.requests import ImportRequest
from workbench.settings import load_workbench_settings
from workbench.wiring import Workbench, open_workbench

PROJECT = "reviews"
# A fifth, not a tenth: of so small a sample the gate needs that many labelled rows to judge by.
BLIND_SHARE = "0.2"
NO_LLM = (
    "no language model is asked: make demo LLM=local:Qwen/Qwen3-0.6B, or LLM= the address of OpenAI, Ollama, vLLM or "
    "llama.cpp, adds one (WORKBENCH_LLM_BASE_URL, WORKBENCH_LLM_MODEL)"
)
SAMPLE = Path(__file__).parents[1] / "sample"


def demo(
    llm: Annotated[str, typer.Option(help="local:MODEL, or the address of an OpenAI-compatible endpoint.")] = "",
    serve: Annotated[bool, typer.Option(help="Open the pages at the end.")] = True,
) -> None:
    """Load the bundled sample, propose, train a first champion, make a queue, and open the workbench."""
    if llm:
        _set_up_llm(llm)
    workbench = open_workbench()
    _load(workbench)
    if workbench.own.missing_for_llm is not None:
        note(NO_LLM)
    _propose(workbench, None)
    if not workbench.has_champion(PROJECT):
        note("training a first champion (python -m training.retrain --project reviews)")
        workbench.retrain(PROJECT, {})
        _propose(workbench, ["model"])
    note("making the queue: what teaches most comes first")
    workbench.build_queue(PROJECT)
    if serve:
        workbench.up(("ui", "api", "worker", "mlflow"), None, note)


def _set_up_llm(llm: str) -> None:
    """For this process and those it starts, the worker among them."""
    if llm.startswith("local:"):
        os.environ["WORKBENCH_LLM_MODEL"] = llm
        return
    os.environ["WORKBENCH_LLM_BASE_URL"] = llm
    if load_workbench_settings().missing_for_llm is not None:
        from workbench.proposing.llm.listing import only_model

        os.environ["WORKBENCH_LLM_MODEL"] = only_model(llm, os.environ.get("WORKBENCH_LLM_API_KEY", ""))


def _load(workbench: Workbench) -> None:
    with reading(workbench.engine) as session:
        loaded = find_project(session, PROJECT) is not None
    if not loaded:
        replace_labels(workbench.engine, PROJECT, SAMPLE / "labels.yaml", Kind.BOTH)
        with writing(workbench.engine) as session:
            set_setting(session, get_project(session, PROJECT), "blind_share", BLIND_SHARE)
    request = ImportRequest(
        path=SAMPLE / "reviews.csv",
        project=PROJECT,
        id_column="id",
        group_column="sku",
        labels_column="category",
        tags_column="tags",
        by="sample",
        blind=True,
    )
    summary = import_file(workbench.engine, request, home=workbench.settings.home)
    note(f"sample: {summary.new_records} new records, {summary.annotations} new labels in project {PROJECT!r}")


def _propose(workbench: Workbench, stages: list[str] | None) -> None:
    with progress("propose", as_json=False) as report:
        summary = workbench.propose(PROJECT, stages, None, lambda done, total, stage: report(done, total, stage.value))
    for line in summary.lines():
        note(line)
