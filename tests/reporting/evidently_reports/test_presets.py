"""Evidently's verdicts are ours, and none of its known crashes reaches us."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reporting.batch.files import BatchPair
from reporting.drift.categorical_tests import count_labels, detect_label_drift
from reporting.drift.dataset_drift import compare
from reporting.drift.reference_columns import make_family
from reporting.evidently_reports.presets import (
    classification,
    column_drift,
    data_summary,
    label_drift,
    one_drift,
)
from reporting.evidently_reports.sections import OmittedSection, draw
from reporting.insufficient import Insufficient

AT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def rng():
    return np.random.default_rng(6)


def draw_whole(section):
    """The section as drawn; whatever it cannot be is shown by the failing test."""
    drawn = draw(section, AT)
    assert not isinstance(drawn, OmittedSection), drawn.reason
    return drawn


def texts_of(drawn):
    return str([widget.dict() for widget in drawn.widgets])


def drift_table(drawn):
    """What Evidently's table says of each column."""
    (table,) = (widget for widget in drawn.widgets if widget.type == "big_table")
    return {row["column_name"]: row["data_drift"] == "Detected" for row in table.params["data"]}


def counted(drawn):
    """How many columns Evidently counts as drifted."""
    names = [name for name, one in drawn.metric_results.items() if hasattr(one, "share")]
    (result,) = (drawn.metric_results[name] for name in names)
    return result.count.value


def columns(rng, rows, moved):
    """Every kind of column: normal, moved a little or much, whole numbers, constant, categories."""
    return {
        "same": rng.normal(size=rows),
        "moved": rng.normal(1.0 * moved, 1, rows),
        "moved_a_hair": rng.normal(0.05 * moved, 1, rows),
        "dice": rng.integers(1, 7, rows),
        "two_values": rng.integers(0, 2, rows),
        "loaded": rng.integers(1, 7, rows) + 2 * moved,
        "constant": np.full(rows, 3.0),
        "plan": rng.choice(np.array(["a", "b", "c"], dtype=object), rows),
        "other_plan": rng.choice(np.array(["a", "b", "new"][: 2 + moved], dtype=object), rows),
    }


def look(before, now):
    pair = BatchPair(
        Path("a.csv"), Path("b.csv"), pd.DataFrame(before), pd.DataFrame(now), "", [], [], "", []
    )
    features, known, window = pair.encode()
    return compare([make_family("features", features, known, 200)], {"features": window})


@pytest.mark.slow
@pytest.mark.parametrize("rows", [300, 2_000])
def test_evidently_says_of_every_column_what_we_say(rng, rows):
    before, now = columns(rng, rows, 0), columns(rng, 400, 1)
    found = look(before, now)
    drawn = draw_whole(column_drift("Drift", found.columns, now, before))
    ours = {column.name: column.drifted for column in found.columns}
    assert drift_table(drawn) == ours
    assert counted(drawn) == sum(ours.values())
    assert {"moved", "loaded", "other_plan"} <= {name for name in ours if ours[name]}
    assert list(drift_table(drawn).values()) == sorted(ours.values(), reverse=True)


def test_a_move_too_small_to_matter_is_not_detected_by_evidently_either(rng):
    before, now = {"a": rng.normal(size=20_000)}, {"a": rng.normal(0.06, 1, 20_000)}
    (found,) = look(before, now).columns
    assert (found.score < found.threshold, found.drifted) == (True, False)
    drawn = draw_whole(one_drift("Drift", found, now, before))
    assert "Data drift not detected" in texts_of(drawn)


@pytest.mark.parametrize("labels", [["a", "b"], ["a", "b", "c"]])
@pytest.mark.parametrize("share", [0.1, 0.5])
def test_evidently_says_of_labels_what_we_say(rng, labels, share):
    before = rng.choice(labels, 1_000)
    now = rng.choice(labels, 400, p=[share, *[(1 - share) / (len(labels) - 1)] * (len(labels) - 1)])
    found = detect_label_drift(count_labels(before), count_labels(now))
    drawn = draw_whole(label_drift("target", found, now, before))
    assert ("Data drift detected" in texts_of(drawn)) == found.drifted


def test_a_label_that_the_reference_never_had_is_drawn(rng):
    before, now = rng.choice(["a", "b"], 1_000), rng.choice(["a", "new"], 400)
    found = detect_label_drift(count_labels(before), count_labels(now))
    assert found.unseen == ("new",)
    assert "new" in texts_of(draw_whole(label_drift("target", found, now, before)))


def test_labels_of_mixed_types_are_compared_as_text(rng):
    before = np.array([1, "b", True] * 200, dtype=object)
    now = np.array(["1", "b", 2.5] * 100, dtype=object)
    found = detect_label_drift(count_labels(before), count_labels(now))
    assert found.drifted
    draw_whole(label_drift("target", found, now, before))


