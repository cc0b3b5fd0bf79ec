"""The command that finds thresholds with a guarantee."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.console import Json, ProjectName, show
from workbench.wiring import open_workbench

if TYPE_CHECKING:
    from workbench.quality.thresholds import StageThreshold, ThresholdReport


def thresholds(
    project: ProjectName,
    precision: Annotated[float, typer.Option(help="The share of accepted labels that has to be right.")] = 0.95,
    confidence: Annotated[float, typer.Option(help="How sure that has to be, for all stages together.")] = 0.9,
    apply: Annotated[bool, typer.Option("--apply", help="Put what can be promised in force.")] = False,
    json: Json = False,
) -> None:
    """Per stage the lowest threshold whose precision is guaranteed on the blind calibration rows."""
    from workbench.quality.thresholds import apply_thresholds, find_thresholds

    engine = open_workbench().engine
    work = apply_thresholds if apply else find_thresholds
    report = work(engine, project, precision=precision, confidence=confidence)
    changes = {stage.value: threshold for stage, threshold in report.changes.items()}
    found = asdict(report) | {"changes": changes, "applied": apply}
    show(found, [*_lines(report), _outcome(report, applied=apply)], as_json=json)


def _lines(report: ThresholdReport) -> Iterator[str]:
    yield (
        f"{report.project}: at least {report.precision:.1%} right with {report.confidence:.1%} confidence, "
        f"{report.calibration} calibration rows, {report.open} records without an answer"
    )
    for one in report.stages:
        yield f"{one.stage.value:>10}  {_promise(report, one)}"


def _promise(report: ThresholdReport, one: StageThreshold) -> str:
    found = one.found
    if found.missing:
        return f"{found.rows} calibration rows, {found.missing} more are needed; stays at {one.current:g}"
    if found.threshold is None:
        wrong = found.accepted - found.right
        return f"{wrong} of its {found.accepted} surest rows are wrong: no promise; stays at {one.current:g}"
    share = f", {one.accepted / report.open:.1%}" if report.open else ""
    test = f"; on the test half {one.test.right} of {one.test.n}" if one.test.n else ""
    return (
        f"{one.current:g} → {found.threshold:.4g}: accepts {one.accepted} records{share}, "
        f"{found.right} of {found.accepted} calibration rows right, at least {found.lower:.1%}{test}"
    )


def _outcome(report: ThresholdReport, *, applied: bool) -> str:
    if not report.changes:
        return "nothing to change"
    return f"{len(report.changes)} thresholds changed" if applied else "add --apply to put them in force"
