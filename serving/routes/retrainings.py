"""The routes of the loop: ask for a retraining, read the log of decisions, hear alerts."""

import hashlib
import time
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from pipeline.store.decision_log import QUEUED, latest
from pipeline.store.feedback_log import count_feedback, request_retraining
from pipeline.store.retraining_queue import request_for_alert
from serving.keys import key_of
from serving.routing.dependencies import Allowed, CurrentService
from serving.routing.strict_json import strict_route
from serving.schemas import samples
from serving.schemas.bodies import Alerts
from serving.schemas.examples import BODY, describe

router = APIRouter(tags=["retraining"])
alerts = APIRouter(tags=["retraining"], route_class=strict_route("alerts"))


@router.post(
    "/retrain",
    status_code=202,
    dependencies=[Allowed("admin")],
    responses=describe(401, 403, 503, answer=samples.JOB, status=202),
)
async def retrain(service: CurrentService, request: Request) -> dict[str, Any]:
    """Ask for a retraining now. GET /retrainings tells how it goes."""
    actor = service.keys.name_of(key_of(request.headers))
    job = await service.queries.write(lambda c: request_retraining(c, "by hand", actor=actor))
    return {"id": job, "state": QUEUED}


@router.get(
    "/retrainings",
    dependencies=[Allowed("predict")],
    responses=describe(401, 403, 422, 503, answer=samples.RETRAININGS),
)
async def all_retrainings(
    service: CurrentService, limit: Annotated[int, Query(ge=1, le=1000)] = 50
) -> dict[str, Any]:
    """The log of every decision, newest first, and how many rows the next one waits for."""
    rows, found = await service.queries.read(lambda c: (count_feedback(c), latest(c, limit)))
    every = service.settings.retraining.every
    return {"every": every, "remaining": every - rows % every, "retrainings": found}


@alerts.post(
    "/alerts",
    status_code=202,
    responses=describe(401, 403, *BODY, answer=samples.ALERTED, status=202),
)
async def receive_alerts(body: Alerts, service: CurrentService) -> dict[str, Any]:
    """Alertmanager's webhook: a firing alert labelled `action: retrain` queues a retraining."""
    firing = [alert for alert in body.alerts if alert.asks_for_retraining()]
    if not firing:
        return {"queued": False, "reason": "no firing alert asks for a retraining"}
    began = min(alert.startsAt for alert in firing)
    key = hashlib.sha256(f"{body.groupKey}\n{began}".encode()).hexdigest()
    names = sorted({alert.name for alert in firing})
    trigger = f"alert {', '.join(names[:3])}"
    since = time.time() - service.settings.retraining.cooldown_seconds
    job, reason = await service.queries.write(lambda c: request_for_alert(c, trigger, key, since))
    return {"queued": job is not None, "id": job, "reason": reason}


router.include_router(alerts)
