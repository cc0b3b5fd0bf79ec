"""The pages: where each is and who may open it. `static/pages/NAME.js` fills it, on the routes of `pages/NAME.py`."""

from __future__ import annotations

from dataclasses import dataclass

from db.types import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`name` is that of its script and of its texts, `path` where browsers find it."""

    name: str
    path: str
    role: Role


PAGES = (
    Page(name="curate", path="/", role=Role.ANNOTATOR),
    Page(name="overview", path="/overview", role=Role.ANNOTATOR),
    Page(name="records", path="/records", role=Role.REVIEWER),
    Page(name="labels", path="/labels", role=Role.ANNOTATOR),
    Page(name="proposals", path="/proposals", role=Role.REVIEWER),
    Page(name="models", path="/models", role=Role.REVIEWER),
    Page(name="jobs", path="/jobs", role=Role.REVIEWER),
    Page(name="data", path="/data", role=Role.REVIEWER),
    Page(name="settings", path="/settings", role=Role.ADMIN),
    Page(name="users", path="/users", role=Role.ADMIN),
    Page(name="audit", path="/audit", role=Role.ADMIN),
)
