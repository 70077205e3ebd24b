"""The curve of errors and the days of a report."""

import json
from datetime import UTC, datetime, timedelta

from reporting.drift.error_drift import ConceptDrift, ErrorRise
from reporting.evidently_reports.quality_over_time import draw_days, draw_errors
from reporting.insufficient import Insufficient
from reporting.windows.quality_history import DayQuality, ErrorBlock

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
FEW = Insufficient(3, "too few")


def block(number, wrong, version="0001"):
    return ErrorBlock(AT + timedelta(hours=number), 50 * number, 50, wrong, 0.05, version)


def texts_of(widget):
    drawn = widget.params
    return [one["text"] for one in drawn["layout"].get("annotations", [])]


def test_the_curve_shows_what_was_wrong_beside_what_was_expected():
    (widget,) = draw_errors([block(1, 0.04), block(2, 0.3)], FEW)
    assert widget.title == "Errors over time: 100 labelled rows, 50 to a point"
    wrong, expected = widget.params["data"]
    assert (list(wrong["y"]), list(expected["y"])) == ([0.04, 0.3], [0.05, 0.05])
    assert texts_of(widget) == []


def test_versions_and_what_was_found_are_marked():
    errors = ConceptDrift(ErrorRise(60, 140, 1.8, 0.05), 0.3, 0.05, {"0001": 90}, 150)
    (widget,) = draw_errors([block(1, 0.0), block(2, 0.2), block(3, 0.3, "0002")], errors)
    assert texts_of(widget) == ["version 0002", "errors rise", "found"]


def test_one_point_is_no_curve():
    assert draw_errors([block(1, 0.1)], FEW) == []


def test_a_day_without_labels_has_only_what_is_expected():
    days = [
        DayQuality("2026-11-01", 1000, 250, 0.92, 0.94, 0.01),
        DayQuality("2026-11-02", 10, 0, None, None, None),
    ]
    (widget,) = draw_days(days)
    shown = json.dumps(widget.params)
    for text in ("75%", "92.0% of 250", "100%"):
        assert text in shown
    assert draw_days([]) == []
