import numpy as np
import pytest

from reporting.drift.error_drift import ErrorRateMonitor
from reporting.insufficient import Insufficient


def stream(*parts, seed=6, start=1):
    """(rows, error rate) after another, numbered by seq."""
    rng = np.random.default_rng(seed)
    errors = np.concatenate([rng.random(rows) < rate for rows, rate in parts])
    return [(start + row, bool(error)) for row, error in enumerate(errors)]


def test_a_steady_error_rate_is_no_drift():
    result = ErrorRateMonitor(0.05).update(stream((5_000, 0.05)))
    assert (result.detected, result.found) == (False, None)
    assert result.estimate == pytest.approx(0.05, abs=0.01)


def test_a_rise_is_found_and_dated():
    result = ErrorRateMonitor(0.05).update(stream((1_000, 0.05), (300, 0.2)))
    assert (result.detected, result.found.detector) == (True, "cusum")
    assert 1_000 < result.found.at <= 1_200
    assert result.found.since == pytest.approx(1_000, abs=50)


def test_adwin_finds_a_rise_that_the_reference_hides():
    result = ErrorRateMonitor(0.3).update(stream((3_000, 0.02), (2_000, 0.2)))
    assert (result.detected, result.found.detector) == (True, "adwin")
    assert result.found.since == pytest.approx(3_000, abs=300)


def test_fewer_errors_are_no_drift():
    assert not ErrorRateMonitor(0.2).update(stream((2_000, 0.2), (2_000, 0.02))).detected


def test_rows_that_were_fed_before_are_passed_over():
    monitor, rows = ErrorRateMonitor(0.05), stream((1_000, 0.05))
    monitor.update(rows[:700])
    assert monitor.update(rows).rows == 1_000


def test_feeding_in_parts_is_feeding_at_once():
    rows = stream((1_000, 0.05), (300, 0.2))
    parts = ErrorRateMonitor(0.05)
    for start in range(0, len(rows), 37):
        result = parts.update(rows[start : start + 37])
    assert result == ErrorRateMonitor(0.05).update(rows)


def test_a_drift_stays_until_the_errors_are_as_before():
    monitor = ErrorRateMonitor(0.05)
    assert monitor.update(stream((500, 0.05), (300, 0.3))).detected
    assert monitor.update(stream((100, 0.05), start=801)).detected
    assert not monitor.update(stream((3_000, 0.05), start=901)).detected


def test_promotions_that_do_not_help_do_not_hide_a_rise():
    """Each version erred for 50 rows only, too few to find out about any one of them."""
    monitor = ErrorRateMonitor(0.05, minimum_rows=50)
    for start in range(1, 1_000, 50):
        monitor.update(stream((50, 0.2), start=start, seed=start))
        monitor.promote(0.05)
    assert monitor.state().detected


def test_after_a_promotion_a_drift_is_over_once_the_version_has_proved_itself():
    monitor = ErrorRateMonitor(0.05, minimum_rows=50)
    assert monitor.update(stream((500, 0.05), (300, 0.3))).detected
    monitor.promote(0.05)
    assert monitor.update(stream((20, 0.0), start=801)).detected
    after = monitor.update(stream((40, 0.0), start=821))
    assert (after.detected, after.estimate) == (False, 0.0)


def test_several_promotions_prove_together_that_a_drift_is_over():
    """None of them alone was asked often enough."""
    monitor = ErrorRateMonitor(0.05, minimum_rows=50)
    assert monitor.update(stream((500, 0.05), (300, 0.3))).detected
    for start in (801, 821, 841):
        monitor.promote(0.05)
        monitor.update(stream((20, 0.0), start=start))
    assert not monitor.state().detected


def test_after_a_promotion_that_does_not_help_a_drift_stays():
    monitor = ErrorRateMonitor(0.05, minimum_rows=50)
    assert monitor.update(stream((500, 0.05), (300, 0.3))).detected
    monitor.promote(0.05)
    assert monitor.update(stream((200, 0.3), start=801)).detected


def test_few_rows_are_insufficient():
    result = ErrorRateMonitor(0.05).update(stream((150, 0.05)))
    assert result == Insufficient(150, "150 labelled rows, at least 200 are needed")


def test_no_rows_are_insufficient():
    assert isinstance(ErrorRateMonitor(0.05).update([]), Insufficient)


def test_a_collapse_is_told_before_there_are_enough_rows():
    assert ErrorRateMonitor(0.05).update([(row, True) for row in range(50)]).detected


@pytest.mark.parametrize("reference_error", [0.0, 1.0])
def test_a_reference_without_or_with_only_errors_is_no_crash(reference_error):
    result = ErrorRateMonitor(reference_error).update(stream((500, reference_error)))
    assert (result.detected, result.rows) == (False, 500)


def test_a_single_error_after_a_perfect_reference_is_no_drift():
    rows = [(row, row == 300) for row in range(500)]
    assert not ErrorRateMonitor(0.0).update(rows).detected


def test_a_version_without_labels_yet_is_told_the_latest_rows_and_not_those_of_a_drift_before():
    """The dashboard once read 30 % wrong where the scores beside it read none."""
    monitor = ErrorRateMonitor(0.05, minimum_rows=50)
    monitor.update(stream((500, 0.05), (300, 0.5)))
    monitor.promote(0.05)
    monitor.update(stream((100, 0.0), start=801))
    monitor.promote(0.05)
    assert (monitor.state().detected, monitor.state().estimate) == (False, 0.0)
