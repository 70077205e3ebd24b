from reporting.monitoring.alarm import Alarms, Confirmation


def run(*passes):
    alarm = Confirmation()
    for first, last, drifted in passes:
        alarm = alarm.after(first, last, drifted)
    return alarm


def test_one_drifted_window_does_not_hold():
    assert not run((1, 500, True)).holds


def test_passes_over_the_same_rows_do_not_hold():
    assert not run((1, 500, True), (100, 600, True), (500, 1_000, True)).holds


def test_two_drifted_windows_without_a_common_row_hold():
    assert run((1, 500, True), (100, 600, True), (501, 1_000, True)).holds


def test_a_quiet_window_in_between_ends_it():
    assert not run((1, 500, True), (501, 1_000, False), (1_001, 1_500, True)).holds


def test_an_alarm_that_holds_goes_on_until_a_window_is_quiet():
    loud = run((1, 500, True), (501, 1_000, True), (600, 1_100, False))
    assert loud.holds
    assert not loud.after(1_001, 1_500, False).holds


def test_a_drift_is_timed_from_the_first_pass_that_saw_it():
    assert run((1, 500, False), (100, 600, True), (601, 1_100, True)).holds


def test_a_column_that_another_version_does_not_have_holds_no_alarm():
    held = Alarms().after(1, 10, {"age": True}, 0.0).after(11, 20, {"age": True}, 1.0)
    assert held.held == {"age": 0.0}
    assert held.after(21, 30, {"income": False}, 2.0).held == {}


def test_a_column_without_a_verdict_keeps_its_alarm():
    held = Alarms().after(1, 10, {"age": True}, 0.0).after(11, 20, {"age": True}, 1.0)
    assert held.after(21, 30, {}, 2.0, silent={"age"}).holds


def test_each_column_is_asked_for_itself():
    """Two features that drifted once each are two accidents."""
    alarms = Alarms().after(1, 10, {"age": True, "income": False}, 0.0)
    assert not alarms.after(11, 20, {"age": False, "income": True}, 1.0).holds
