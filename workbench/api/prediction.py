"""The route that predicts."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field
from pydantic_core import to_json

from db.api_tokens import Scope
from workbench.api.metrics import Metrics
from workbench.api.tokens import needs_scope
from workbench.serving.champion import Champions
from workbench.serving.prediction import Served, predict
from workbench.web.bodies import Body, Text

# So little is answered where it arrived: the way to another thread and back would take longer than the answer.
_INLINE_CHARS = 4_000


class PredictBody(Body):
    """At most 1 000 texts of 100 000 characters; `categories` are the records' known ones, one per text."""

    texts: list[Text]
    categories: list[Text | None] | None = None
    threshold: Annotated[float, Field(ge=0.0, le=1.0)] | None = None


class PredictionBody(BaseModel):
    """One answer. Probabilities are not rounded; `prediction_id` goes into feedback on it."""

    category: str | None
    confidence: float | None
    probabilities: dict[str, float]
    tags: list[str]
    tag_scores: dict[str, float]
    model_version: str
    prediction_id: str


def prediction_routes(champions: Champions, metrics: Metrics) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["prediction"], dependencies=[needs_scope(Scope.PREDICT)])

    @router.post("/projects/{project}/predict", response_model=list[PredictionBody])
    async def predict_texts(project: str, body: PredictBody, request: Request) -> Response:
        """One answer per text, in their order, all from one version of the model."""

        def answer() -> Response:
            champion = champions.get(project)
            request.state.model = f"{project}/{champion.version}"
            served = predict(champion, body.texts, body.categories, body.threshold)
            metrics.observe_predictions(champion, served)
            return Response(to_json([_plain(one) for one in served]), media_type="application/json")

        loaded = champions.peek(project)
        inline = loaded is not None and loaded.quick and sum(map(len, body.texts)) <= _INLINE_CHARS
        return answer() if inline else await run_in_threadpool(answer)

    return router


def _plain(served: Served) -> dict[str, Any]:
    prediction = served.prediction
    return {
        "category": prediction.category,
        "confidence": prediction.confidence,
        "probabilities": prediction.probabilities,
        "tags": prediction.tags,
        "tag_scores": prediction.tag_scores,
        "model_version": served.version,
        "prediction_id": served.prediction_id,
    }