def labelled(targets, predictions):
    return pd.DataFrame({"target": targets, "prediction": predictions}, dtype=object)


REFERENCE = labelled(["a", "b", "c"] * 100, ["a", "b", "b"] * 100)
WINDOWS = {
    "a label is missing": labelled(["a", "b"] * 50, ["a", "b"] * 50),
    "a label is missing from the targets": labelled(["a", "b"] * 50, ["c", "b"] * 50),
    "a label is never predicted": labelled(["a", "b", "c"] * 50, ["a", "a", "a"] * 50),
    "a label is unknown": labelled(["a", "new", "c"] * 50, ["a", "a", "c"] * 50),
    "types are mixed": labelled([1, "b", 2.5, True] * 50, ["b", 1, 1, "c"] * 50),
    "targets are missing": labelled(["a", None, np.nan, "b"] * 50, ["a", "b", "b", "b"] * 50),
}


@pytest.mark.parametrize("what", WINDOWS)
def test_classification_is_drawn_although(what):
    drawn = draw_whole(classification("Classification", WINDOWS[what], REFERENCE))
    assert len(drawn.metric_results) > 3


def test_two_labels_have_figures_each():
    two = labelled(["no", "yes"] * 50, ["no", "no", "no", "yes"] * 25)
    drawn = draw_whole(classification("Classification", two, two))
    by_label = [one.values for one in drawn.metric_results.values() if hasattr(one, "values")]
    assert all(set(values) == {"no", "yes"} for values in by_label)
    assert by_label


def test_labels_that_one_side_alone_has_are_drawn_without_the_other():
    section = classification("Classification", WINDOWS["a label is unknown"], REFERENCE)
    assert (section.reference, "the window alone" in section.title) == (None, True)
    same = classification("Classification", REFERENCE, REFERENCE)
    assert (same.reference is None, same.title) == (False, "Classification")


@pytest.mark.parametrize(
    "window",
    [
        labelled(["a"] * 50, ["a"] * 50),
        labelled(["a"] * 50, ["b"] * 50),
        labelled([None] * 50, ["a"] * 50),
        labelled([], []),
    ],
)
def test_classification_of_less_than_two_labels_is_left_out_with_a_reason(window):
    for one, other, name in ((window, REFERENCE, "window"), (REFERENCE, window, "reference")):
        left = classification("Classification", one, other)
        assert isinstance(left, OmittedSection)
        assert name in left.reason


@pytest.mark.parametrize(
    "found",
    [detect_label_drift({"a": 500}, {}), detect_label_drift({}, {"a": 500})],
    ids=["now", "before"],
)
def test_labels_without_rows_are_left_out(found):
    assert label_drift("target", found, [], []).reason == found.reason
    assert isinstance(found, Insufficient)


def test_a_summary_leaves_empty_and_missing_columns_out():
    now = pd.DataFrame({"a": [1.0, 2.0] * 50, "empty": np.nan, "new": 1.0, "infinite": np.inf})
    before = pd.DataFrame({"a": [1.0, 3.0] * 50, "empty": 1.0, "gone": 1.0, "infinite": 2.0})
    section = data_summary("Values", now, before)
    assert list(section.current) == ["a"]
    draw_whole(section)


@pytest.mark.parametrize(
    "frame", [pd.DataFrame(), pd.DataFrame({"a": []}), pd.DataFrame({"a": [np.nan]})]
)
def test_a_summary_of_nothing_is_left_out(frame):
    assert data_summary("Values", frame, None).reason == "no feature has a value"


def test_a_drift_table_without_columns_is_left_out():
    assert isinstance(column_drift("Drift", [], {}, {}), OmittedSection)


def test_huge_values_and_infinities_are_no_crash_and_no_warning(rng):
    before = {"a": rng.normal(size=500)}
    now = {"a": np.array([1e308, -1e308, np.inf, -np.inf, np.nan] * 100)}
    (found,) = look(before, now).columns
    drawn = draw_whole(column_drift("Drift", [found], now, before))
    assert drift_table(drawn) == {"a": found.drifted}


def test_a_column_without_a_value_is_not_drawn(rng):
    before, now = {"a": rng.normal(size=500)}, {"a": rng.normal(size=500)}
    found = look(before, now).columns
    section = column_drift("Drift", found, {"a": [np.nan] * 500}, before)
    assert section.reason == "no column has a value"


def test_what_evidently_cannot_draw_is_left_out_with_its_reason(rng, caplog):
    before, now = {"a": rng.normal(size=500)}, {"a": rng.normal(size=500)}
    (found,) = look(before, now).columns
    left = draw(column_drift("Drift", [found], now, {"a": [np.nan] * 500}), AT)
    assert left.reason.startswith("Evidently cannot draw it")
    assert "Evidently cannot draw 'Drift'" in caplog.text
