"""The prediction service put together."""

from __future__ import annotations

import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine

from db.engine import make_engine
from db.errors import UserError
from db.migrate import upgrade
from db.settings import Settings
from workbench.access.single_user import check_listening
from workbench.api.access_log import AccessLog
from workbench.api.decisions import decision_routes
from workbench.api.docs import docs_routes
from workbench.api.feedback import feedback_routes
from workbench.api.health import health_routes
from workbench.api.metrics import Metrics, metrics_routes
from workbench.api.prediction import prediction_routes
from workbench.api.tokens import make_guard
from workbench.serving.champion import Champions
from workbench.serving.models import Models
from workbench.serving.registry_models import RegistryModels
from workbench.web.body_limit import BodyLimit
from workbench.web.errors import add_error_handlers
from workbench.web.listening import Listening

MAX_BODY = 16 * 2**20
# What a request that is being answered gets when the service is told to stop.
GRACE_SECONDS = 30
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})


def build_api(engine: Engine, settings: Settings, *, models: Models | None = None) -> FastAPI:
    """The service over a migrated database. Champions are loaded in the background from the moment it starts."""
    champions = Champions(engine=engine, models=models or RegistryModels(settings))
    metrics = Metrics(champions)

    @asynccontextmanager
    async def watching(_app: FastAPI) -> AsyncIterator[None]:
        with champions:
            yield

    app = FastAPI(
        title="feedback-workbench", summary="Predictions and feedback", lifespan=watching, docs_url=None, redoc_url=None
    )
    app.state.guard = make_guard(engine)
    app.add_middleware(BodyLimit, limit=MAX_BODY)
    app.add_middleware(AccessLog, observe=metrics.observe_request, quiet=_QUIET)
    add_error_handlers(app)
    app.include_router(prediction_routes(champions, metrics))
    app.include_router(feedback_routes(engine, metrics))
    app.include_router(decision_routes(champions, metrics))
    app.include_router(health_routes(engine, champions))
    app.include_router(metrics_routes(metrics))
    app.include_router(docs_routes())
    return app


def run_api(settings: Settings, where: Listening) -> None:
    """Serve until told to stop (SIGINT or SIGTERM), then finish the requests that are being answered.

    Raises UserError where the address is taken or not ours, or where others could come in and there are no users.
    """
    engine = make_engine(settings.database)
    upgrade(engine)
    app = build_api(engine, settings)
    check_listening(app.state.guard.users, where.host)
    listener = _listen(where.host, where.port)
    # Does nothing where whoever starts the service has said how to log.
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    config = uvicorn.Config(
        where.guarded(app),
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=GRACE_SECONDS,
        **where.forwarding,
    )
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        listener.close()
        engine.dispose()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise UserError(f"cannot listen on {host} port {port}: {error.strerror or error}") from error
