"""The synthetic dataset `churn`: its files, its signal and its three kinds of drift."""

import csv
import subprocess
import sys

import numpy as np
import pytest
from scipy.stats import chi2_contingency, ks_2samp, wasserstein_distance
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.metrics import balanced_accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from scripts.preparation import churn_customers
from scripts.preparation.churn import main
from scripts.preparation.churn_customers import TARGET, draw_month
from scripts.preparation.churn_snapshots import month_ends, write_snapshots, write_table
from tests.support.processes.servers import ROOT

CATEGORIES = {
    "plan": churn_customers.PLANS,
    "device": churn_customers.DEVICES,
    "payment_method": churn_customers.PAYMENTS,
    "autopay": (False, True),
}


def month(number, drift="none", rows=5000):
    return draw_month(np.random.default_rng([0, 2024, number]), rows, drift)


def features(table):
    return [name for name in table if name != TARGET]


def has_drifted(before, after, name, columns):
    limit = 0.01 / columns
    if name in CATEGORIES:
        counts = [[np.sum(x == value) for value in CATEGORIES[name]] for x in (before, after)]
        return chi2_contingency(counts).pvalue < limit
    distance = wasserstein_distance(before, after) / before.std()
    return ks_2samp(before, after, method="asymp").pvalue < limit and distance >= 0.1


def drift_share(before, after):
    names = features(before)
    return np.mean([has_drifted(before[n], after[n], n, len(names)) for n in names])


def encode(table):
    numbers = [table[name] for name in features(table) if name not in CATEGORIES]
    flags = [table[name] == value for name, values in CATEGORIES.items() for value in values]
    return np.column_stack(numbers + flags).astype(float)


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def from_file(path):
    """Read a snapshot the way the product does: empty numbers are missing, then imputed."""
    rows = read(path)
    table = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    for name in set(table) - set(CATEGORIES):
        table[name] = np.array([float(cell or "nan") for cell in table[name]])
    table["autopay"] = table["autopay"] == "true"
    return encode(table), table[TARGET].astype(int)


def product_model(trees=30):
    forest = RandomForestClassifier(trees, random_state=0)
    return make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), PCA(0.95), forest)


@pytest.fixture(scope="module")
def january():
    return month(1)


@pytest.fixture(scope="module")
def january_model(january):
    return product_model().fit(encode(january)[:2000], january[TARGET][:2000])


def score(model, table):
    return balanced_accuracy_score(table[TARGET], model.predict(encode(table)))


