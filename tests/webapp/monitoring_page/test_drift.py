"""How reporting's figures are read and shown; what is absent is never a 0."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.webapp.tables import tables_of
from webapp.client.metrics_text import MetricsUnavailable, read_figures
from webapp.monitoring_page.page import isolate, say_no_report
from webapp.wording.reporting import say_check

FIGURES = """
drift_score{feature="PCA_1",method="ks",direction="below"} 0.001
drift_threshold{feature="PCA_1",method="ks"} 0.01
drift_detected{feature="PCA_1"} 1
drift_change{feature="depth",change="sd higher"} 0.314
drift_since_timestamp_seconds{feature="depth"} 1700000000
drift_change{feature="cut",change="of the rows more missing"} 0.1
drift_share 0.25
drift_alarm 1
prediction_drift_p_value 0.41
prediction_drift_detected 0
target_drift_insufficient 1
reporting_window_rows{data="labelled"} 40
reporting_least_rows{data="predictions"} 200
model_score{score="accuracy",data="live"} 0.9
model_score{score="accuracy",data="reference"} 0.95
predictions_total{prediction="1",version="0001"} 3
predictions_total{prediction="2",version="0001"} 4
"""


def drift_page(text):
    from unittest.mock import patch

    from webapp.client.metrics_text import read_figures
    from webapp.monitoring_page import drift

    with patch.object(drift, "fetch_metrics", lambda _: read_figures(text)):
        drift.show_drift("")


def shown(text):
    app = AppTest.from_function(drift_page, args=(text,)).run()
    assert not app.exception
    return app


def test_a_value_is_found_by_its_labels():
    figures = read_figures(FIGURES)
    assert figures.value("model_score", score="accuracy", data="live") == 0.9
    assert figures.value("model_score", score="f1") is None
    assert figures.total("predictions_total") == 7


def test_what_is_no_prometheus_text_is_refused():
    with pytest.raises(MetricsUnavailable):
        read_figures("<html><body>{</body>")


def test_each_kind_of_drift_has_its_verdict():
    verdicts = [one.value for one in shown(FIGURES).markdown if one.value.startswith("### ")]
    words = [verdict.split("[")[1].rstrip("]") for verdict in verdicts]
    assert words == ["drifted", "steady", "too few rows: 40 of 200", "not known"]


def test_a_reference_that_is_too_small_is_told_apart():
    """It said "too few rows: 369 of 80"."""
    text = FIGURES.replace('{data="labelled"} 40', '{data="labelled"} 400')
    told = [
        one.value for one in shown(f'{text}reporting_window_rows{{data="reference"}} 63\n').markdown
    ]
    assert "### :gray[too few rows of the reference: 63 of 200]" in told


def test_an_alarm_that_the_latest_rows_do_not_show_is_explained():
    """It said "drifted" beside "0 of the 20 latest answered rows are wrong"."""
    text = (
        'concept_drift_detected{detector="cusum"} 1\nconcept_judged_rows{version="0002"} 20\n'
        'concept_error_rate{data="expected"} 0.1\nconcept_error_rate{data="live"} RATE\n'
    )
    for rate, earlier in (("0.05", True), ("0.5", False)):
        told = "".join(one.value for one in shown(text.replace("RATE", rate)).markdown)
        assert ("Errors rose before" in told) == earlier


def test_what_moved_is_told_with_its_size_and_how_long_it_lasts():
    told = [one.value for one in shown(FIGURES).markdown if one.value.startswith("- **")]
    told = [one.replace("\\", "") for one in told]
    assert told[0].startswith("- **depth**: 0.31 sd higher, first found ")
    assert told[1] == "- **cut**: 0.1 of the rows more missing, in the latest window alone so far"


def test_the_errors_of_the_reference_are_not_taken_for_those_of_live_predictions():
    text = 'concept_error_rate{data="reference"} 0.04\n'
    captions = [one.value for one in shown(text).markdown if ":gray[" in one.value]
    assert "no figure yet" in captions[-1]


def test_quality_is_compared_with_the_reference():
    metric = shown(FIGURES).metric[0]
    assert (metric.label, metric.value, metric.delta) == ("Accuracy", "90.0\u202f%", "-5.0 points")


def test_without_scores_it_says_that_there_are_too_few_rows():
    app = shown("model_score_insufficient 1\n")
    assert "Too few labelled rows" in app.info[0].value
    assert not app.metric


def test_a_report_is_shut_into_a_frame_of_its_own():
    frame = isolate('<script>parent.location="x"</script>"')
    assert 'sandbox="allow-scripts"' in frame
    assert "<script>" not in frame


def test_the_expected_accuracy_is_shown_before_any_label_comes():
    text = 'model_score{score="accuracy",data="expected"} 0.84\nmodel_expected_error 0.015\n'
    told = [one.value for one in shown(text).markdown if "without labels" in one.value]
    assert "84.0\u202f%" in told[0]
    assert "give or take 3 points" in told[0]


def test_each_label_has_its_expected_scores_beside_those_by_labels():
    text = 'model_score{score="accuracy",data="expected"} 0.84\n'
    text += 'model_class_score{label="4",score="recall",data="live"} 0.5\n'
    text += 'model_class_score{label="4",score="recall",data="expected"} 0.8\n'
    (row,) = next(rows for rows in tables_of(shown(text)) if "recall" in rows[0])
    told = {"label": "4", "recall": "50.0\u202f%", "recall, expected": "80.0\u202f%"}
    assert row == told | {"precision": "-", "precision, expected": "-"}


def test_the_diagnosis_says_what_to_do():
    text = 'diagnosis{kind="none"} 0\ndiagnosis{kind="damage"} 1\n'
    assert any("Mend what sends them" in one.value for one in shown(text).markdown)


@pytest.mark.parametrize(
    ("alarm", "words"),
    [(1, "no single feature, but what they share"), (0, "no feature moved")],
)
def test_no_feature_among_those_that_moved_is_said_in_words(alarm, words):
    text = FIGURES.replace("drift_share 0.25", "drift_share 0")
    text = text.replace("drift_alarm 1", f"drift_alarm {alarm}")
    assert f":small[:gray[{words}]]" in [one.value for one in shown(text).markdown]


def test_a_share_too_small_to_be_read_is_no_nought():
    text = FIGURES.replace("drift_share 0.25", "drift_share 0.0004")
    assert ":small[:gray[fewer than 0.1\u202f% of the features drifted]]" in captions(text)


ERRORS = """
concept_drift_detected{detector="cusum"} 0
concept_error_rate{data="live"} 0.15
concept_error_rate{data="expected"} 0.09
"""


@pytest.mark.parametrize(
    ("versions", "words"),
    [
        ({"0007": 80}, "Predicted by version 0007"),
        ({"0006": 30, "0007": 50}, "Predicted by the versions 0006, 0007"),
        ({f"000{n}": 20 for n in range(1, 5)}, "Predicted by the versions 0001 to 0004"),
    ],
)
def test_a_share_of_errors_says_of_how_many_rows_and_of_which_version(versions, words):
    judged = [f'concept_judged_rows{{version="{one}"}} {rows}' for one, rows in versions.items()]
    told = captions(ERRORS + "\n".join(judged) + "\n")
    wrong = "12 of the 80 latest answered rows are wrong; 9.0\u202f% were expected"
    assert f":small[:gray[{wrong}. {words}]]" in told


def test_scores_say_of_how_many_rows_they_are_and_how_many_are_lacking():
    told = captions(FIGURES + 'model_score_rows{version="0007"} 80\n')
    assert any("Of the 80 latest answered rows, predicted by version 0007" in one for one in told)
    rows = 'reporting_window_rows{data="labelled"} 3\nreporting_least_rows{data="labelled"} 50\n'
    assert "3 of 50" in shown(f"model_score_insufficient 1\n{rows}").info[0].value


def test_a_p_value_is_no_run_of_noughts():
    text = "prediction_drift_p_value 2.1e-298\nprediction_drift_detected 1\n"
    assert ":small[:gray[p-value below 0.0001]]" in captions(text)


def test_what_is_wrong_with_data_is_said_in_words(monkeypatch):
    monkeypatch.setitem(st.session_state, "language", "fr")
    assert (say_check("out_of_range"), say_check("late_rows")) == (
        "hors de l'\u00e9tendue",
        "late rows",
    )


def captions(text):
    return [one.value for one in shown(text).markdown if ":gray[" in one.value]


@pytest.mark.parametrize(
    ("there", "words"), [(30, "of 200 predictions or more; there are 30"), (320, "within minutes")]
)
def test_that_no_report_is_there_is_explained(there, words):
    """It said that 200 predictions are needed and 320 are there."""
    rows = f'reporting_window_rows{{data="predictions"}} {there}\n'
    needed = 'reporting_least_rows{data="predictions"} 200\n'
    assert words in say_no_report(read_figures(rows + needed))
