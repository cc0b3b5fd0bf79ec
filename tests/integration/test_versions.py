"""Label sets and guidelines by version: who saved which, and two people at once."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from db.engine import reading, writing
from db.errors import ConflictError, UserError
from db.guidelines import (
    get_guidelines,
    get_guidelines_version,
    guideline_versions,
    save_guidelines,
)
from db.label_sets import (
    get_label_set,
    get_label_set_version,
    label_set_versions,
    parse_label_set,
    save_label_set,
)
from db.projects import create_project
from db.types import Kind, Project


@pytest.fixture
def project(engine: Engine) -> Project:
    with writing(engine) as session:
        return create_project(session, "отзывы", Kind.CATEGORY)


def save_names(engine: Engine, project: Project, *names: str, by: str, based_on: int | None = None) -> int:
    with writing(engine, by=by) as session:
        label_set = parse_label_set({"categories": list(names)})
        return save_label_set(session, project, label_set, based_on=based_on).version


def test_each_version_of_the_labels_is_kept_with_who_saved_it(engine: Engine, project: Project) -> None:
    save_names(engine, project, "a", by="анна")
    save_names(engine, project, "a", "b", by="борис", based_on=1)
    with reading(engine) as session:
        versions = label_set_versions(session, project)
        assert [(v.version, v.person) for v in versions] == [(2, "борис"), (1, "анна")]
        assert versions[0].at >= versions[1].at
        assert get_label_set_version(session, project, 1).category_names == ("a",)
        with pytest.raises(UserError, match="no label set version 3"):
            get_label_set_version(session, project, 3)


def test_labels_that_somebody_else_saved_meanwhile_are_not_overwritten(engine: Engine, project: Project) -> None:
    save_names(engine, project, "a", by="анна", based_on=0)
    with pytest.raises(ConflictError, match="version 1, you edited version 0"):
        save_names(engine, project, "b", by="борис", based_on=0)
    with reading(engine) as session:
        assert get_label_set(session, project).category_names == ("a",)


def test_saving_what_is_in_force_makes_no_version(engine: Engine, project: Project) -> None:
    assert save_names(engine, project, "a", by="анна") == 1
    assert save_names(engine, project, "a", by="анна", based_on=1) == 1


def test_versions_from_before_the_audit_log_have_no_person(engine: Engine, project: Project) -> None:
    save_names(engine, project, "a", by="анна")
    # Looked up under another name there is no line in the log, as in a database from before it.
    with reading(engine) as session:
        nameless = Project(id=project.id, name="another name", kind=project.kind)
        assert label_set_versions(session, nameless)[0].person == ""


def test_guidelines_are_kept_by_version_with_who_saved_them(engine: Engine, project: Project) -> None:
    for person, text in (("анна", "# Правила"), ("борис", "# Правила\n\n- ещё"), ("борис", "# Правила\n\n- ещё")):
        with writing(engine, by=person) as session:
            version, _ = get_guidelines(session, project)
            save_guidelines(session, project, text, based_on=version)
    with reading(engine) as session:
        assert [(v.version, v.person) for v in guideline_versions(session, project)] == [(2, "борис"), (1, "анна")]
        assert get_guidelines_version(session, project, 1) == "# Правила"
        with pytest.raises(UserError, match="no guidelines version 9"):
            get_guidelines_version(session, project, 9)


def test_guidelines_that_somebody_else_saved_meanwhile_are_not_overwritten(engine: Engine, project: Project) -> None:
    with writing(engine, by="анна") as session:
        save_guidelines(session, project, "её", based_on=0)
    with pytest.raises(ConflictError, match="somebody else"), writing(engine, by="борис") as session:
        save_guidelines(session, project, "его", based_on=0)
    with pytest.raises(UserError, match="at most 50000"), writing(engine, by="борис") as session:
        save_guidelines(session, project, "x" * 50_001)


def test_empty_guidelines_are_no_first_version(engine: Engine, project: Project) -> None:
    with writing(engine) as session:
        assert save_guidelines(session, project, "") == 0
