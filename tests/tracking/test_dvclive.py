"""DVCLive's own library writes each decision as a step, once."""

import pytest

from scripts.tracking.decision_run import describe_new, read_decisions
from tests.support.servers import ROOT
from tests.tracking.test_mlflow import decide

pytestmark = pytest.mark.tracking


def record(loop, folder):
    """As after a start: what is there already is left alone."""
    from scripts.tracking.dvclive_sink import DvcliveSink

    sink = DvcliveSink(folder)
    with loop.engine.connect() as connection:
        decisions = read_decisions(connection)
    for run in describe_new(loop.settings, loop.artifacts, decisions, sink.is_new):
        sink.record(run)


def test_each_decision_is_a_step(loop, tmp_path, monkeypatch):
    dvclive = pytest.importorskip("dvclive")
    folder = tmp_path / "live"
    record(loop, folder)
    decide(loop, "rejected")
    record(loop, folder)
    record(loop, folder)
    assert not list(ROOT.glob(".dvc*"))
    monkeypatch.chdir(tmp_path)  # for the same reason
    with dvclive.Live(str(folder), resume=True, save_dvc_exp=False, report=None) as live:
        history, latest = dvclive.utils.parse_metrics(live)
    (scores,) = (
        rows
        for path, rows in history.items()
        if path.endswith("balanced_accuracy.tsv") and "holdout" in path
    )
    assert len(scores) == 2
    assert latest["gate"]["recent"] == 0.9
