"""The UI's process: our own routes first, Gradio mounted at / behind them."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from workbench.access.access import Access
from workbench.access.single_user import check_listening
from workbench.ui.headers import SecurityHeaders
from workbench.ui.login import login_routes
from workbench.ui.login_wall import LoginWall
from workbench.ui.own_password import own_password_routes
from workbench.ui.pages import PAGES, Page
from workbench.web.body_limit import BodyLimit
from workbench.web.errors import add_error_handlers
from workbench.web.listening import Listening

_TITLE = "Feedback workbench"
MAX_BODY = 2 * 2**20
# Takes whole files, as large as the settings allow.
UPLOADS = "/api/data/uploads"
STATIC = Path(__file__).parent / "static"
_HEAD = """
<meta name="color-scheme" content="light dark">
<link rel="icon" href="ui/icon.svg" type="image/svg+xml">
{styles}
<script src="ui/early.js"></script>
"""


class _Revalidated(StaticFiles):
    """Files that a browser keeps but asks about each time, so that an update is seen at once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "no-cache"
        return response


def build_app(*, routers: Sequence[APIRouter], access: Access) -> FastAPI:
    """The whole UI, behind the login; `routers` are what its pages talk to."""
    # Read by Gradio when it is imported: it must call nobody.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    import gradio as gr

    from workbench.ui.theme import make_theme

    limit = Middleware(BodyLimit, limit=MAX_BODY, apart=frozenset({UPLOADS}))
    wall = Middleware(LoginWall, access=access, page_roles={page.path: page.role for page in PAGES})
    middleware = [Middleware(SecurityHeaders), wall, limit]
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, middleware=middleware)
    add_error_handlers(app)
    app.add_api_route("/healthz", lambda: {"status": "ok"})
    for router in (login_routes(access), own_password_routes(access), *routers):
        app.include_router(router)
    app.mount("/ui", _Revalidated(directory=STATIC))
    first, *others = PAGES
    with gr.Blocks(title=_TITLE, analytics_enabled=False, fill_width=True) as pages:
        _fill(first)
    for page in others:
        with pages.route(page.name, page.path):
            _fill(page)
    pages.max_threads = 8
    pages.queue(default_concurrency_limit=8, api_open=False, max_size=200)
    with warnings.catch_warnings():
        # Said to every app of several pages, also to one that asks for no such mode.
        warnings.filterwarnings("ignore", message="SSR mode is not supported")
        return gr.mount_gradio_app(
            app, pages, path="/", theme=make_theme(), head=_head(), footer_links=[], run_history=False, ssr_mode=False
        )


def _fill(page: Page) -> None:
    """An empty element that the page's script fills. Its address is resolved here, not relative to Gradio's own."""
    import gradio as gr

    load = f"import(new URL('ui/pages/{page.name}.js', document.baseURI)).then((page) => page.start(element));"
    gr.HTML("", html_template="<div class='wb'></div>", js_on_load=load, apply_default_css=False, padding=False)


def _head() -> str:
    sheets = (STATIC / name for name in ("theme.css", "shell.css", "parts.css"))
    names = [path.relative_to(STATIC).as_posix() for path in (*sheets, *sorted(STATIC.glob("pages/*.css")))]
    return _HEAD.format(styles="\n".join(f'<link rel="stylesheet" href="ui/{name}">' for name in names))


def serve(where: Listening, *, routers: Sequence[APIRouter], access: Access) -> None:
    """Serve until told to stop; one process, because SQLite has one writer and leases are few.

    Raises UserError where others could come in and there are no users.
    """
    check_listening(access.users, where.host)
    uvicorn.run(
        where.guarded(build_app(routers=routers, access=access)),
        host=where.host,
        port=where.port,
        log_level="warning",
        timeout_graceful_shutdown=3,
        **where.forwarding,
    )
