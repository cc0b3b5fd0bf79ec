"""What a run of the cascade did, stage by stage."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from db.types import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class StageReport:
    """`records` were put to the stage, as `asked` distinct texts; the rest counts records, `cost` is US dollars.

    `kept` had this very proposal already, `cached` counts texts whose answer was known, `settled` need no further
    stage. A stage that did not run has `ran` false and says why in `note`.
    """

    stage: Stage
    ran: bool = True
    source: str = ""
    version: str = ""
    note: str = ""
    records: int = 0
    asked: int = 0
    cached: int = 0
    kept: int = 0
    proposed: int = 0
    settled: int = 0
    rejected: int = 0
    errors: int = 0
    cost: float = 0.0
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeSummary:
    """`records` is how many the run covered, `settled` how many of them need no further stage."""

    project: str
    records: int
    settled: int
    stages: tuple[StageReport, ...]
    cancelled: bool = False

    @property
    def cost(self) -> float:
        return sum(report.cost for report in self.stages)

    @property
    def proposed(self) -> int:
        return sum(report.proposed for report in self.stages)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self) | {"cost": self.cost, "proposed": self.proposed}

    def lines(self) -> list[str]:
        """One line per stage, for people."""
        return [_line(report) for report in self.stages]


def _line(report: StageReport) -> str:
    if not report.ran:
        return f"{report.stage.value}: skipped, {report.note}"
    counts = [f"{report.proposed} proposed", f"{report.settled} settled"]
    counts += [f"{report.kept} had it already"] if report.kept else []
    counts += [f"{report.cached} answers from the cache"] if report.cached else []
    counts += [f"{report.rejected} rejected"] if report.rejected else []
    counts += [f"{report.errors} failed"] if report.errors else []
    counts += [f"${report.cost:.4f}"] if report.cost else []
    problem = f" ({report.problem})" if report.problem else ""
    return f"{report.stage.value}: {', '.join(counts)}{problem}"
