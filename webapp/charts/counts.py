"""Charts of counts: predictions with and without feedback, requests that failed, drift."""

from typing import Any

from webapp.charts.timeline import (
    Chart,
    colour_of,
    count_axis,
    count_tip,
    draw_curve,
    text_tip,
    time_tip,
)
from webapp.client.history import ErrorPoint, History, Point
from webapp.texts import mark, say
from webapp.widgets.formats import percent

HEIGHT, LOW_HEIGHT = 170, 150
SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400}
MOST_NAMES = 10  # in a tooltip
ANSWERED, TO_COME = mark("answered"), mark("answer to come")
PARTS = {ANSWERED: "#0f9d8a", TO_COME: "#a8b0b5"}
REFUSED, FAILED = mark("refused"), mark("failed here")
ERRORS = {REFUSED: "#d97706", FAILED: "#dc2626"}
DRIFT = "#d97706"


def draw_predictions(history: History) -> Chart:
    """The number of predictions, and how many of them have feedback."""
    rows = [row for point in history.points for row in _part(point, SECONDS[history.step])]
    told = [
        text_tip("what", say("predictions")),
        count_tip("count", say("rows")),
        text_tip("to_come", say("answers to come")),
        time_tip(say("from")),
    ]
    return _draw_stacks(history, rows, PARTS, HEIGHT, told)


def _draw_stacks(
    history: History, rows: list[Chart], colours: dict[str, str], height: int, told: list[Chart]
) -> Chart:
    return draw_curve(
        history,
        {"type": "rect"},
        rows,
        height,
        x2={"field": "end"},
        y=count_axis(4),
        y2={"field": "high"},
        color=colour_of(colours),
        tooltip=told,
    )


def _part(point: Point, seconds: int) -> list[dict[str, Any]]:
    """Predictions with feedback below, those without it above."""
    told = point.quality
    answered = min(told.labelled, told.predictions)
    counts = {ANSWERED: answered, TO_COME: told.predictions - answered}
    to_come = percent(told.to_come)
    return [{**one, "to_come": to_come} for one in _stack(point.at, seconds, counts)]


def draw_errors(history: History) -> Chart:
    """The number of requests that were refused (4xx), and that failed (5xx)."""
    seconds = SECONDS[history.step]
    rows = [row for point in history.errors for row in _part_errors(point, seconds)]
    told = [
        text_tip("what", say("requests")),
        count_tip("count", say("how many")),
        time_tip(say("from")),
    ]
    return _draw_stacks(history, rows, ERRORS, LOW_HEIGHT, told)


def _part_errors(point: ErrorPoint, seconds: int) -> list[dict[str, Any]]:
    return _stack(point.at, seconds, {REFUSED: point.refused, FAILED: point.failed})


def _stack(at: float, seconds: int, counts: dict[str, int]) -> list[dict[str, Any]]:
    """Stack the counts on each other."""
    told, low = [], 0
    for what, count in counts.items():
        ends = {"at": at * 1000, "end": (at + seconds) * 1000, "low": low, "high": low + count}
        told.append({**ends, "what": say(what), "count": count})
        low += count
    return told


def draw_drift(history: History) -> Chart:
    """The number of drifted features, as steps."""
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
    told = [
        count_tip("count", say("drifted")),
        text_tip("names", say("feature")),
        time_tip(say("from")),
    ]
    return draw_curve(
        history,
        {"type": "rect", "color": DRIFT, "opacity": 0.8},
        rows,
        LOW_HEIGHT,
        x2={"field": "end"},
        y=count_axis(3),
        y2={"field": "count"},
        tooltip=told,
    )
