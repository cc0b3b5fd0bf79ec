"""The page that shows how far a project is and how well machines and people agree."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse
from sqlalchemy import Engine

from db.engine import reading
from db.errors import UserError
from db.label_sets import get_label_set
from db.projects import get_project
from db.promotions import list_promotions
from workbench.quality.overview import overview
from workbench.ui.language import Language
from workbench.ui.overview_html import OverviewPage
from workbench.ui.pages import static_page

_PROMOTIONS = 5


def build() -> None:
    """The frame; static/overview.js fetches what is in it."""
    static_page("overview.js")


def overview_routes(engine: Engine) -> APIRouter:
    """The overview's content as a piece of HTML."""
    router = APIRouter(prefix="/api/overview")

    @router.get("/{project}", response_class=HTMLResponse)
    def content(project: str, language: Language = Language.ENGLISH) -> HTMLResponse:
        try:
            page = _page(engine, project, language)
        except UserError as error:
            raise HTTPException(404, str(error)) from None
        return HTMLResponse(page.html(), headers={"Cache-Control": "no-store"})

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
