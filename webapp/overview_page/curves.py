"""The pictures of how it went: quality, predictions and confidence over time, and decisions."""

from typing import Any

import altair as alt

from webapp.client.history import History, Mark, Point
from webapp.texts import mark, say
from webapp.widgets.formats import day_format, percent, tick_format

HEIGHT, LOW_HEIGHT, DRIFT_HEIGHT = 240, 170, 110
MOST_NAMES = 10  # of a tooltip
KNOWN, EXPECTED, CONFIDENCE = mark("by answers"), mark("expected"), mark("confidence")
COLOURS = {KNOWN: "#0f9d8a", EXPECTED: "#d97706", CONFIDENCE: "#868b90"}
ANSWERED, TO_COME = mark("answered"), mark("answer to come")
PARTS = {ANSWERED: "#0f9d8a", TO_COME: "#a8b0b5"}
STATES = {
    mark("promoted"): "#0f9d8a",
    mark("rejected"): "#d97706",
    mark("rolled back"): "#8b5cf6",
    mark("failed"): "#dc2626",
}
FEW_DAYS = 2 * 86_400
LEAST_ANSWERS = 5  # of a point: a share of fewer jumps up and down


def draw_quality(history: History) -> Any:
    """Quality as answers tell it, and as confidence let expect before they came."""
    rows = [row for point in history.points for row in _shares(point)]
    lines = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_line(point=alt.OverlayMarkDef(size=28))
        .encode(
            x=_time(history),
            y=alt.Y(
                "share:Q",
                title=None,
                axis=alt.Axis(format="%"),
                scale=alt.Scale(domain=_around([row["share"] for row in rows])),
            ),
            color=_colour(COLOURS),
            tooltip=[
                alt.Tooltip("what:N", title=say("accuracy")),
                alt.Tooltip("text:N", title=say("share")),
                alt.Tooltip("rows:Q", title=say("rows"), format=","),
                alt.Tooltip("to_come:N", title=say("answers to come")),
                alt.Tooltip("at:T", title=say("from"), format=tick_format()),
            ],
        )
    )
    return _with_marks(lines, history).properties(height=HEIGHT)


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
            "what": say(what),
            "share": share,
            "text": percent(share),
            "rows": known.labelled if what == KNOWN else known.predictions,
            "to_come": percent(known.to_come),
        }
        for what, share in told.items()
        if share is not None
    ]


def draw_predictions(history: History) -> Any:
    """How many predictions there were, and how many of them have an answer."""
    rows = [row for point in history.points for row in _stack(point, _seconds(history))]
    bars = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_rect()
        .encode(
            x=_time(history),
            x2="end:T",
            y=alt.Y("low:Q", title=None, axis=alt.Axis(tickMinStep=1, tickCount=4)),
            y2="high:Q",
            color=_colour(PARTS),
            tooltip=[
                alt.Tooltip("what:N", title=say("predictions")),
                alt.Tooltip("count:Q", title=say("rows"), format=","),
                alt.Tooltip("to_come:N", title=say("answers to come")),
                alt.Tooltip("at:T", title=say("from"), format=tick_format()),
            ],
        )
    )
    return _with_marks(bars, history).properties(height=LOW_HEIGHT)


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
        .mark_rect(color=COLOURS[EXPECTED], opacity=0.8)
        .encode(
            x=_time(history),
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
    return _with_marks(steps, history).properties(height=DRIFT_HEIGHT)


def _around(shares: list[float]) -> tuple[float, float]:
    """From a little below the least to a little above the most, within what shares can be."""
    low, high = min(shares, default=0.0), max(shares, default=1.0)
    return max(0.0, low - 0.03), min(1.0, high + 0.03)


def _stack(point: Point, seconds: int) -> list[dict[str, Any]]:
    """The answered ones below, those whose answer is to come above."""
    told = point.quality
    answered = min(told.labelled, told.predictions)
    ends = {ANSWERED: (0, answered), TO_COME: (answered, told.predictions)}
    moment = {"at": point.at * 1000, "end": (point.at + seconds) * 1000}
    to_come = percent(told.to_come)
    return [
        {
            **moment,
            "what": say(what),
            "low": low,
            "high": high,
            "count": high - low,
            "to_come": to_come,
        }
        for what, (low, high) in ends.items()
    ]


def _colour(colours: dict[str, str]) -> Any:
    return alt.Color("what:N", scale=_scale(colours), legend=alt.Legend(title=None, orient="top"))


def _scale(colours: dict[str, str]) -> Any:
    return alt.Scale(domain=[say(name) for name in colours], range=list(colours.values()))


def _seconds(history: History) -> int:
    return {"minute": 60, "hour": 3_600, "day": 86_400}[history.step]


def _time(history: History) -> Any:
    """Hours while it is about few days, else days."""
    shape = "%H:%M" if history.end - history.begin <= FEW_DAYS else day_format()
    return alt.X("at:T", title=None, axis=alt.Axis(format=shape, labelOverlap=True, tickCount=12))


def _draw_span(history: History) -> Any:
    """Nothing to see, but it makes the axis reach over all the time that was asked for."""
    ends = [{"at": history.begin * 1000}, {"at": history.end * 1000}]
    return alt.Chart(alt.InlineData(values=ends)).mark_rule(opacity=0).encode(x=_time(history))


def _with_marks(chart: Any, history: History) -> Any:
    marks = [_describe(one) for one in history.marks]
    drawn = chart + _draw_span(history)
    if not marks:
        return drawn
    rules = (
        alt.Chart(alt.InlineData(values=marks))
        .mark_rule(strokeDash=[4, 3], strokeWidth=2)
        .encode(
            x=_time(history),
            stroke=alt.Stroke(
                "state:N",
                scale=_scale(STATES),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("state:N", title=say("decision")),
                alt.Tooltip("version:N", title=say("version")),
                alt.Tooltip("reason:N", title=say("why")),
                alt.Tooltip("at:T", title=say("when"), format=tick_format()),
            ],
        )
    )
    return drawn + rules


def _describe(decision: Mark) -> dict[str, Any]:
    return {
        "at": decision.at * 1000,
        "state": say(decision.state),
        "version": decision.version or say("none"),
        "reason": decision.reason,
    }
