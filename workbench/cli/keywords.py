"""`workbench keywords`: which words people's answers speak for, and which listed ones do harm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.console import Json, ProjectName, note, show
from workbench.wiring import open_workbench

if TYPE_CHECKING:
    from workbench.proposing.keyword_advice import KeywordAdvice, KeywordReport


def keywords(
    project: ProjectName,
    category: Annotated[str | None, typer.Option(help="Only of this one.")] = None,
    json: Json = False,
) -> None:
    """Propose keywords from people's answers: how many texts each would catch rightly and wrongly."""
    from workbench.proposing.keyword_proposals import keyword_report

    report = keyword_report(open_workbench().engine, project, category=category)
    for line in _notes(report):
        note(line)
    show(report.as_dict(), _lines(report), as_json=json)


def _notes(report: KeywordReport) -> list[str]:
    least = report.minimums
    notes = [
        f"from {report.answered} answered texts outside the blind stream, each word judged by texts that did not "
        f"choose it; at least {least.right} caught rightly, precision {least.precision:.2f} or more, at its lower end "
        f"{least.lower:.2f} and the category's share"
    ]
    if report.answered < report.all_answered:
        notes.append(f"of {report.all_answered} answered texts a random {report.answered} were looked at")
    if report.looked_at < report.open_records:
        notes.append(f"new records are estimated from {report.looked_at} of {report.open_records}")
    return notes


def _lines(report: KeywordReport) -> list[str]:
    if not report.new and not report.harmful:
        return ["no word reaches the minimums yet, and no listed one does harm"]
    lines = _table(report.new) if report.new else ["no new word reaches the minimums yet"]
    if report.harmful:
        lines += ["", "listed, but wrong more often than right:", *_table(report.harmful)]
    return lines


def _table(told: tuple[KeywordAdvice, ...]) -> list[str]:
    heads = ("category", "word", "right", "wrong", "precision", "new records")
    rows = [
        (
            one.category,
            one.word,
            str(one.right),
            str(one.wrong_in_all),
            f"{one.precision:.2f} (≥ {one.lower:.2f})",
            str(one.records),
        )
        for one in told
    ]
    wide = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    return [_row(cells, wide) + _mistakes(one) for cells, one in zip((heads, *rows), (None, *told), strict=True)]


def _row(cells: tuple[str, ...], wide: list[int]) -> str:
    words = [cell.ljust(width) for cell, width in zip(cells[:2], wide[:2], strict=True)]
    return "  ".join([*words, *(cell.rjust(width) for cell, width in zip(cells[2:], wide[2:], strict=True))])


def _mistakes(one: KeywordAdvice | None) -> str:
    if one is None or not one.wrong:
        return ""
    return "  wrong: " + ", ".join(f"{category} {count}" for category, count in one.wrong.items())
