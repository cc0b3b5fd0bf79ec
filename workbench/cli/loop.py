"""Commands of the loop: propose, weigh opinions, queue, annotate, predict, and going back to an earlier champion."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from db.promotions import Promotion
from workbench.cli.console import Json, ProjectName, note, progress, show
from workbench.wiring import open_workbench


def propose(
    project: ProjectName,
    stages: Annotated[str | None, typer.Option(help="Only these, separated by commas; on settled records too.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first N records.")] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="What it would cost and take, without calling anything.")
    ] = False,
    background: Annotated[bool, typer.Option("--background", help="Hand it to a worker.")] = False,
    json: Json = False,
) -> None:
    """Let the cascade propose labels; run again after a stop, it goes on where it was."""
    workbench = open_workbench()
    names = None if stages is None else [name.strip() for name in stages.split(",") if name.strip()]
    if plan:
        priced = workbench.plan(project, names, limit, measure=True)
        show(priced.as_dict(), priced.lines(), as_json=json)
        return
    if background:
        job_id = workbench.add_job("propose", project, {"stages": names, "limit": limit})
        show({"job": job_id}, [f"job {job_id}; workbench jobs shows how far it is"], as_json=json)
        return
    with progress("propose", as_json=json) as report:
        summary = workbench.propose(project, names, limit, lambda done, total, stage: report(done, total, stage.value))
    show(summary.as_dict(), summary.lines(), as_json=json)


def queue(
    project: ProjectName,
    strategy: Annotated[
        str | None, typer.Option(help="typical-then-margin-kmeans, margin, disagreement or random.")
    ] = None,
    size: Annotated[int, typer.Option(min=1)] = 10,
    json: Json = False,
) -> None:
    """The next records for people, and why each is there."""
    from workbench.queues.reasons import render_reason

    workbench = open_workbench()
    with progress("queue", as_json=json) as report:
        items = workbench.next_items(
            project, strategy, size, lambda records, share: report(share, 1.0, f"{records} records")
        )
    rows = [
        {"rank": i.rank, "id": i.record.external_id, "text": i.record.text, "score": i.score, "reason": i.reason}
        for i in items
    ]
    lines = [
        f"{i.rank:>4}  {i.record.external_id}  [{render_reason(i.reason)}]  {_short(i.record.text)}" for i in items
    ]
    show({"project": project, "items": rows}, lines or ["nothing waits for people"], as_json=json)


def annotate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A table with id, category, tags.")],
    project: ProjectName,
    by: Annotated[str, typer.Option(help="Whose answers they are.")],
    json: Json = False,
) -> None:
    """Take a person's answers from a file, by the same rules as on the page."""
    from workbench.exchange.annotating import annotate_file

    workbench = open_workbench()
    summary = annotate_file(workbench.engine, project, file, by=by, home=workbench.settings.home)
    if summary.rejected:
        note(f"{summary.rejected} rows rejected, see {summary.rejected_file}; the first: {summary.first_reason}")
    show(asdict(summary), [f"{summary.annotations} of {summary.rows} answers saved for {by}"], as_json=json)


def predict(
    source: Annotated[Path, typer.Argument(metavar="IN")],
    target: Annotated[Path, typer.Argument(metavar="OUT")],
    project: ProjectName,
    model: Annotated[str | None, typer.Option(help="A version or models:/ address instead of the champion.")] = None,
    text_column: Annotated[str, typer.Option()] = "text",
    category_column: Annotated[str | None, typer.Option(help="The known category, which routes tags.")] = None,
    min_confidence: Annotated[float | None, typer.Option(help="Below it the value stays empty.")] = None,
    threshold: Annotated[float | None, typer.Option(help="The score from which a tag is given.")] = None,
    json: Json = False,
) -> None:
    """Predict every row of a file with the champion."""
    from workbench.serving.batch import predict_file

    workbench = open_workbench()
    with progress("predict", as_json=json) as report:
        summary = predict_file(
            workbench.engine,
            workbench.settings,
            project,
            source,
            target,
            model=model,
            text_column=text_column,
            category_column=category_column,
            min_confidence=min_confidence,
            threshold=threshold,
            progress=lambda rows, share: report(share, 1.0, f"{rows} rows"),
        )
    lines = [
        f"{summary.predicted} of {summary.rows} rows predicted by version {summary.model_version} into {target} "
        f"in {summary.seconds:.1f} s; {summary.needs_review} to review, {summary.without_text} without text"
    ]
    show(asdict(summary), lines, as_json=json)


