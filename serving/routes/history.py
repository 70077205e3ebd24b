"""The route of curves: how predictions and answers went over time."""

import contextlib
import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BeforeValidator, Field

from pipeline.history.curves import MOST_POINTS, History, choose_step, read_history
from pipeline.history.drift_log import read_drift
from pipeline.history.request_errors import read_errors
from pipeline.history.sums import STEPS
from serving.errors import Invalid
from serving.routing.dependencies import Allowed, CurrentService
from serving.schemas import samples
from serving.schemas.examples import describe

router = APIRouter(tags=["history"])
DAY = 86_400
YEAR_3000 = 32_503_680_000
Unix = Annotated[float, Field(ge=0, le=YEAR_3000, allow_inf_nan=False)]


def _refuse_number(given: object) -> object:
    """One that is no unix time would be read as milliseconds."""
    with contextlib.suppress(TypeError, ValueError):
        float(given)  # type: ignore[arg-type]
        raise AssertionError("is a number beyond the years 1970 to 3000")
    return given


Date = Annotated[datetime, BeforeValidator(_refuse_number)]
Moment = Annotated[Unix | Date, Field(union_mode="left_to_right")]


@router.get(
    "/history",
    dependencies=[Allowed("predict")],
    responses=describe(401, 403, 422, 503, answer=samples.HISTORY),
)
async def history(
    service: CurrentService,
    begin: Annotated[Moment | None, Query(alias="from")] = None,
    end: Annotated[Moment | None, Query(alias="to")] = None,
    step: Literal["minute", "hour", "day"] | None = None,
    label: Annotated[str | None, Query(max_length=1000)] = None,
) -> dict[str, Any]:
    """Predictions, confidence, expected and known quality over time, and what was decided when.

    Without `from` and `to` of the last 24 hours, without `step` by the finest that gives at most
    750 points. Points without a row are left out. Days are those of UTC. What was predicted a
    moment ago may be missing still. `drift` has the features whose alarm holds from then on,
    `errors` the requests that were refused (4xx) or failed (5xx). With `label` the points are
    about the predictions of it alone.
    """
    last = time.time() if end is None else unix(end)
    first = last - DAY if begin is None else unix(begin)
    if first >= last:
        raise Invalid("from", "must lie before `to`")
    chosen = step or choose_step(first, last)
    points = (last - first) / STEPS[chosen]
    if chosen != "day" and points > MOST_POINTS:
        raise Invalid("step", f"gives {points:,.0f} points; at most {MOST_POINTS} are allowed")
    found, drift, errors = await service.queries.read(
        lambda c: (
            read_history(c, first, last, chosen, label),
            read_drift(c, first, last),
            read_errors(c, first, last, chosen),
        )
    )
    return {
        **_show(found),
        "drift": [asdict(point) for point in drift],
        "errors": [asdict(point) for point in errors],
    }


def unix(moment: float | datetime) -> float:
    """A time without a zone is one of UTC."""
    if not isinstance(moment, datetime):
        return moment
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _show(found: History) -> dict[str, Any]:
    return {
        "from": found.begin,
        "to": found.end,
        "step": found.step,
        "points": [{"at": point.at, **asdict(point.quality)} for point in found.points],
        "total": asdict(found.total),
        "labels": {label: asdict(quality) for label, quality in found.labels.items()},
        "marks": [asdict(mark) for mark in found.marks],
    }