def test_files_are_named_after_true_month_ends(tmp_path):
    names = [path.name for path in write_snapshots(tmp_path, months=3, rows=5)]
    assert names == ["2024-01-31.csv", "2024-02-29.csv", "2024-03-31.csv"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names


def test_months_go_on_into_the_next_year():
    assert month_ends(14)[-1].isoformat() == "2025-02-28"


def test_the_header_has_twelve_features_and_the_label_last(tmp_path):
    (path,) = write_snapshots(tmp_path, months=1, rows=20)
    rows = read(path)
    assert list(rows[0])[-1] == TARGET
    assert (len(rows), len(rows[0])) == (20, 13)


def test_labels_and_booleans_have_two_plain_values(tmp_path):
    rows = read(write_snapshots(tmp_path, months=1, rows=200)[0])
    assert {row[TARGET] for row in rows} == {"0", "1"}
    assert {row["autopay"] for row in rows} == {"true", "false"}


def test_two_columns_have_a_few_empty_cells_and_the_others_none(tmp_path):
    rows = read(write_snapshots(tmp_path, months=1, rows=2000)[0])
    shares = {name: np.mean([row[name] == "" for row in rows]) for name in rows[0]}
    empty = {name: share for name, share in shares.items() if share}
    assert set(empty) == {"avg_bitrate_mbps", "days_since_last_watch"}
    assert all(0.005 < share < 0.06 for share in empty.values())


def test_a_month_has_the_same_bytes_however_many_months_are_asked_for(tmp_path):
    few = write_snapshots(tmp_path / "few", months=2, rows=50)
    many = write_snapshots(tmp_path / "many", months=5, rows=50)
    assert [path.read_bytes() for path in few] == [path.read_bytes() for path in many[:2]]


@pytest.mark.parametrize("drift", ["covariate", "target", "concept"])
def test_months_before_the_drift_are_those_without_one(tmp_path, drift):
    plain = write_snapshots(tmp_path / "plain", months=4, rows=50)
    moved = write_snapshots(tmp_path / "moved", months=4, rows=50, drift=drift)
    same = [a.read_bytes() == b.read_bytes() for a, b in zip(plain, moved, strict=True)]
    assert same == [True, True, False, False]


def test_another_seed_gives_other_customers(tmp_path):
    (first,) = write_snapshots(tmp_path / "0", months=1, rows=50, seed=0)
    (second,) = write_snapshots(tmp_path / "1", months=1, rows=50, seed=1)
    assert first.read_bytes() != second.read_bytes()


def test_a_file_of_the_same_name_is_replaced_and_others_are_left_alone(tmp_path):
    (tmp_path / "2024-01-31.csv").write_text("old")
    (tmp_path / "mine.csv").write_text("mine")
    write_snapshots(tmp_path, months=1, rows=5)
    assert (tmp_path / "2024-01-31.csv").read_text() != "old"
    assert (tmp_path / "mine.csv").read_text() == "mine"


def test_a_failed_write_leaves_the_old_file_and_no_part(tmp_path):
    path = tmp_path / "2024-01-31.csv"
    path.write_text("old")
    with pytest.raises(ValueError, match="zip"):
        write_table(path, {"a": [1, 2], "b": [1]})
    assert [(x, x.read_text()) for x in tmp_path.iterdir()] == [(path, "old")]


def test_about_a_quarter_churns(january):
    assert january[TARGET].mean() == pytest.approx(0.25, abs=0.02)


def test_files_teach_the_label_through_imputing_and_pca(tmp_path):
    observations, labels = from_file(write_snapshots(tmp_path, months=1, rows=3000)[0])
    model = product_model().fit(observations[:2000], labels[:2000])
    found = model.predict(observations[2000:])
    assert balanced_accuracy_score(labels[2000:], found) >= 0.8


@pytest.mark.parametrize("number", [2, 3, 4, 5, 6])
def test_without_drift_no_column_moves(january, number):
    assert drift_share(january, month(number)) == 0


def test_covariate_drift_moves_most_columns(january):
    assert drift_share(january, month(4, "covariate")) > 0.5


def test_covariate_drift_is_seen_in_a_window_of_500_rows(january):
    assert drift_share(january, month(4, "covariate", rows=500)) > 0.4


def test_target_drift_doubles_the_churn_share(january):
    ratio = month(4, "target")[TARGET].mean() / january[TARGET].mean()
    assert ratio == pytest.approx(2, abs=0.2)


def test_covariate_drift_leaves_the_churn_share_about_where_it_was(january):
    after = month(4, "covariate")[TARGET].mean()
    assert after == pytest.approx(january[TARGET].mean(), abs=0.02)


@pytest.mark.parametrize("label", [0, 1])
def test_target_drift_leaves_each_class_as_it_was(january, label):
    parts = [
        {name: values[table[TARGET] == label] for name, values in table.items()}
        for table in (january, month(4, "target"))
    ]
    assert drift_share(*parts) == 0


@pytest.mark.parametrize("rows", [1, 7, 300])
def test_target_drift_gives_as_many_rows_as_asked_for(rows):
    assert len(month(4, "target", rows)[TARGET]) == rows


def test_concept_drift_keeps_every_feature_and_the_churn_share():
    plain, changed = month(4), month(4, "concept")
    assert all(np.array_equal(plain[name], changed[name]) for name in features(plain))
    assert changed[TARGET].mean() == pytest.approx(0.25, abs=0.02)


def test_concept_drift_spoils_the_model_of_january(january_model):
    assert score(january_model, month(4)) > 0.8
    assert score(january_model, month(4, "concept")) < 0.6


def test_the_changed_rule_can_be_learned_again():
    table = month(4, "concept")
    model = product_model().fit(encode(table)[:2000], table[TARGET][:2000])
    later = month(5, "concept")
    assert score(model, later) > 0.75


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--months", "0"], "months is 0; it must be from 1 to 120."),
        (["--rows", "-5"], "rows is -5; it must be from 1 to 1000000."),
        (["--seed", "-1"], "seed is -1; it must be 0 or more."),
        (["--drift", "sideways"], "invalid choice: 'sideways'"),
        (["--drift-from", "2024-04"], "choose a drift."),
        (["--drift", "target", "--drift-from", "2024-13"], "a month from 2024-01 to 2024-06."),
        (["--drift", "target", "--months", "1"], "One month has no second half to drift"),
    ],
)
def test_the_command_refuses_a_wrong_argument_with_a_sentence(
    tmp_path, capsys, arguments, sentence
):
    with pytest.raises(SystemExit, match="2"):
        main([*arguments, "--folder", str(tmp_path / "new")])
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_the_command_says_when_it_cannot_write(tmp_path, capsys):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(SystemExit, match="2"):
        main(["--months", "1", "--rows", "5", "--folder", str(tmp_path / "taken")])
    assert f"Cannot write to {tmp_path / 'taken'}: File exists." in capsys.readouterr().err


def test_the_command_names_each_file_it_wrote(tmp_path):
    options = ["--months", "2", "--rows", "5", "--folder", str(tmp_path)]
    command = [sys.executable, "-m", "scripts.preparation.churn", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(tmp_path / f"2024-0{n}.csv") for n in ("1-31", "2-29")]
