"""The chart of accuracy over time: measured by feedback, expected, and mean confidence."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from webapp.charts.timeline import (
    Chart,
    colour_of,
    count_tip,
    draw_curve,
    text_tip,
    time_tip,
)
from webapp.client.history import History, Point
from webapp.texts import mark, say
from webapp.widgets.formats import percent

HEIGHT, LOW_HEIGHT = 240, 170
KNOWN, EXPECTED, CONFIDENCE = mark("by answers"), mark("expected"), mark("confidence")
COLOURS = {KNOWN: "#0f9d8a", EXPECTED: "#d97706", CONFIDENCE: "#868b90"}
LEAST_ANSWERS = 5  # for a point: the share of fewer would jump up and down


def draw_quality(history: History) -> Chart:
    """Accuracy measured by feedback, and as confidence predicted it."""
    return _draw(history, COLOURS, HEIGHT)


def draw_known_quality(history: History) -> Chart:
    """A small chart of accuracy by feedback, from the first feedback on."""
    points = [point for point in history.points if point.quality.labelled >= LEAST_ANSWERS]
    begin = points[0].at if points else history.begin
    return _draw(replace(history, begin=begin, points=points), {KNOWN: COLOURS[KNOWN]}, LOW_HEIGHT)


def _draw(history: History, colours: Mapping[str, str], height: int) -> Chart:
    rows = [row for point in history.points for row in _shares(point) if row["name"] in colours]
    told = [
        text_tip("what", say("accuracy")),
        text_tip("text", say("share")),
        count_tip("rows", say("rows")),
        text_tip("to_come", say("answers to come")),
        time_tip(say("from")),
    ]
    return draw_curve(
        history,
        {"type": "line", "point": {"size": 28}},
        rows,
        height,
        y=_share_axis([row["share"] for row in rows]),
        color=colour_of(colours),
        tooltip=told,
    )


def _share_axis(shares: list[float]) -> Chart:
    """An axis from just below the least share to just above the largest, within 0 and 1."""
    low, high = min(shares, default=0.0), max(shares, default=1.0)
    ends = {"domain": [max(0.0, low - 0.03), min(1.0, high + 0.03)]}
    named = {"field": "share", "type": "quantitative", "title": None}
    ticks = {"labelExpr": r"format(100 * datum.value, '~') + '\u202f%'"}  # as the page writes them
    return {**named, "axis": ticks, "scale": ends}


def _shares(point: Point) -> list[dict[str, Any]]:
    """The known shares of a point, without a share of too few rows."""
    known = point.quality
    told = {
        KNOWN: known.accuracy if known.labelled >= LEAST_ANSWERS else None,
        EXPECTED: known.expected_accuracy,
        CONFIDENCE: known.confidence,
    }
    return [
        {
            "at": point.at * 1000,
            "name": what,
            "what": say(what),
            "share": share,
            "text": percent(share),
            "rows": known.labelled if what == KNOWN else known.predictions,
            "to_come": percent(known.to_come),
        }
        for what, share in told.items()
        if share is not None
    ]