def retrain(
    project: ProjectName,
    recipe: Annotated[str | None, typer.Option(help="auto, or the name of one.")] = None,
    use_proposals: Annotated[bool, typer.Option("--use-proposals", help="Learn from stored proposals too.")] = False,
    set_: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE")] = None,
    seed: Annotated[int | None, typer.Option()] = None,
    snapshot: Annotated[str | None, typer.Option(metavar="FINGERPRINT")] = None,
    budget: Annotated[str | None, typer.Option(metavar="5m")] = None,
    promote: Annotated[str | None, typer.Option(help="auto, always or never.")] = None,
    background: Annotated[bool, typer.Option("--background", help="Hand it to a worker.")] = False,
    json: Json = False,
) -> None:
    """The same as python -m training.retrain, which a worker can also do."""
    options = {
        "recipe": recipe,
        "use_proposals": use_proposals,
        "set": set_ or [],
        "seed": seed,
        "snapshot": snapshot,
        "budget": budget,
        "promote": promote,
    }
    workbench = open_workbench()
    if background:
        job_id = workbench.add_job("retrain", project, options)
        show({"job": job_id}, [f"job {job_id}; workbench jobs shows how far it is"], as_json=json)
        return
    workbench.retrain(project, options, as_json=json)


def promote(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="The number of a trained version.")],
    project: ProjectName,
    json: Json = False,
) -> None:
    """Make a trained version the champion, whatever the gate has said of it."""
    promotion = open_workbench().promote(project, version)
    was = f"; before it was {promotion.previous_version}" if promotion.previous_version else ""
    show(_plain(promotion), [f"{project}: version {promotion.version} is the champion now{was}"], as_json=json)


def rollback(project: ProjectName, json: Json = False) -> None:
    """Make the champion before this one the champion again."""
    promotion = open_workbench().rollback(project)
    line = f"{project}: version {promotion.version} is the champion again; before it was {promotion.previous_version}"
    show(_plain(promotion), [line], as_json=json)


def opinions(project: ProjectName, json: Json = False) -> None:
    """How far each source of categories can be believed, alone and with the others, and against people."""
    from workbench.quality.opinions import opinions as look

    found = look(open_workbench().engine, project)
    lines = [f"{found.records} records have two opinions or more; sources disagree on {found.disagreed}"]
    for one in found.sources:
        believed = "unknown" if one.accuracy is None else f"{one.accuracy:.0%}"
        lines.append(f"{one.source}: {one.votes} opinions, {one.shared} beside others, right as estimated: {believed}")
    if found.judged is not None:
        together = {"majority": found.judged.majority, "Dawid–Skene": found.judged.dawid_skene}
        lines.append(f"against people's blind answers, on {found.judged.rows} records:")
        for name, judgement in (found.judged.sources | together).items():
            f1 = judgement.weighted_f1
            lines.append(f"  {name}: weighted F1 {f1.value:.3f} ({f1.low:.3f}–{f1.high:.3f})")
    show(asdict(found), lines if found.sources else ["fewer than two sources: nothing to compare"], as_json=json)


def _plain(promotion: Promotion) -> dict[str, Any]:
    """With the gate's reasons in words."""
    from training.gate_words import lines_of

    return asdict(promotion) | {"reasons": lines_of(promotion.reasons)}


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79] + "…"
