"""`workbench doctor`: the installation looked over, one line a finding."""

from __future__ import annotations

from collections.abc import Iterator

from db.errors import UserError
from db.migrate import newest_revision, stored_revision
from db.settings import load_settings
from workbench.settings import load_workbench_settings
from workbench.upkeep.checks import database, machine, models, services
from workbench.upkeep.findings import Check, Finding, Patient, State
from workbench.upkeep.stores import WORKBENCH, connected

__all__ = ["Finding", "State", "examine"]

ALWAYS: tuple[Check, ...] = (
    machine.python,
    machine.packages,
    machine.home,
    machine.disk,
    machine.permissions,
    database.database,
    database.integrity,
    models.mlflow,
    models.embedder,
    models.zero_shot,
    models.language_model,
    services.ports,
)
# These ask the database, so there has to be one that answers, as this release knows it.
WITH_DATABASE: tuple[Check, ...] = (
    database.imports,
    database.clock,
    models.champions,
    services.users,
    services.worker,
)


def examine() -> list[Finding]:
    """Every finding, in the order of the checks. Raises UserError where a setting cannot be read at all."""
    patient = Patient(load_settings(), load_workbench_settings())
    findings = [finding for check in ALWAYS for finding in _findings(check, patient)]
    if _has_usable_database(patient):
        findings += [finding for check in WITH_DATABASE for finding in _findings(check, patient)]
    return findings


def _findings(check: Check, patient: Patient) -> Iterator[Finding]:
    name = check.__name__.replace("_", " ")
    try:
        for found in check(patient):
            yield Finding(state=found.state, text=found.text, advice=found.advice, check=name)
    except UserError as error:
        # A check that cannot look has found that.
        yield Finding(state=State.PROBLEM, text=str(error), check=name)


def _has_usable_database(patient: Patient) -> bool:
    store = patient.store(WORKBENCH)
    if store is None:
        return False
    try:
        with connected(store) as connection:
            return stored_revision(connection) == newest_revision()
    except UserError:
        # Said by the check of the database.
        return False
