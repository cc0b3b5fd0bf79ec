"""Label sets and tag catalogues: their written form, their versions."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audit import note_change
from db.engine import serialise
from db.errors import ConflictError, NotFoundError, UserError
from db.tables import LabelSetRow
from db.types import Category, LabelSet, Project, Tag
from db.versions import Version, list_versions, version_subject

MAX_NAME, MAX_FIELD, MAX_LABELS = 255, 10_000, 10_000
_ACTION = "labels.set"


def get_label_set(session: Session, project: Project) -> LabelSet:
    """The version in force; version 0 and empty when the project has none yet."""
    row = session.scalar(
        select(LabelSetRow).where(LabelSetRow.project_id == project.id).order_by(LabelSetRow.version.desc()).limit(1)
    )
    if row is None:
        return LabelSet()
    return _parse(row.definition, version=row.version)


def get_label_set_version(session: Session, project: Project, version: int) -> LabelSet:
    """Raises NotFoundError when there is no such version."""
    row = session.scalar(
        select(LabelSetRow).where(LabelSetRow.project_id == project.id, LabelSetRow.version == version)
    )
    if row is None:
        raise NotFoundError(f"project {project.name!r} has no label set version {version}")
    return _parse(row.definition, version=row.version)


def all_label_sets(session: Session, project: Project) -> list[LabelSet]:
    """Every version, newest first."""
    rows = select(LabelSetRow).where(LabelSetRow.project_id == project.id).order_by(LabelSetRow.version.desc())
    return [_parse(row.definition, version=row.version) for row in session.scalars(rows)]


def label_set_versions(session: Session, project: Project) -> list[Version]:
    """Every version, newest first, with who saved it where the audit log knows."""
    return list_versions(session, project, LabelSetRow, _ACTION)


def save_label_set(session: Session, project: Project, label_set: LabelSet, *, based_on: int | None = None) -> LabelSet:
    """Store `label_set` as the next version, unless it says what the one in force says; returns the one in force.

    `based_on` is the version that was edited: raises ConflictError when it is no longer the one in force.
    """
    serialise(session, project.id)
    current = get_label_set(session, project)
    definition = as_definition(label_set)
    if based_on is not None and based_on != current.version:
        raise ConflictError(
            f"the labels of {project.name!r} were saved by somebody else meanwhile (version {current.version}, you "
            f"edited version {based_on}); look at what changed and save again"
        )
    if current.version and as_definition(current) == definition:
        return current
    session.add(LabelSetRow(project_id=project.id, version=current.version + 1, definition=definition))
    note_change(
        session,
        _ACTION,
        project=project.name,
        subject=version_subject(current.version + 1),
        old=as_definition(current) if current.version else None,
        new=definition,
    )
    session.flush()
    return _parse(definition, version=current.version + 1)


def parse_label_set(definition: object) -> LabelSet:
    """A label set from labels.yaml's shape; a bare string stands for {name}.

    Raises UserError naming the entry at fault: a wrong shape, an empty or repeated name.
    """
    return _parse(definition, version=0)


def as_definition(label_set: LabelSet) -> dict[str, Any]:
    """The labels.yaml shape; empty fields are left out."""
    return {
        "categories": [
            _without_empty(name=c.name, description=c.description, keywords=list(c.keywords), color=c.color)
            for c in label_set.categories
        ],
        "tags": {
            section: [_without_empty(name=t.name, definition=t.definition) for t in tags]
            for section, tags in label_set.tags.items()
        },
    }


def extended(
    label_set: LabelSet, *, categories: Iterable[str] = (), tags: Mapping[str, Iterable[str]] | None = None
) -> LabelSet:
    """The label set with the names it lacked added at the end, in the order given."""
    known = set(label_set.category_names)
    added = tuple(Category(name) for name in dict.fromkeys(categories) if name not in known)
    sections = {section: tuple(entries) for section, entries in label_set.tags.items()}
    for section, names in (tags or {}).items():
        present = {t.name for t in sections.get(section, ())}
        sections[section] = sections.get(section, ()) + tuple(Tag(n) for n in dict.fromkeys(names) if n not in present)
    return LabelSet(categories=label_set.categories + added, tags=sections, version=label_set.version)


def _parse(definition: object, version: int) -> LabelSet:
    if not isinstance(definition, Mapping) or not set(definition) <= {"categories", "tags"}:
        raise UserError("label set: expected a mapping with the keys 'categories' and 'tags'")
    categories = [_category(entry) for entry in _entries(definition.get("categories"), "categories")]
    _refuse_repeats([c.name for c in categories], "categories")
    sections = definition.get("tags") or {}
    if not isinstance(sections, Mapping):
        raise UserError("label set: 'tags' maps a category to its list of tags")
    tags: dict[str, tuple[Tag, ...]] = {}
    for written, entries in sections.items():
        section = str(written).strip()
        if section in tags:
            raise UserError(f"label set: tags of {section!r} are given twice")
        tags[section] = _section(section, entries)
        _refuse_too_many(len(categories) + sum(map(len, tags.values())))
    _refuse_stray_sections(tags, categories)
    return LabelSet(categories=tuple(categories), tags=tags, version=version)


def _section(section: str, entries: object) -> tuple[Tag, ...]:
    where = f"tags of {section!r}"
    tags = tuple(
        Tag(name=_name(entry, where), definition=_field(entry, "definition", where))
        for entry in _entries(entries, where)
    )
    _refuse_repeats([t.name for t in tags], where)
    return tags


def _category(entry: object) -> Category:
    keywords = (entry.get("keywords") or ()) if isinstance(entry, Mapping) else ()
    if not isinstance(keywords, list | tuple) or not all(isinstance(word, str | int | float) for word in keywords):
        raise UserError(f"label set: keywords of {_name(entry, 'categories')!r} must be a list of words")
    return Category(
        name=_name(entry, "categories"),
        description=_field(entry, "description", "categories"),
        keywords=tuple(_storable(str(word).strip(), "categories") for word in keywords if str(word).strip()),
        color=_field(entry, "color", "categories"),
    )


def _entries(value: object, where: str) -> list[object]:
    if value is None or value == "":
        return []
    if not isinstance(value, list | tuple):
        raise UserError(f"label set: {where} must be a list")
    _refuse_too_many(len(value))
    return list(value)


def _name(entry: object, where: str) -> str:
    raw = entry.get("name") if isinstance(entry, Mapping) else entry
    name = str(raw).strip() if isinstance(raw, str | int | float) else ""
    if not name or len(name) > MAX_NAME:
        raise UserError(
            f"label set: {where}: an entry without a usable name (1–{MAX_NAME} characters): {_shown(entry)}"
        )
    return _storable(name, where)


def _shown(entry: object) -> str:
    """A piece of an entry; what a file nests or repeats by reference is not written out."""
    return repr(entry[:80]) if isinstance(entry, str) else reprlib.repr(entry)[:80]


def _storable(text: str, where: str) -> str:
    """`text`, unless no database keeps it: a NUL, or half of a surrogate pair."""
    if "\x00" in text or text.encode("utf-8", "ignore").decode() != text:
        raise UserError(f"label set: {where}: characters that cannot be kept in {_shown(text)}")
    return text


def _field(entry: object, key: str, where: str) -> str:
    if not isinstance(entry, Mapping):
        return ""
    allowed = {"name", "description", "keywords", "color"} if where == "categories" else {"name", "definition"}
    if unknown := sorted(str(k) for k in entry if k not in allowed):
        known = ", ".join(sorted(allowed))
        raise UserError(
            f"label set: {where}: {_name(entry, where)!r} has an unknown key {unknown[0]!r}; known: {known}"
        )
    value = entry.get(key)
    text = "" if value is None else str(value).strip() if isinstance(value, str | int | float) else None
    if text is None or len(text) > MAX_FIELD:
        raise UserError(f"label set: {where}: {key} of {_name(entry, where)!r} must be at most {MAX_FIELD} characters")
    return _storable(text, where)


def _refuse_repeats(names: list[str], where: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise UserError(f"label set: {where}: two labels named {name!r}; names must differ")
        seen.add(name.casefold())


def _refuse_too_many(count: int) -> None:
    if count > MAX_LABELS:
        raise UserError(f"label set: more than {MAX_LABELS} labels")


def _refuse_stray_sections(tags: Mapping[str, object], categories: list[Category]) -> None:
    names = {c.name for c in categories}
    stray = [section for section in tags if names and section and section not in names]
    if stray:
        raise UserError(f"label set: tags are given for {stray[0]!r}, which is not among the categories")


def _without_empty(**entry: Any) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if value}
