"""Curves of how many: predictions with and without an answer, requests without one, drift."""

from typing import Any

import altair as alt

from webapp.charts.timeline import colour_of, time_axis, with_marks
from webapp.client.history import ErrorPoint, History, Point
from webapp.texts import mark, say
from webapp.widgets.formats import percent, tick_format

HEIGHT, LOW_HEIGHT = 170, 110
SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400}
MOST_NAMES = 10  # of a tooltip
ANSWERED, TO_COME = mark("answered"), mark("answer to come")
PARTS = {ANSWERED: "#0f9d8a", TO_COME: "#a8b0b5"}
REFUSED, FAILED = mark("refused"), mark("failed")
ERRORS = {REFUSED: "#d97706", FAILED: "#dc2626"}
DRIFT = "#d97706"


def draw_predictions(history: History) -> Any:
    """How many predictions there were, and how many of them have an answer."""
    rows = [row for point in history.points for row in _part(point, SECONDS[history.step])]
    bars = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_rect()
        .encode(
            x=time_axis(history),
            x2="end:T",
            y=alt.Y("low:Q", title=None, axis=alt.Axis(tickMinStep=1, tickCount=4)),
            y2="high:Q",
            color=colour_of(PARTS),
            tooltip=[
                alt.Tooltip("what:N", title=say("predictions")),
                alt.Tooltip("count:Q", title=say("rows"), format=","),
                alt.Tooltip("to_come:N", title=say("answers to come")),
                alt.Tooltip("at:T", title=say("from"), format=tick_format()),
            ],
        )
    )
    return with_marks(bars, history).properties(height=HEIGHT)


def _part(point: Point, seconds: int) -> list[dict[str, Any]]:
    """The answered ones below, those whose answer is to come above."""
    told = point.quality
    answered = min(told.labelled, told.predictions)
    counts = {ANSWERED: answered, TO_COME: told.predictions - answered}
    to_come = percent(told.to_come)
    return [{**one, "to_come": to_come} for one in _stack(point.at, seconds, counts)]


def draw_errors(history: History) -> Any:
    """How many requests were refused for what they held, and how many failed here."""
    seconds = SECONDS[history.step]
    rows = [row for point in history.errors for row in _part_errors(point, seconds)]
    bars = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_rect()
        .encode(
            x=time_axis(history),
            x2="end:T",
            y=alt.Y("low:Q", title=None, axis=alt.Axis(tickMinStep=1, tickCount=3)),
            y2="high:Q",
            color=colour_of(ERRORS),
            tooltip=[
                alt.Tooltip("what:N", title=say("requests")),
                alt.Tooltip("count:Q", title=say("how many"), format=","),
                alt.Tooltip("at:T", title=say("from"), format=tick_format()),
            ],
        )
    )
    return with_marks(bars, history).properties(height=LOW_HEIGHT)


def _part_errors(point: ErrorPoint, seconds: int) -> list[dict[str, Any]]:
    return _stack(point.at, seconds, {REFUSED: point.refused, FAILED: point.failed})


def _stack(at: float, seconds: int, counts: dict[str, int]) -> list[dict[str, Any]]:
    """One above the other."""
    told, low = [], 0
    for what, count in counts.items():
        ends = {"at": at * 1000, "end": (at + seconds) * 1000, "low": low, "high": low + count}
        told.append({**ends, "what": say(what), "count": count})
        low += count
    return told


def draw_drift(history: History) -> Any:
    """How many features are drifted: a step from each change to the next."""
    points = history.drift
    ends = [*(point.at for point in points[1:]), history.end]
    rows = [
        {
            "at": point.at * 1000,
            "end": end * 1000,
            "low": 0,
            "count": len(point.features),
            "names": ", ".join(point.features[:MOST_NAMES]) or say("none"),
        }
        for point, end in zip(points, ends, strict=True)
    ]
    steps = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_rect(color=DRIFT, opacity=0.8)
        .encode(
            x=time_axis(history),
            x2="end:T",
            y=alt.Y("low:Q", title=None, axis=alt.Axis(tickMinStep=1, tickCount=3)),
            y2="count:Q",
            tooltip=[
                alt.Tooltip("count:Q", title=say("drifted")),
                alt.Tooltip("names:N", title=say("feature")),
                alt.Tooltip("at:T", title=say("from"), format=tick_format()),
            ],
        )
    )
    return with_marks(steps, history).properties(height=LOW_HEIGHT)
