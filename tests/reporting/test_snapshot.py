"""A full report of a live version, out of a real store, as page, as JSON and in the project."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from evidently.core.serialization import SnapshotModel

from pipeline.data.observed import Observed
from reporting.evidently_reports.dashboard import PROJECT_ID
from reporting.monitoring.model_monitor import ModelMonitor
from reporting.project import Project
from reporting.snapshot import KEEP_DATED, keep, make_report, report_on
from reporting.windows.current_window import read_window
from reporting.windows.reference_window import load_reference_window

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


def report_of(traffic, at=AT):
    return make_report(traffic.installation.settings(), at)


def wanted_by(traffic):
    return traffic.installation.settings().reporting


def project_of(traffic):
    wanted = wanted_by(traffic)
    return Project(wanted.workspace, wanted.keep_snapshots)


def titles(report):
    return {left.title for left in report.left_out}


@pytest.fixture(scope="module")
def moved(watched):
    """A second version, and a window that moved, with labels."""
    watched.installation.train()
    watched.version = watched.installation.artifacts().current()
    watched.run(rows=500, labelled=300, moved=0.5)
    return watched


@pytest.fixture(scope="module")
def report(moved):
    return report_of(moved)


@pytest.fixture(scope="module")
def facts(report):
    return json.loads(report.json())


@pytest.mark.slow
def test_nothing_is_left_out(report):
    assert report.left_out == []
    assert report.run is not None


@pytest.mark.slow
def test_the_page_is_whole_and_asks_nobody(report):
    page = report.html().decode()
    assert "<title>Boucle</title>" in page
    parts = ("Drift of the vectors", "Classification", "balanced accuracy", "Importance")
    for heading in (*parts, "recall expected without labels"):
        assert heading in page
    assert not re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=[\"']https?:", page)


@pytest.mark.slow
def test_the_verdicts_of_evidently_are_ours(facts):
    ours = {column["name"]: column for column in facts["drift"]["columns"]}
    assert any(column["drifted"] for column in ours.values())
    metrics = facts["evidently"]["metrics"]
    counts = [m["value"]["count"] for m in metrics if "DriftedColumnsCount" in m["metric_name"]]
    families = [
        [c["drifted"] for c in ours.values() if c["family"] == family]
        for family in ("features", "pca")
    ]
    assert sorted(counts) == sorted(map(sum, families))
    drifts = [m for m in facts["evidently"]["metrics"] if "ValueDrift" in m["metric_name"]]
    scores = {drift["config"]["column"]: drift["value"] for drift in drifts}
    labels = {name: facts[f"{name}_drift"]["score"] for name in ("target", "prediction")}
    assert scores == {name: column["score"] for name, column in ours.items()} | labels


@pytest.mark.slow
def test_the_json_says_what_the_exporter_says(facts):
    assert (facts["version"], facts["at"]) == ("0002", "2026-11-01T12:00:00Z")
    assert facts["rows"]["predictions"] == 500
    assert facts["rows"]["labelled"] == 300
    assert 0.4 < facts["scores"]["balanced_accuracy"] < 1


@pytest.mark.slow
def test_the_importance_and_its_change_since_the_parent_stand_in_the_report(facts):
    features = {one["feature"] for one in facts["importance"]["features"]}
    assert "mean_radius" in features
    assert facts["importance_change"]["since"] == "0001"
    assert {one["feature"] for one in facts["importance_change"]["features"]} == features


def test_a_first_version_has_an_importance_and_nothing_to_compare_with(fresh):
    report = report_of(fresh)
    assert json.loads(report.json())["importance_change"] == {"since": None, "features": None}
    assert b"nothing to compare with" in report.html()


@pytest.mark.slow
def test_what_is_kept_is_bounded_and_whole(moved, report):
    wanted = wanted_by(moved).model_copy(update={"keep_snapshots": 3})
    for hours in range(KEEP_DATED + 2):
        keep(replace(report, at=AT + timedelta(hours=hours)), wanted)
    project = project_of(moved)
    assert len(project.runs()) == 3
    content = SnapshotModel.parse_obj(json.loads(project.runs()[-1].read_bytes()))
    accuracy = content.metric_results["boucle_balanced_accuracy"].value
    assert (content.name, accuracy) == ("version 0002", report.facts["scores"].balanced_accuracy)
    dated = sorted(path.name for path in wanted.reports.glob("2026*.html"))
    assert len(dated) == KEEP_DATED == len(list(wanted.reports.glob("2026*.json")))
    assert dated[-1] == "2026-11-01T20-00-00.html"
    assert (wanted.reports / "latest.html").read_bytes() == (
        wanted.reports / dated[-1]
    ).read_bytes()


def test_without_rows_the_page_says_what_is_missing_and_no_run_is_made(fresh):
    report = report_of(fresh)
    assert report.run is None
    assert {"Drift of the features", "Drift of the target", "Classification"} <= titles(report)
    keep(report, wanted_by(fresh))
    page = (wanted_by(fresh).reports / "latest.html").read_text()
    assert "0 rows in the window, at least 200 are needed" in page
    assert not (wanted_by(fresh).workspace / str(PROJECT_ID)).exists()


@pytest.mark.slow
def test_a_window_of_one_label_is_reported_without_the_classification(fresh):
    values, targets = fresh.draw(900)
    benign = targets == "benign"
    fresh.answer(fresh.predict(values[benign]), targets[benign])
    report = report_of(fresh)
    assert titles(report) == {"Classification"}
    facts = json.loads(report.json())
    assert facts["target_drift"]["drifted"]
    assert facts["left_out"]["Classification"] == "the window has targets of one label at most"


@pytest.mark.slow
def test_gaps_and_text_among_numbers_are_drawn_and_counted(moved):
    wanted, artifacts = wanted_by(moved), moved.installation.artifacts()
    baseline = load_reference_window(artifacts, wanted.minimum_rows)
    kind = (baseline.embedding_id, baseline.version, Observed(baseline.schema))
    window = read_window(moved.engine, *kind, wanted.window)
    spoilt = window.predicted.features.copy()
    spoilt[:, 0] = np.nan
    spoilt[::2, 1], spoilt[1::2, 1] = np.nan, 1e9
    predicted = replace(window.predicted, features=spoilt)
    report = report_on(baseline, replace(window, predicted=predicted), wanted, AT)
    facts = json.loads(report.json())
    first, second, *_ = facts["quality"]["features"]
    assert (first["missing"], second["missing"], second["out_of_range"]) == (500, 250, 250)
    assert "Values of the original features" not in titles(report)


@pytest.mark.slow
def test_a_report_knows_the_errors_that_the_exporter_counted(fresh):
    fresh.run(rows=300, labelled=300)
    artifacts = fresh.installation.artifacts()
    ModelMonitor(fresh.engine, artifacts, wanted_by(fresh)).run_pass()
    facts = json.loads(report_of(fresh).json())
    assert facts["concept_drift"]["rows"] == 300
