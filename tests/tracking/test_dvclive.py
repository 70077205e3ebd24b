"""DVCLive's own library writes each decision as a step, once."""

import csv

import pytest

from scripts.tracking.decision_run import describe_new, read_decisions
from scripts.tracking.dvclive_sink import LAST, DvcliveSink
from tests.support.processes.servers import ROOT, free_port
from tests.tracking.test_mlflow import decide
from tests.tracking.waiting import wait_until

pytestmark = pytest.mark.tracking


def record(loop, folder):
    """As after a start: what is there already is left alone."""
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


def steps_of(folder):
    """The steps of each metric, as they stand in the files."""
    return {
        path.stem: [
            int(row["step"])
            for row in csv.DictReader(path.read_text().splitlines(), delimiter="\t")
        ]
        for path in (folder / "plots/metrics").rglob("*.tsv")
    }


def test_a_step_of_a_recorder_that_was_killed_is_told_once(loop, tmp_path, monkeypatch):
    """It had written half of the metrics, and not yet which decision they are of."""
    dvclive = pytest.importorskip("dvclive")
    folder = tmp_path / "live"
    record(loop, folder)
    decide(loop, "rejected")
    whole = dvclive.Live.log_metric

    def end_before_the_last(self, name, value):
        if name == LAST:
            raise KeyboardInterrupt
        whole(self, name, value)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(dvclive.Live, "log_metric", end_before_the_last)
        record(loop, folder)
    assert 2 in steps_of(folder)["seconds"]
    record(loop, folder)
    assert all(steps == sorted(set(steps)) for steps in steps_of(folder).values())
    assert steps_of(folder)["decision"] == [0, 1, 2]


def test_mlflow_that_is_away_keeps_no_step_waiting(loop, tmp_path, recording):
    pytest.importorskip("dvclive")
    recording(Nowhere(), TRACKING__DVCLIVE_FOLDER=str(tmp_path / "live"))
    decide(loop, "rejected")
    wait_until(lambda: steps_of(tmp_path / "live")["decision"] == [0, 1, 2], 30)


class Nowhere:
    """A server of MLflow that is not there."""

    url = f"http://127.0.0.1:{free_port()}"
