"""The route by which a caller corrects the model."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header
from pydantic import BaseModel
from sqlalchemy import Engine

from db.api_tokens import Scope
from workbench.api.metrics import Metrics
from workbench.api.tokens import needs_scope
from workbench.serving.feedback import give_feedback
from workbench.serving.feedback_rules import Feedback
from workbench.web.bodies import Body, Text

_Owner = Annotated[str | None, needs_scope(Scope.FEEDBACK)]


class FeedbackBody(Body):
    """`id` or `text` names the record; a text that the project does not know becomes one. `by` is who says so, where no
    token does.

    `prediction_id` tells which answer of which version this is about: the same answer accepts it, another corrects it.
    """

    id: Text | None = None
    text: Text | None = None
    category: Text | None = None
    tags: list[Text] | None = None
    prediction_id: Text | None = None
    by: Text = "api"


class ReceiptBody(BaseModel):
    """`id` is the record's; `saved` is false where an earlier request with this Idempotency-Key had saved it."""

    id: str
    status: str
    saved: bool


def feedback_routes(engine: Engine, metrics: Metrics) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["feedback"])

    @router.post("/projects/{project}/feedback")
    def feedback(
        project: str, body: FeedbackBody, owner: _Owner, idempotency_key: Annotated[str | None, Header()] = None
    ) -> ReceiptBody:
        """Save what the answer should have been, as an annotation."""
        receipt = give_feedback(engine, project, _feedback(body, owner or body.by, idempotency_key))
        metrics.observe_feedback(project, receipt)
        return ReceiptBody(id=receipt.record, status=receipt.status.value, saved=receipt.saved)

    return router


def _feedback(body: FeedbackBody, person: str, key: str | None) -> Feedback:
    return Feedback(
        external_id=body.id,
        text=body.text,
        category=body.category,
        tags=None if body.tags is None else tuple(body.tags),
        prediction_id=body.prediction_id,
        person=person,
        key=key,
    )
