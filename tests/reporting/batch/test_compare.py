"""Two dated files: the decision, its line, the exit code, and what stands in the report."""

import csv
import json
import os
import random
from pathlib import Path

import pytest

from pipeline.tables.table import InvalidDataset
from reporting.batch.compare import KEEP, RETRAIN, compare_dated, prune, read_options, run
from reporting.batch.files import read_batches
from scripts.preparation.churn_snapshots import write_snapshots


@pytest.fixture(scope="module")
def months(tmp_path_factory):
    """The folder of each kind of drift: January and February as usual, March and April not."""
    folder = tmp_path_factory.mktemp("months")
    for drift in ("none", "covariate", "target"):
        write_snapshots(folder / drift, months=4, rows=1_000, drift=drift)
    return folder


def write(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def draw(seed, rows=400, **fixed):
    rng = random.Random(seed)
    return [
        {"age": rng.gauss(40, 9), "plan": rng.choice("ab"), "churned": rng.choice("01"), **fixed}
        for _ in range(rows)
    ]


def decide(settings, reference, current, targets=("churn_label", "churned")):
    dated = read_batches(reference, current, targets, [])
    return str(compare_dated(dated, settings().reporting, 0.3).decide())


def test_months_without_drift_are_no_action(settings, months):
    folder = months / "none"
    for month in ("2024-02-29", "2024-03-31", "2024-04-30"):
        said = decide(settings, folder / "2024-01-31.csv", folder / f"{month}.csv")
        assert said.startswith("NO_ACTION drift_share=0.00 < 0.30 (target_drift=0.0")


def test_a_month_with_covariate_drift_triggers_a_retraining(settings, months):
    folder = months / "covariate"
    usual = decide(settings, folder / "2024-01-31.csv", folder / "2024-02-29.csv")
    moved = decide(settings, folder / "2024-01-31.csv", folder / "2024-03-31.csv")
    assert usual.startswith("NO_ACTION")
    assert moved.startswith("RETRAINING_TRIGGERED drift_share=0.")
    assert ">= 0.30 (target_drift=" in moved


def test_a_month_with_other_labels_triggers_a_retraining(settings, months):
    folder = months / "target"
    said = decide(settings, folder / "2024-01-31.csv", folder / "2024-03-31.csv")
    assert said.startswith("RETRAINING_TRIGGERED target_drift=0.")
    assert ">= 0.10 (drift_share=0." in said


def test_labels_that_are_not_there_are_undated(settings, tmp_path):
    rows = [{name: cell for name, cell in row.items() if name != "churned"} for row in draw(2)]
    before, now = write(tmp_path / "a.csv", draw(1)), write(tmp_path / "b.csv", rows)
    assert (
        decide(settings, before, now) == "NO_ACTION drift_share=0.00 < 0.30 (target_drift=undated)"
    )
    assert read_batches(before, now, ["churned"], []).undated == "b.csv has no column 'churned'"


def test_labels_that_are_not_known_yet_are_undated(settings, tmp_path):
    before = write(tmp_path / "a.csv", draw(1))
    now = write(tmp_path / "b.csv", draw(2, churned=""))
    assert "target_drift=undated" in decide(settings, before, now)
    assert "not known yet" in read_batches(before, now, ["churned"], []).undated


def test_the_same_labels_beside_other_rows_are_undated(settings, tmp_path):
    before, now = draw(1), draw(2)
    for row, other in zip(before, now, strict=True):
        other["churned"] = row["churned"]
    files = write(tmp_path / "a.csv", before), write(tmp_path / "b.csv", now)
    assert "target_drift=undated" in decide(settings, *files)
    assert "identical, line by line" in read_batches(*files, ["churned"], []).undated


def test_a_file_beside_itself_has_dated_labels_that_did_not_move(settings, tmp_path):
    file = write(tmp_path / "a.csv", draw(1))
    assert decide(settings, file, file).endswith("(target_drift=0.0)")


def test_few_rows_are_insufficient_and_no_action(settings, tmp_path):
    before, now = write(tmp_path / "a.csv", draw(1)), write(tmp_path / "b.csv", draw(2, rows=40))
    said = decide(settings, before, now)
    assert said.startswith("NO_ACTION drift_share=insufficient: 40 rows in the window")
    assert said.endswith("(target_drift=insufficient)")


def test_columns_that_one_file_lacks_or_that_are_empty_are_left_out_and_named(tmp_path):
    before = write(tmp_path / "a.csv", draw(1, gone=1, empty="", text_now=5))
    now = write(tmp_path / "b.csv", draw(2, new=1, empty=3, text_now="five"))
    dated = read_batches(before, now, ["churned"], [])
    assert {left.title for left in dated.left_out} == {
        "Column gone",
        "Column new",
        "Column empty",
    }
    assert list(dated.reference) == ["age", "plan", "text_now"]
    assert dated.current["text_now"].isna().all()


def options(monkeypatch, settings, *arguments):
    monkeypatch.setattr("sys.argv", ["monitor_drift.py", *map(str, arguments)])
    return read_options(settings)


def compare_files(monkeypatch, settings, *arguments):
    return run(settings, options(monkeypatch, settings, *arguments))


@pytest.mark.slow
def test_the_line_the_report_and_the_code_say_the_same(settings, months, monkeypatch, capsys):
    folder, wanted = months / "covariate", settings()
    files = ["--reference", folder / "2024-02-29.csv", "--current", folder / "2024-04-30.csv"]
    assert compare_files(monkeypatch, wanted, *files) == RETRAIN == 3
    line = capsys.readouterr().out.splitlines()[-1]
    page = "reporting/reports/drift_2024-02-29_vs_2024-04-30"
    facts = json.loads(Path(f"{page}.json").read_bytes())
    share = facts["drift"]["share"]
    assert line.startswith(
        f"[Evidently] report_html={page}.html report_json={page}.json drift_share={share:.2f} "
        f"value_drift_col=churn_label -> RETRAINING_TRIGGERED drift_share={share:.2f} >= 0.30 "
    )
    assert facts["decision"] in line
    assert facts["left_out"] == {}
    assert facts["decision"] in Path(f"{page}.html").read_text()


def test_a_file_with_columns_of_nothing_is_reported_all_the_same(
    settings, tmp_path, monkeypatch, capsys
):
    before = write(tmp_path / "a.csv", draw(1, empty="", gone=1, constant=3, huge=1e308))
    now = write(tmp_path / "b.csv", draw(2, empty="", new=1, constant="", huge=1e308, churned=""))
    files = ["--reference", before, "--current", now, "--target", "churned"]
    assert compare_files(monkeypatch, settings(), *files) == 0
    said = capsys.readouterr()
    assert "-> NO_ACTION" in said.out
    assert "Column empty is left out: it is empty in a.csv" in said.err
    page = Path(said.out.split("report_html=")[1].split()[0])
    assert "is missing in 100.0% instead of 0.0%" in page.read_text()


def test_by_default_january_is_compared_with_february_of_churn(settings, monkeypatch):
    found = options(monkeypatch, settings())
    assert str(found.reference).endswith("data/churn/2024-01-31.csv")
    assert str(found.current).endswith("data/churn/2024-02-29.csv")


def test_a_file_that_is_not_there_is_said(settings, tmp_path):
    with pytest.raises(InvalidDataset, match="there is no such file"):
        decide(settings, tmp_path / "none.csv", tmp_path / "none.csv")


def test_old_pages_go(tmp_path):
    for number in range(KEEP + 3):
        for suffix in ("html", "json"):
            (tmp_path / f"drift_{number}.{suffix}").touch()
            os.utime(tmp_path / f"drift_{number}.{suffix}", (number, number))
    prune(tmp_path)
    assert len(list(tmp_path.iterdir())) == 2 * KEEP
    assert not (tmp_path / "drift_2.html").exists()
