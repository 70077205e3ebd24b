"""Reporting's figures become names that MLflow takes."""

from scripts.tracking.report_figures import parse_figures

TEXT = """\
# TYPE drift_share gauge
drift_share 0.25
# TYPE drift_score gauge
drift_score{feature="size (m²)",method="ks",direction="below"} 0.01
# TYPE model_score gauge
model_score{score="f1",data="live"} 0.9
model_score{score="f1",data="reference"} 0.95
# TYPE reporting_last_snapshot_timestamp_seconds gauge
reporting_last_snapshot_timestamp_seconds 1790000000
"""


def test_the_figures_of_a_report():
    found = parse_figures(TEXT)
    assert found.made_at == 1_790_000_000
    assert found.numbers == {
        "drift_share": 0.25,
        "drift_score.size _m²_": 0.01,
        "model_score.f1": 0.9,
    }


def test_without_a_report_there_are_none():
    assert parse_figures("drift_share 0.25\n") is None
