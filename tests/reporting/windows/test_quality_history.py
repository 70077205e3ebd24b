"""Errors along the labels and quality by day, out of a real store."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from reporting.windows.expected_errors import ExpectedErrors
from reporting.windows.quality_history import DAYS, read_days, read_error_curve
from reporting.windows.reference_window import load_reference_window

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


def fill(traffic, back, rows, labelled, wrong=0):
    """Predictions of some day, of which some are labelled, and some of these wrongly."""
    values, _ = traffic.draw(rows)
    at = (NOW - timedelta(days=back)).timestamp()
    ids = traffic.predict(values, at)
    said = dict(zip(ids, labels_of(traffic, ids), strict=True))
    other = {"benign": "malignant", "malignant": "benign"}
    for place, one in enumerate(ids[:labelled]):
        traffic.answer([one], [other[said[one]] if place < wrong else said[one]])


def labels_of(traffic, ids):
    with traffic.engine.connect() as connection:
        query = "SELECT id, prediction FROM predictions"
        known = dict(connection.exec_driver_sql(query).all())
    return [known[one] for one in ids]


def days_of(traffic, now=NOW):
    baseline = load_reference_window(traffic.installation.artifacts(), 200)
    return read_days(traffic.engine, baseline.calibration, baseline.version, now)


def curve_of(traffic):
    errors = ExpectedErrors(traffic.installation.artifacts())
    return read_error_curve(traffic.engine, errors, live="0001")


def test_each_day_says_what_is_known_and_what_is_expected(fresh):
    fill(fresh, back=2, rows=20, labelled=10, wrong=1)
    fill(fresh, back=0, rows=30, labelled=0)
    first, last = days_of(fresh)
    assert (first.day, first.predictions, first.labelled) == ("2026-11-18", 20, 10)
    assert (first.accuracy, first.still_out) == (0.9, 0.5)
    assert (last.day, last.predictions, last.accuracy, last.still_out) == (
        "2026-11-20",
        30,
        None,
        1,
    )
    assert 0.5 < last.foretold <= 1
    assert 0 <= last.error < 0.2


def test_what_another_version_predicted_is_not_foretold(fresh):
    fill(fresh, back=1, rows=20, labelled=20)
    fresh.installation.train()
    (day,) = days_of(fresh)
    assert (day.accuracy, day.foretold) == (1, None)


def test_days_end_at_midnight_and_old_ones_are_left_out(fresh):
    fill(fresh, back=DAYS, rows=5, labelled=0)
    midnight = datetime(2026, 11, 19, tzinfo=UTC)
    for moment in (midnight - timedelta(milliseconds=2), midnight):
        fresh.predict(fresh.draw(1)[0], moment.timestamp())
    assert [day.day for day in days_of(fresh)] == ["2026-11-18", "2026-11-19"]


def test_errors_are_told_in_the_order_of_their_labels(fresh):
    for wrong in (0, 25):
        fill(fresh, back=0, rows=25, labelled=25, wrong=wrong)
    before, after = curve_of(fresh)
    assert (before.rows, before.wrong, after.wrong) == (25, 0, 1)
    assert before.last_seq < after.last_seq
    assert before.until <= after.until
    assert abs(after.until.timestamp() - time.time()) < 60
    assert 0 < before.expected < 0.3
    assert 0 < after.expected < 0.3
    assert before.version == "0001"


@pytest.mark.parametrize("read", [days_of, curve_of])
def test_an_empty_store_has_no_history(fresh, read):
    assert read(fresh) == []
