import numpy as np
import pytest

from pipeline.quality.calibration import cautious
from reporting.drift.error_drift import ErrorRateMonitor, LabelledRow
from reporting.insufficient import Insufficient

LEAST = 200


def stream(*parts, seed=6, start=1, expected=0.05, version="0001"):
    """(rows, error rate) after another, numbered by seq."""
    rng = np.random.default_rng(seed)
    errors = np.concatenate([rng.random(rows) < rate for rows, rate in parts])
    return [
        LabelledRow(start + row, bool(error), expected, version) for row, error in enumerate(errors)
    ]


def feed(*rows, monitor=None):
    monitor = monitor or ErrorRateMonitor()
    for some in rows:
        monitor.update(some)
    return monitor


def state(monitor, version="0001", least=LEAST):
    return monitor.state(version, least)


def test_a_steady_error_rate_is_no_drift():
    result = state(feed(stream((5_000, 0.05))))
    assert (result.detected, result.expected) == (False, pytest.approx(0.05))
    assert result.estimate == pytest.approx(0.05, abs=0.02)


def test_a_rise_is_found_and_dated():
    result = state(feed(stream((1_000, 0.05), (300, 0.2))))
    assert 1_000 < result.found.at <= 1_300
    assert result.found.since == pytest.approx(1_000, abs=200)


def test_a_small_rise_of_a_model_that_errs_often_is_found():
    """Of 39 % errors five points more were missed in three cases of four."""
    found = 0
    for seed in range(10):
        rows = stream((500, 0.39), (2_500, 0.44), seed=seed, expected=cautious(0.39, 2_000))
        found += state(feed(rows)).detected
    assert found >= 9


def test_each_row_counts_against_what_was_expected_of_its_version():
    """A version that was known to err often is no drift of one that does not."""
    weak = stream((800, 0.3), expected=0.3, version="0001")
    good = stream((800, 0.05), start=801, expected=0.05, version="0002")
    assert not state(feed(weak, good), "0002").detected
    assert state(feed(weak, stream((800, 0.3), start=801)), "0002").detected


def test_fewer_errors_are_no_drift():
    rows = stream((2_000, 0.2), (2_000, 0.02), expected=0.2)
    assert not state(feed(rows)).detected


def test_rows_that_were_fed_before_are_passed_over():
    rows = stream((1_000, 0.05))
    assert feed(rows[:700], rows).rows == 1_000


def test_feeding_in_parts_is_feeding_at_once():
    rows = stream((1_000, 0.05), (300, 0.2))
    parts = feed(*(rows[start : start + 37] for start in range(0, len(rows), 37)))
    assert parts == feed(rows)


def test_a_drift_stays_until_the_errors_are_as_expected():
    monitor = feed(stream((500, 0.05), (300, 0.3)))
    assert state(feed(stream((40, 0.05), start=801), monitor=monitor)).detected
    assert not state(feed(stream((1_000, 0.05), start=841), monitor=monitor)).detected


def test_promotions_that_do_not_help_do_not_hide_a_rise():
    """Each version erred for 50 rows only, too few to find out about any one of them."""
    monitor = ErrorRateMonitor()
    for start in range(1, 1_000, 50):
        monitor.update(stream((50, 0.2), start=start, seed=start))
        monitor.promote()
    assert state(monitor).detected


def test_after_a_promotion_a_drift_is_over_once_the_version_has_proved_itself():
    monitor = feed(stream((500, 0.05), (300, 0.3)))
    monitor.promote()
    assert state(feed(stream((20, 0.0), start=801), monitor=monitor)).detected
    assert not state(feed(stream((60, 0.0), start=821), monitor=monitor)).detected


def test_after_a_promotion_that_does_not_help_a_drift_stays():
    monitor = feed(stream((500, 0.05), (300, 0.3)))
    monitor.promote()
    assert state(feed(stream((200, 0.3), start=801), monitor=monitor)).detected


def test_few_rows_are_insufficient():
    result = state(feed(stream((150, 0.05))))
    assert result == Insufficient(150, "150 labelled rows, at least 200 are needed")


def test_no_rows_are_insufficient():
    assert isinstance(state(ErrorRateMonitor()), Insufficient)


def test_a_collapse_is_told_before_there_are_enough_rows():
    assert state(feed(stream((50, 1.0)))).detected


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_an_expectation_of_no_or_only_errors_is_no_crash(rate):
    result = state(feed(stream((500, rate), expected=rate)))
    assert (result.detected, result.rows) == (False, 500)


def test_a_single_error_after_a_perfect_reference_is_no_drift():
    rows = [LabelledRow(row, row == 300, 0.0, "0001") for row in range(500)]
    assert not state(feed(rows)).detected


def test_a_version_without_labels_yet_is_told_the_latest_rows_and_not_those_of_a_drift_before():
    """The dashboard once read 30 % wrong where the scores beside it read none."""
    monitor = feed(stream((500, 0.05), (300, 0.5)))
    monitor.promote()
    monitor.update(stream((100, 0.0), start=801, version="0002"))
    result = state(monitor, "0003", 50)
    assert (result.detected, result.estimate) == (False, 0.0)
