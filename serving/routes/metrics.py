"""The route that Prometheus reads: what requests have counted, and gauges made at the scrape."""

import asyncio
import contextlib
from collections.abc import Iterable

from fastapi import APIRouter, Response
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy import Connection, func, select

from pipeline.store.decision_log import DECIDED, last_data_tests_failed
from pipeline.store.feedback_log import count_feedback
from pipeline.store.records import StoreUnavailable
from pipeline.store.tables import retrainings
from serving.routing.dependencies import Allowed, CurrentService
from serving.schemas import samples
from serving.schemas.examples import describe
from serving.scoring.live_model import LiveModel

router = APIRouter(tags=["health"])


@router.get(
    "/metrics",
    response_class=Response,
    dependencies=[Allowed("predict")],
    responses=describe(401, 403, answer=samples.METRICS, kind="text/plain"),
)
async def metrics(service: CurrentService) -> Response:
    """All figures for Prometheus."""
    gauges = [*_describe_store(service.writer.store_available, service.writer.spooled)]
    if service.live.model is not None:
        gauges += _describe_model(service.live.model)
    with contextlib.suppress(StoreUnavailable):  # absent rather than wrong; store_up says why
        rows, decisions, failed = await service.queries.read(_count)
        every = service.settings.retraining.every
        gauges += _describe_loop(every - rows % every, decisions, failed)
    content = await asyncio.to_thread(service.metrics.render, gauges)
    return Response(content, media_type="text/plain; version=0.0.4; charset=utf-8")


def _count(connection: Connection) -> tuple[int, dict[tuple[str, str], int], int | None]:
    columns = (retrainings.c.trigger, retrainings.c.state)
    query = select(*columns, func.count()).where(retrainings.c.state.in_(DECIDED))
    decisions = {(t, s): n for t, s, n in connection.execute(query.group_by(*columns))}
    return count_feedback(connection), decisions, last_data_tests_failed(connection)


def _describe_model(model: LiveModel) -> Iterable[Metric]:
    manifest = model.manifest
    labels = ("version", "classifier", "embedding_id", "served_by", "trigger")
    values = (manifest["classifier"]["name"], manifest["embedding_id"], manifest["served_by"])
    info = GaugeMetricFamily("model_info", "The live version.", labels=labels)
    info.add_metric((model.version, *values, manifest["trigger"]), 1)
    yield info
    created = "model_created_timestamp_seconds"
    yield GaugeMetricFamily(created, "When the live version was trained.", model.created_at)


def _describe_store(up: bool, spooled: int) -> Iterable[Metric]:
    yield GaugeMetricFamily("store_up", "1 while the store takes writes.", float(up))
    yield GaugeMetricFamily("store_spooled_rows", "Predictions that wait for the store.", spooled)


def _describe_loop(
    remaining: int, decisions: dict[tuple[str, str], int], failed: int | None
) -> Iterable[Metric]:
    name = "feedback_rows_until_retraining"
    yield GaugeMetricFamily(name, "Rows until the next retraining.", remaining)
    family = CounterMetricFamily("retrainings", "Decisions.", labels=("trigger", "outcome"))
    for (trigger, outcome), count in decisions.items():
        family.add_metric((trigger, outcome), count)
    yield family
    if failed is not None:
        name = "data_tests_failed"
        yield GaugeMetricFamily(name, "Data tests that the latest new feedback failed.", failed)
