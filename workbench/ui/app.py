"""The UI's process: our own routes first, Gradio mounted at / behind them."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from fastapi import APIRouter, FastAPI
from sqlalchemy import Engine
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from workbench.settings import allowed_hosts
from workbench.ui.headers import SecurityHeaders

STATIC = Path(__file__).parent / "static"
_HEAD = """
<meta name="color-scheme" content="light dark">
<link rel="icon" href="ui/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="ui/theme.css">
<link rel="stylesheet" href="ui/shell.css">
<link rel="stylesheet" href="ui/annotate.css">
<link rel="stylesheet" href="ui/overview.css">
<script src="ui/early.js"></script>
"""


class _Revalidated(StaticFiles):
    """Files that a browser keeps but asks about each time, so that an update is seen at once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "no-cache"
        return response


def build_app(engine: Engine, *, routers: Sequence[APIRouter]) -> FastAPI:
    """The whole UI on `engine`, whose database is migrated; `routers` are what its pages talk to."""
    # Read by Gradio when it is imported: it must call nobody.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    import gradio as gr

    from workbench.ui.pages import curate, overview
    from workbench.ui.theme import make_theme

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, middleware=[Middleware(SecurityHeaders)])
    app.add_api_route("/healthz", lambda: {"status": "ok"})
    for router in (*routers, overview.overview_routes(engine)):
        app.include_router(router)
    app.mount("/ui", _Revalidated(directory=STATIC))
    with gr.Blocks(title="Feedback workbench", analytics_enabled=False, fill_width=True) as pages:
        curate.build()
    with pages.route("Overview", "/overview"):
        overview.build()
    pages.max_threads = 8
    pages.queue(default_concurrency_limit=8, api_open=False, max_size=200)
    with warnings.catch_warnings():
        # Said to every app of several pages, also to one that asks for no such mode.
        warnings.filterwarnings("ignore", message="SSR mode is not supported")
        return gr.mount_gradio_app(
            app, pages, path="/", theme=make_theme(), head=_HEAD, footer_links=[], run_history=False, ssr_mode=False
        )


def serve(engine: Engine, *, routers: Sequence[APIRouter], host: str = "127.0.0.1", port: int = 7860) -> None:
    """Serve until told to stop; one process, because SQLite has one writer and leases are few."""
    app = build_app(engine, routers=routers)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=allowed_hosts(host))
    uvicorn.run(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=3)
