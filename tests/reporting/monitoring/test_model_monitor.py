"""What a pass finds in a real store, against a real version."""

import time

import msgspec
import pytest
from sqlalchemy import delete, update

from pipeline.history.drift_log import read_drift
from pipeline.store.tables import feedback, state
from reporting.exporter.pass_metrics import describe
from reporting.monitoring.memory import MemoryFile
from reporting.monitoring.model_monitor import ModelMonitor
from reporting.news import count_news


def watch(traffic):
    installation = traffic.installation
    return ModelMonitor(traffic.engine, installation.artifacts(), installation.settings().reporting)


def read(watching):
    """Each series of a pass, with its labels as they are declared, and its number."""
    metrics = describe(watching.run_pass())
    return {
        (sample.name, *sample.labels.values()): sample.value
        for metric in metrics
        for sample in metric.samples
    }


@pytest.fixture(scope="module")
def figures(watched):
    watched.run(rows=600, labelled=300)
    return read(watch(watched))


def test_every_feature_and_the_residual_have_score_threshold_and_verdict(figures):
    columns = {name[1] for name in figures if name[0] == "drift_detected"}
    assert {"mean_radius", "worst_area", "PCA_1", "pca_residual"} <= columns
    assert 0 < figures["drift_threshold", "mean_radius", "ks_rank"] < 0.001
    assert 0 < figures["drift_score", "mean_radius", "ks_rank", "below"] <= 1


def test_rows_like_the_reference_are_no_alarm(figures):
    names = ("drift_alarm", "drift_holds", "drift_insufficient")
    assert [figures[(name,)] for name in names] == [0, 0, 0]


def test_the_scores_are_those_of_the_feedback_and_of_the_reference(figures, watched):
    accuracy = figures["model_score", "accuracy", "live"]
    assert accuracy > 0.9
    assert 0.8 < figures["model_score", "balanced_accuracy", "reference"] < 1
    assert figures["model_class_score", "malignant", "recall", "live"] > 0.8
    assert figures["model_class_score", "malignant", "recall", "expected"] > 0.8
    assert figures["concept_error_rate", "live"] == pytest.approx(1 - accuracy)
    version = str(watched.version.manifest["version"])
    assert figures["concept_judged_rows", version] == 300
    assert figures["model_score_rows", version] == 300


def test_labels_and_rows_are_counted(figures):
    assert figures["reporting_window_rows", "predictions"] == 500
    assert figures["reporting_window_rows", "labelled"] == 300
    assert figures[("label_coverage_share",)] == pytest.approx(0.4)  # 200 of the latest 500


def test_quality_is_a_share_of_each_feature(figures):
    assert figures["data_quality_share", "missing", "mean_radius"] == 0
    assert figures[("data_quality_duplicate_share",)] == 0


def test_quality_is_a_share_of_the_rows_beside_what_is_usual(figures):
    shares = [figures["data_quality_row_share", "missing", data] for data in ("live", "reference")]
    assert shares == [0, 0]


def test_moved_rows_are_an_alarm(fresh):
    fresh.run(rows=300, moved=1.0)
    figures = read(watch(fresh))
    assert figures[("drift_alarm",)] == 1
    assert figures[("drift_share",)] > 0


def test_the_alarm_holds_once_a_second_window_of_other_rows_drifts(fresh):
    watching = watch(fresh)
    held = []
    for _ in range(3):
        fresh.run(rows=250, moved=1.0)
        held.append(read(watching)[("drift_holds",)])
    assert held == [0, 0, 1]  # the second window still shares rows with the first


def test_enough_rows_and_an_alarm_that_begins_are_news(fresh):
    monitor = watch(fresh)
    counts = []
    for _ in range(4):
        fresh.run(rows=250, moved=1.0)
        monitor.run_pass()
        counts.append(count_news(fresh.installation.settings().reporting.reports))
    assert counts == [1, 1, 2, 2]


def test_what_drifted_is_in_the_store_for_curves(fresh):
    watching = watch(fresh)
    for _ in range(3):
        fresh.run(rows=250, moved=1.0)
        watching.run_pass()
    with fresh.engine.connect() as connection:
        first, last = read_drift(connection, 0.0, time.time() + 1)
    assert first.features == []
    assert "mean_radius" in last.features


def test_too_few_rows_publish_no_number(fresh):
    fresh.run(rows=40, labelled=10)
    figures = read(watch(fresh))
    kinds = ("drift", "target_drift", "prediction_drift", "model_score", "data_quality")
    assert [figures[(f"{kind}_insufficient",)] for kind in kinds] == [1] * 5
    silent = {"drift_share", "drift_alarm", "drift_holds", "target_drift_p_value"}
    assert silent.isdisjoint(name[0] for name in figures)
    assert ("model_score", "accuracy", "live") not in figures
    assert ("model_score", "accuracy", "reference") in figures


def test_no_row_at_all_publishes_no_number(fresh):
    figures = read(watch(fresh))
    assert figures[("drift_insufficient",)] == 1
    assert ("label_coverage_share",) not in figures


def test_a_label_that_is_missing_from_the_window_has_no_recall(fresh):
    values, targets = fresh.draw(600)
    benign = targets == "benign"
    fresh.answer(fresh.predict(values[benign]), targets[benign])
    figures = read(watch(fresh))
    assert ("model_class_score", "malignant", "recall", "live") not in figures
    assert figures[("target_drift_detected",)] == 1


