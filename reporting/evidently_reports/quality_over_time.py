"""Errors as labels came, and quality by day of prediction: a curve and a table of a report."""

from collections.abc import Sequence
from itertools import pairwise

from evidently.legacy.model.widget import BaseWidgetInfo
from evidently.legacy.renderers.html_widgets import plotly_figure
from plotly import graph_objects

from reporting.drift.error_drift import ConceptDrift
from reporting.evidently_reports.document import table
from reporting.insufficient import Insufficient
from reporting.windows.quality_history import DayQuality, ErrorBlock

HEIGHT = 480
WRONG, EXPECTED, MARK = "#c0392b", "#7f8c8d", "#0f766e"
DAY_COLUMNS = (
    "day of prediction (UTC)",
    "predictions",
    "labels still out",
    "accuracy by labels",
    "accuracy expected without",
)


def draw_errors(
    blocks: Sequence[ErrorBlock], errors: ConceptDrift | Insufficient
) -> list[BaseWidgetInfo]:
    """Nothing below two points, which are no curve."""
    if len(blocks) < 2:
        return []
    times = [block.until for block in blocks]
    figure = graph_objects.Figure()
    for name, shares, colour, dash in (
        ("wrong, by labels", [block.wrong for block in blocks], WRONG, "solid"),
        ("expected of the version", [block.expected for block in blocks], EXPECTED, "dash"),
    ):
        line = {"color": colour, "dash": dash}
        figure.add_scatter(x=times, y=shares, name=name, line=line, mode="lines+markers")
    for before, block in pairwise(blocks):
        if block.version != before.version:
            _mark(figure, block, f"version {block.version}", MARK)
    if isinstance(errors, ConceptDrift) and errors.found is not None:
        found = errors.found
        for seq, words in ((found.since, "errors rise"), (found.at, "found")):
            _mark(figure, _block_of(blocks, seq), words, WRONG)
    figure.update_layout(height=HEIGHT, legend={"orientation": "h"}, margin={"t": 30})
    figure.update_yaxes(tickformat=".0%", rangemode="tozero", title="share of labelled rows")
    rows = sum(block.rows for block in blocks)
    title = f"Errors over time: {rows:,} labelled rows, {blocks[0].rows} to a point"
    return [plotly_figure(title=title, figure=figure)]


def _block_of(blocks: Sequence[ErrorBlock], seq: int) -> ErrorBlock:
    return next((block for block in blocks if block.last_seq >= seq), blocks[-1])


def _mark(figure: graph_objects.Figure, block: ErrorBlock, words: str, colour: str) -> None:
    figure.add_vline(x=block.until.timestamp() * 1000, line={"color": colour, "dash": "dot"})
    figure.add_annotation(x=block.until, y=1, yref="paper", text=words, showarrow=False)


def draw_days(days: Sequence[DayQuality]) -> list[BaseWidgetInfo]:
    if not days:
        return []
    rows = [
        (
            day.day,
            f"{day.predictions:,}",
            f"{day.still_out:.0%}",
            "-" if day.accuracy is None else f"{day.accuracy:.1%} of {day.labelled:,}",
            _say_foretold(day),
        )
        for day in days
    ]
    return [table("Quality by day of prediction", DAY_COLUMNS, rows)]


def _say_foretold(day: DayQuality) -> str:
    if day.foretold is None or day.error is None:
        return "-"
    return f"{day.foretold:.1%} ± {2 * day.error:.1%}"
