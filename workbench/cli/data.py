"""Commands about what is known: projects, labels, settings, import and export."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from db.types import Kind
from workbench.cli.console import Json, ProjectName, note, progress, show
from workbench.exchange.exporting import Format, What
from workbench.exchange.requests import ImportRequest, ProposalColumn
from workbench.wiring import open_workbench

Column = str | None


def import_(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, TSV, JSONL, Parquet or XLSX; .gz too.")],
    project: ProjectName,
    kind: Annotated[Kind | None, typer.Option(help="Creates the project, if it is not there yet.")] = None,
    text_column: Annotated[str, typer.Option()] = "text",
    id_column: Annotated[Column, typer.Option(help="Without one, the text itself is the identity.")] = None,
    group_column: Annotated[Column, typer.Option(help="Records that belong together, such as a SKU's reviews.")] = None,
    category_column: Annotated[Column, typer.Option(help="A known category of the record; it routes tags.")] = None,
    labels_column: Annotated[Column, typer.Option(help="A category given by --by.")] = None,
    tags_column: Annotated[
        Column, typer.Option(help="Tags given by --by: a JSON list, or separated by ; or |.")
    ] = None,
    as_: Annotated[
        str, typer.Option("--as", help="Whose labels: annotation (people's) or proposal (a machine's).")
    ] = "annotation",
    by: Annotated[str, typer.Option(help="Who gave the labels.")] = "",
    blind: Annotated[bool, typer.Option("--blind", help="They were given without seeing proposals.")] = False,
    proposal_column: Annotated[list[str] | None, typer.Option(metavar="COLUMN[:SCORE_COLUMN]=SOURCE")] = None,
    clean: Annotated[
        str, typer.Option(help="html, spaces, repeats: separated by commas, recorded, original kept.")
    ] = "",
    add_labels: Annotated[
        bool, typer.Option("--add-labels", help="Let unknown labels of people extend the list.")
    ] = False,
    sheet: Annotated[str | None, typer.Option(help="The sheet of a workbook.")] = None,
    json: Json = False,
) -> None:
    """Import a file of texts, with labels and proposals where it has them."""
    from workbench.exchange.importing import import_file

    if as_ not in ("annotation", "proposal"):
        raise typer.BadParameter("annotation or proposal", param_hint="--as")
    request = ImportRequest(
        path=path,
        project=project,
        kind=kind,
        text_column=text_column,
        id_column=id_column,
        group_column=group_column,
        category_column=category_column,
        labels_column=labels_column,
        tags_column=tags_column,
        as_annotation=as_ == "annotation",
        by=by,
        blind=blind,
        proposal_columns=tuple(ProposalColumn.parse(raw) for raw in proposal_column or ()),
        cleaning=tuple(name.strip() for name in clean.split(",") if name.strip()),
        add_labels=add_labels,
        sheet=sheet,
    )
    workbench = open_workbench()
    with progress("import", as_json=json) as report:
        summary = import_file(
            workbench.engine,
            request,
            home=workbench.settings.home,
            progress=lambda rows, fraction: report(fraction, 1.0, f"{rows} rows"),
        )
    if summary.rejected:
        note(f"{summary.rejected} rows rejected, see {summary.rejected_file}; the first: {summary.first_reason}")
    lines = [
        f"{summary.accepted} of {summary.rows} rows of {path.name} taken into {project!r}: "
        f"{summary.new_records} new records, {summary.known_records} known, {summary.annotations} annotations, "
        f"{summary.proposals} proposals ({summary.off_list_proposals} off the list), "
        f"{summary.duplicates} repeated texts, {summary.conflicts} conflicting ids"
    ]
    if summary.labels_added:
        lines.append(f"labels added: {', '.join(summary.labels_added)}")
    show(asdict(summary), lines, as_json=json)


def labels(
    project: Annotated[str, typer.Argument(help="The project's name.")],
    file: Annotated[Path | None, typer.Option("--set", help="A labels.yaml that replaces the label set.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="Creates the project, if it is not there yet.")] = None,
    json: Json = False,
) -> None:
    """Show or replace a project's label set and tag catalogue."""
    from db.label_sets import as_definition
    from workbench.exchange.labels import replace_labels, show_labels

    workbench = open_workbench()
    if file is None:
        label_set = show_labels(workbench.engine, project)
    else:
        label_set = replace_labels(workbench.engine, project, file, kind)
    definition = as_definition(label_set)
    lines = [f"{project}: label set version {label_set.version}"]
    lines += [f"  {c.name}" + (f" — {c.description}" if c.description else "") for c in label_set.categories]
    lines += [f"  tags of {s or 'any record'}: {', '.join(t.name for t in tags)}" for s, tags in label_set.tags.items()]
    show({"project": project, "version": label_set.version, **definition}, lines, as_json=json)


def projects(json: Json = False) -> None:
    """List the projects."""
    from db.engine import reading
    from db.projects import list_projects
    from db.records import count_records

    with reading(open_workbench().engine) as session:
        found = [
            {"name": p.name, "kind": p.kind.value, "records": count_records(session, p)} for p in list_projects(session)
        ]
    lines = [f"{p['name']}  ({p['kind']}, {p['records']} records)" for p in found]
    show(
        {"projects": found},
        lines or ["no projects yet; workbench import FILE --project P --kind category"],
        as_json=json,
    )


def settings(
    project: Annotated[str, typer.Argument(help="The project's name.")],
    changes: Annotated[list[str] | None, typer.Argument(metavar="[KEY=VALUE]...")] = None,
    json: Json = False,
) -> None:
    """Show a project's settings, or change some."""
    from db.engine import writing
    from db.errors import UserError
    from db.project_settings import as_texts, get_settings, set_setting
    from db.projects import get_project

    with writing(open_workbench().engine) as session:
        found = get_project(session, project)
        for change in changes or ():
            key, separator, value = change.partition("=")
            if not separator:
                raise UserError(f"{change!r}: write key=value")
            set_setting(session, found, key.strip(), value.strip())
        session.flush()
        values = as_texts(get_settings(session, found))
    lines = [f"{key} = {','.join(value) if isinstance(value, list) else value}" for key, value in values.items()]
    show(values, lines, as_json=json)


def export(
    target: Annotated[Path, typer.Argument(metavar="OUT")],
    project: ProjectName,
    what: Annotated[What, typer.Option()] = What.GOLD,
    format: Annotated[Format, typer.Option()] = Format.CSV,
    json: Json = False,
) -> None:
    """Write gold labels, annotations, proposals or the newest snapshot to a file."""
    from workbench.exchange.exporting import export_file

    workbench = open_workbench()
    rows = export_file(
        workbench.engine, project, what=what, format=format, target=target, snapshots=workbench.snapshots
    )
    result = {"project": project, "what": what.value, "format": format.value, "file": str(target), "rows": rows}
    show(result, [f"{rows} rows of {what.value} written to {target}"], as_json=json)
