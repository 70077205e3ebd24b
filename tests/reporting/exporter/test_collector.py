"""The exporter by itself: what it keeps, and what a scrape sees."""

import os

import numpy as np
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

from pipeline.data.schema import Feature
from reporting.drift.dataset_drift import RESIDUAL, compare
from reporting.drift.reference_columns import make_family
from reporting.exporter.collector import Exporter
from reporting.exporter.drift_metrics import describe_drift
from reporting.exporter.gauges import MOST_FEATURES
from reporting.exporter.quality_metrics import describe_quality
from reporting.monitoring.alarm import Alarms
from reporting.windows.window_quality import measure_quality


class Looks:
    """Stands for the passes: counts them, and fails when told to."""

    def __init__(self):
        self.made = 0
        self.fails = False

    def __call__(self):
        if self.fails:
            raise OSError("the store is away")
        self.made += 1
        return [GaugeMetricFamily("drift_share", "Share.", self.made)]


@pytest.fixture
def looks():
    return Looks()


@pytest.fixture
def exporter(looks, tmp_path):
    return Exporter(looks, tmp_path)


def scrape(exporter):
    registry = CollectorRegistry()
    registry.register(exporter)
    return generate_latest(registry).decode()


def value(page, name):
    lines = [line.rsplit(" ", 1) for line in page.splitlines() if line[:1] != "#"]
    return next((float(number) for found, number in lines if found == name), None)


def test_a_scrape_never_computes(looks, exporter):
    exporter.run_pass()
    pages = [scrape(exporter) for _ in range(3)]
    assert looks.made == 1
    assert {value(page, "drift_share") for page in pages} == {1}


def test_before_the_first_pass_there_is_no_figure(looks, exporter):
    page = scrape(exporter)
    assert (looks.made, value(page, "drift_share")) == (0, None)
    assert value(page, "reporting_last_pass_timestamp_seconds") is None


def test_a_failed_pass_keeps_the_figures_and_lets_them_age(looks, exporter, caplog):
    exporter.run_pass()
    before = value(scrape(exporter), "reporting_last_pass_timestamp_seconds")
    looks.fails = True
    exporter.run_pass()
    page = scrape(exporter)
    assert value(page, "drift_share") == 1
    assert value(page, "reporting_last_pass_timestamp_seconds") == before
    assert value(page, "reporting_pass_errors_total") == 1
    assert "the store is away" in caplog.text


def test_the_age_of_the_latest_report_is_that_of_its_file(exporter, tmp_path):
    (tmp_path / "latest.json").write_text("{}")
    os.utime(tmp_path / "latest.json", (1_000, 1_000))
    assert value(scrape(exporter), "reporting_last_snapshot_timestamp_seconds") == 1_000


def test_how_a_pass_failed_is_told_once(looks, exporter, caplog):
    looks.fails = True
    for _ in range(3):
        exporter.run_pass()
    assert caplog.text.count("Traceback") == 1
    assert caplog.text.count("the store is away") >= 3


def samples(families, name):
    return [one for family in families for one in family.samples if one.name == name]


def test_of_many_features_those_that_moved_farthest_are_exported():
    """A picture of 128 by 128 in colour made 147,472 lines of each scrape."""
    random = np.random.default_rng(0)
    features = [Feature(f"sensor_{place}", "number") for place in range(200)]
    rows = random.normal(size=(300, 200))
    families = [
        make_family("features", features, rows, 200),
        make_family("residual", [Feature(RESIDUAL, "number")], rows[:, :1], 200),
    ]
    moved = rows.copy()
    moved[:, 7] += 3
    found = compare(families, {"features": moved, "residual": rows[:, :1]})
    drift = list(describe_drift(found, Alarms()))
    exported = {one.labels["feature"] for one in samples(drift, "drift_detected")}
    assert len(exported) == MOST_FEATURES
    assert {"sensor_7", RESIDUAL} <= exported
    (change,) = samples(drift, "drift_change")
    assert change.labels == {"feature": "sensor_7", "change": "sd higher"}
    assert change.value == pytest.approx(3, abs=0.3)


def test_of_many_features_those_with_most_faults_are_exported():
    features = [Feature(f"pixel_{place}", "number", 0.0, 1.0, (), 0.5) for place in range(200)]
    rows = np.tile(0.1 * np.arange(9.0)[:, None], 200)
    rows[:, 7] = np.nan
    found = measure_quality(features, rows)
    faulty = [
        one for one in samples(describe_quality(found, None), "data_quality_share") if one.value
    ]
    assert [one.labels["feature"] for one in faulty] == ["pixel_7"]
    assert len(samples(describe_quality(found, None), "data_quality_share")) == 3 * MOST_FEATURES
