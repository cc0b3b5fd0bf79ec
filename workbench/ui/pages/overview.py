"""The page that shows how far a project is and how well machines and people agree."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import Engine

from db.engine import reading
from db.label_sets import get_label_set
from db.projects import get_project
from db.promotions import list_promotions
from db.types import Role
from workbench.access.routes import needs
from workbench.quality.overview import overview
from workbench.quality.sources import source_agreements
from workbench.ui.language import Language
from workbench.ui.overview_html import OverviewPage
from workbench.ui.sources_html import sources_html

_PROMOTIONS = 5


def overview_routes(engine: Engine) -> APIRouter:
    """The overview's content as a piece of HTML, and that of the card which takes longest."""
    router = APIRouter(prefix="/api/overview", dependencies=[needs(Role.ANNOTATOR)])

    @router.get("/{project}", response_class=HTMLResponse)
    def content(project: str, language: Language = Language.ENGLISH) -> HTMLResponse:
        return HTMLResponse(_page(engine, project, language).html())

    @router.get("/{project}/sources", response_class=HTMLResponse)
    def sources(project: str, language: Language = Language.ENGLISH) -> HTMLResponse:
        return HTMLResponse(sources_html(source_agreements(engine, project), language))

    return router


def _page(engine: Engine, project_name: str, language: Language) -> OverviewPage:
    figures = overview(engine, project_name)
    with reading(engine) as session:
        project = get_project(session, project_name)
        return OverviewPage(
            figures=figures,
            label_set=get_label_set(session, project),
            promotions=list_promotions(session, project, limit=_PROMOTIONS),
            language=language,
        )
