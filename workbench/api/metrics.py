"""What Prometheus is told: how fast, how many, what was predicted and how sure, and which version answers."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterator, Sequence

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from db.api_tokens import Scope
from workbench.api.access_log import RequestSummary
from workbench.api.tokens import needs_scope
from workbench.serving.champion import Champion, Champions
from workbench.serving.feedback import Receipt
from workbench.serving.prediction import Served

_SECONDS = (0.001, 0.002, 0.004, 0.006, 0.008, 0.012, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_CONFIDENCES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)


class Metrics:
    """The counters of one app, in a registry of its own."""

    def __init__(self, champions: Champions) -> None:
        self.registry = CollectorRegistry()
        self._latency = Histogram(
            "workbench_request_seconds",
            "Time to answer a request, by route and by the model (project/version) that answered",
            ["route", "model"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._requests = Counter(
            "workbench_requests", "Requests answered", ["method", "route", "status"], registry=self.registry
        )
        self._predictions = Counter(
            "workbench_predictions",
            "Texts by the category they were given",
            ["project", "model_version", "category"],
            registry=self.registry,
        )
        self._tags = Counter(
            "workbench_predicted_tags",
            "Texts by each tag they were given",
            ["project", "model_version", "tag"],
            registry=self.registry,
        )
        self._confidence = Histogram(
            "workbench_prediction_confidence",
            "Confidence in the category",
            ["project", "model_version"],
            buckets=_CONFIDENCES,
            registry=self.registry,
        )
        self._feedback = Counter("workbench_feedback", "Feedback saved", ["project", "status"], registry=self.registry)
        self.registry.register(_ModelInfo(champions))
        ProcessCollector(registry=self.registry)

    def observe_request(self, summary: RequestSummary) -> None:
        self._requests.labels(summary.method, summary.route, str(summary.status)).inc()
        self._latency.labels(summary.route, summary.model).observe(summary.seconds)

    def observe_predictions(self, champion: Champion, served: Sequence[Served]) -> None:
        labels = (champion.project.name, champion.version)
        predictions = [one.prediction for one in served]
        for category, count in Tally(p.category for p in predictions if p.category is not None).items():
            self._predictions.labels(*labels, category).inc(count)
        for tag, count in Tally(tag for p in predictions for tag in p.tags or ()).items():
            self._tags.labels(*labels, tag).inc(count)
        confidence = self._confidence.labels(*labels)
        for prediction in predictions:
            if prediction.category is not None and prediction.confidence is not None:
                confidence.observe(prediction.confidence)

    def observe_feedback(self, project: str, receipt: Receipt) -> None:
        if receipt.saved:
            self._feedback.labels(project, receipt.status.value).inc()


class _ModelInfo(Collector):
    """Read when asked, so that it can never lag behind a swap."""

    def __init__(self, champions: Champions) -> None:
        self._champions = champions

    def collect(self) -> Iterator[GaugeMetricFamily]:
        serving = GaugeMetricFamily(
            "workbench_model_info", "1 for the version that answers", labels=["project", "model_version"]
        )
        behind = GaugeMetricFamily(
            "workbench_model_behind", "1 where the champion is not the version that answers", labels=["project"]
        )
        for state in self._champions.states():
            if state.serving is not None:
                serving.add_metric([state.project, state.serving], 1.0)
            behind.add_metric([state.project], float(state.serving != state.wanted))
        yield serving
        yield behind


def metrics_routes(metrics: Metrics) -> APIRouter:
    router = APIRouter(tags=["operations"], dependencies=[needs_scope(Scope.METRICS)])

    @router.get("/metrics", response_class=Response)
    def scrape() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router
