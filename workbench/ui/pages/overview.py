"""The page that shows how far a project is and how well machines and people agree."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import Engine

from workbench.ui.pages import static_page


def build() -> None:
    static_page("overview.js")


def overview_routes(engine: Engine) -> APIRouter:
    return APIRouter(prefix="/api/overview")