def test_errors_that_rise_are_found_and_stay_until_the_next_version_proves_itself(fresh):
    watching = watch(fresh)
    values, targets = fresh.draw(400)
    wrong = ["benign" if target == "malignant" else "malignant" for target in targets]
    fresh.answer(fresh.predict(values), wrong)
    assert read(watching)["concept_drift_detected", "cusum"] == 1
    fresh.installation.train()
    assert read(watching)["concept_drift_detected", "cusum"] == 1
    fresh.version = fresh.installation.artifacts().current()
    fresh.run(rows=100, labelled=100)
    assert read(watching)["concept_drift_detected", "cusum"] == 0


def test_a_window_that_drifted_before_a_promotion_is_the_first_opinion(fresh):
    watching = watch(fresh)
    fresh.run(rows=600, moved=1.0)
    watching.run_pass()
    fresh.installation.train()
    assert read(watching)[("drift_holds",)] == 0
    fresh.run(rows=600, moved=1.0)
    assert read(watching)[("drift_holds",)] == 1


def test_a_label_that_comes_after_the_next_promotion_counts(fresh):
    """Labels of yesterday's version were never counted, however wrong it had been."""
    watching = watch(fresh)
    values, targets = fresh.draw(400)
    wrong = ["benign" if target == "malignant" else "malignant" for target in targets]
    ids = fresh.predict(values)
    read(watching)
    fresh.installation.train()
    read(watching)
    fresh.answer(ids, wrong)
    assert read(watching)["concept_drift_detected", "cusum"] == 1


def test_a_restart_forgets_no_alarm(fresh):
    watching = watch(fresh)
    for _ in range(2):
        fresh.run(rows=600, labelled=600, moved=1.0)
        before = read(watching)
    assert before[("drift_holds",)] == 1
    since = {name: value for name, value in before.items() if name[0].startswith("drift_since")}
    after = read(watch(fresh))
    assert since
    assert since.items() <= after.items()
    assert after["concept_drift_detected", "cusum"] == before["concept_drift_detected", "cusum"]


def test_what_began_before_the_start_is_not_counted_twice(fresh):
    fresh.run(rows=300, labelled=300)
    read(watch(fresh))
    watching = watch(fresh)
    read(watching)
    assert watching._memory.errors.rows == 300


@pytest.mark.parametrize("content", [b"", b"{", b'{"version": 7}', b"\xff", b'{"version": "\xff"}'])
def test_a_damaged_memory_is_no_crash(fresh, caplog, content):
    fresh.run(rows=300, labelled=300)
    folder = fresh.installation.settings().reporting.reports
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "monitor.json").write_bytes(content)
    assert read(watch(fresh))[("drift_holds",)] == 0
    assert "Alarms begin anew" in caplog.text


@pytest.mark.parametrize("rows", [200, 400])
def test_the_memory_of_another_store_is_ignored(fresh, caplog, rows):
    """One with more rows than were counted was taken for the same: its first ones never counted."""
    fresh.run(rows=300, labelled=300)
    read(watch(fresh))
    with fresh.engine.begin() as connection:
        connection.execute(delete(feedback))
        connection.execute(update(state).where(state.c.name == "feedback_rows").values(value=0))
    fresh.run(rows=rows, labelled=rows)
    watching = watch(fresh)
    read(watching)
    assert watching._memory.errors.rows == rows
    assert "of another store" in caplog.text


@pytest.mark.parametrize("part", [{"cusums": []}, {"latest": []}])
def test_a_memory_that_lacks_a_part_is_ignored(fresh, caplog, part):
    fresh.run(rows=300, labelled=300)
    read(watch(fresh))
    path = fresh.installation.settings().reporting.reports / "monitor.json"
    saved = msgspec.json.decode(path.read_bytes())
    path.write_bytes(msgspec.json.encode({**saved, "errors": {**saved["errors"], **part}}))
    watching = watch(fresh)
    read(watching)
    assert len(watching._memory.errors.cusums) == 3
    assert "Alarms begin anew" in caplog.text


def test_the_kind_of_change_is_diagnosed_and_logged_when_it_begins(fresh, caplog):
    caplog.set_level("INFO")
    watching = watch(fresh)
    fresh.run(rows=600)
    assert read(watching)["diagnosis", "none"] == 1
    fresh.run(rows=600, moved=1.0)
    figures = read(watching)
    assert figures["diagnosis", "covariate"] == 1
    assert figures["drift_change", "mean_radius", "sd higher"] == pytest.approx(1.0, abs=0.3)
    assert "Covariate shift: `" in caplog.text


def test_a_folder_that_cannot_be_written_to_costs_no_pass(fresh, caplog):
    fresh.run(rows=300)
    watching = watch(fresh)
    blocked = fresh.installation.folder / "blocked"
    blocked.write_text("a file where a folder should be")
    watching._file = MemoryFile(blocked, fresh.engine)
    for _ in range(2):
        assert read(watching)[("drift_insufficient",)] == 0
    assert caplog.text.count("Alarms are not remembered") == 1


def test_a_pass_that_changes_nothing_writes_nothing(fresh):
    fresh.run(rows=300, labelled=300)
    watching = watch(fresh)
    read(watching)
    path = fresh.installation.settings().reporting.reports / "monitor.json"
    path.unlink()
    read(watching)
    assert not path.exists()
    fresh.run(rows=1, labelled=1)
    read(watching)
    assert path.exists()
