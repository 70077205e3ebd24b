"""Counts what FastAPI answers; the fast path counts its own answers in the same metrics."""

from fastapi import FastAPI
from prometheus_fastapi_instrumentator import Instrumentator
from prometheus_fastapi_instrumentator.metrics import Info

from serving.telemetry.metrics import Metrics


def instrument(api: FastAPI, metrics: Metrics) -> None:
    def record(info: Info) -> None:
        metrics.observe_request(
            info.method, info.modified_handler, info.modified_status, info.modified_duration
        )

    Instrumentator(should_group_status_codes=False).add(record).instrument(api)
