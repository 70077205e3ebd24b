"""The curve of quality over time: by answers, as expected, and how sure the model is."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import altair as alt

from webapp.charts.timeline import colour_of, time_axis, with_marks
from webapp.client.history import History, Point
from webapp.texts import mark, say
from webapp.widgets.formats import percent, tick_format

HEIGHT, LOW_HEIGHT = 240, 170
KNOWN, EXPECTED, CONFIDENCE = mark("by answers"), mark("expected"), mark("confidence")
COLOURS = {KNOWN: "#0f9d8a", EXPECTED: "#d97706", CONFIDENCE: "#868b90"}
LEAST_ANSWERS = 5  # of a point: a share of fewer jumps up and down


def draw_quality(history: History) -> Any:
    """Quality as answers tell it, and as confidence let expect before they came."""
    return _draw(history, COLOURS, HEIGHT)


def draw_known_quality(history: History) -> Any:
    """Quality as answers tell it, small, from the first answer on."""
    points = [point for point in history.points if point.quality.labelled >= LEAST_ANSWERS]
    begin = points[0].at if points else history.begin
    return _draw(replace(history, begin=begin, points=points), {KNOWN: COLOURS[KNOWN]}, LOW_HEIGHT)


def _draw(history: History, colours: Mapping[str, str], height: int) -> Any:
    rows = [row for point in history.points for row in _shares(point) if row["name"] in colours]
    lines = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_line(point=alt.OverlayMarkDef(size=28))
        .encode(
            x=time_axis(history),
            y=alt.Y(
                "share:Q",
                title=None,
                axis=alt.Axis(format="%"),
                scale=alt.Scale(domain=_around([row["share"] for row in rows])),
            ),
            color=colour_of(colours),
            tooltip=[
                alt.Tooltip("what:N", title=say("accuracy")),
                alt.Tooltip("text:N", title=say("share")),
                alt.Tooltip("rows:Q", title=say("rows"), format=","),
                alt.Tooltip("to_come:N", title=say("answers to come")),
                alt.Tooltip("at:T", title=say("from"), format=tick_format()),
            ],
        )
    )
    return with_marks(lines, history).properties(height=height)


def _shares(point: Point) -> list[dict[str, Any]]:
    """What is known of a point; a share of a few answers is not."""
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


def _around(shares: list[float]) -> tuple[float, float]:
    """From a little below the least to a little above the most, within what shares can be."""
    low, high = min(shares, default=0.0), max(shares, default=1.0)
    return max(0.0, low - 0.03), min(1.0, high + 0.03)
