"""prepare makes reference, holdout and embedding once, and never leaves a state unnamed."""

import shutil
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest

from pipeline.datasets.load import load_dataset
from pipeline.embedding.vectors import read_vectors
from pipeline.registry import folder_place
from pipeline.registry import prepared as preparing
from pipeline.registry.prepared import NotPrepared, load_prepared, open_active_embedding
from pipeline.registry.registry import open_registry
from pipeline.settings import InvalidSetting, load_settings
from pipeline.tables.table import InvalidDataset
from scripts import prepare as command
from scripts.preparation.dataset_parts import split
from scripts.prepare import main

COLUMNS = ("PCA_1", "PCA_2")
TABLES = ("ref_data.csv", "test_data.csv")


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["prepare.py", *arguments])
    main()


def state(folder):
    return {
        p: p.read_bytes() for p in folder.rglob("*") if p.is_file() and "secrets" not in p.parts
    }


@pytest.fixture
def iris(settings, monkeypatch):
    wanted = settings(dataset__source="iris")
    run(monkeypatch)
    return wanted


def test_reference_and_holdout_have_the_same_columns(iris):
    headers = [(iris.paths.data / n).read_text().splitlines()[0] for n in TABLES]
    assert headers == ["PCA_1,PCA_2,target"] * 2


def test_each_label_is_in_both_in_its_share(iris):
    for name, rows in zip(TABLES, (40, 10), strict=True):
        targets = read_vectors(iris.paths.data / name, COLUMNS, "any").targets
        assert np.unique(targets, return_counts=True)[1].tolist() == [rows] * 3


def test_no_row_is_in_both(settings):
    wanted = settings(dataset__source="iris")
    training, testing = split(load_dataset(wanted), wanted)
    assert sorted([*training, *testing]) == list(range(150))


def test_the_vectors_are_those_of_the_pickled_scaler_and_pca(iris):
    folder = open_active_embedding(open_registry(iris.artifacts)).folder
    scaler, pca = (joblib.load(folder / name) for name in ("scaler.pkl", "pca.pkl"))
    dataset = load_dataset(iris)
    training, _ = split(dataset, iris)
    stored = read_vectors(iris.paths.data / "ref_data.csv", COLUMNS, "any").values
    assert np.abs(pca.transform(scaler.transform(dataset.rows[training])) - stored).max() < 1e-9


def test_a_second_run_changes_nothing(iris, workplace, monkeypatch, capsys):
    before = state(workplace)
    capsys.readouterr()
    run(monkeypatch)
    assert state(workplace) == before
    assert "Already prepared" in capsys.readouterr().out


def test_the_same_settings_make_the_same_files(iris, workplace, monkeypatch):
    first = Path(iris.artifacts.folder, "EMBEDDING").read_text()
    tables = [(iris.paths.data / name).read_bytes() for name in TABLES]
    run(monkeypatch, "--fresh")
    assert Path(iris.artifacts.folder, "EMBEDDING").read_text() == first
    assert [(iris.paths.data / name).read_bytes() for name in TABLES] == tables


@pytest.mark.parametrize(
    ("knob", "value", "sentence"),
    [
        ("EMBEDDING__SEED", "7", "Prepared with embedding.seed = 0, now it is 7."),
        ("EMBEDDING__COMPONENTS", "2", "embedding.components = 0.95, now it is 2."),
        ("DATASET__SOURCE", "digits", "dataset.source = 'iris', now it is 'digits'."),
    ],
)
def test_a_changed_knob_is_refused_and_nothing_is_touched(
    iris, workplace, monkeypatch, knob, value, sentence
):
    before = state(workplace)
    monkeypatch.setenv(f"BOUCLE_{knob}", value)
    with pytest.raises(NotPrepared) as refusal:
        run(monkeypatch)
    assert sentence in str(refusal.value)
    assert state(workplace) == before


def test_a_changed_knob_of_the_training_is_no_reason_to_refuse(iris, monkeypatch):
    monkeypatch.setenv("BOUCLE_TRAINING__SEED", "7")
    run(monkeypatch)


def test_fresh_sets_all_of_it_aside_and_starts_anew(iris, workplace, monkeypatch):
    before = (iris.paths.data / "ref_data.csv").read_bytes()
    monkeypatch.setenv("BOUCLE_DATASET__SOURCE", "breast_cancer")
    run(monkeypatch, "--fresh")
    (aside,) = (workplace / "archive").iterdir()
    assert (aside / "ref_data.csv").read_bytes() == before
    assert (aside / "artifacts" / "EMBEDDING").exists()
    anew = load_prepared(load_settings(), open_registry(iris.artifacts))
    assert len(anew.reference) == 455


def test_fresh_sets_reports_aside_by_folder(iris, workplace, monkeypatch, capsys):
    """One folder of both was a heap, and the folders themselves may be mounts."""
    folders = (iris.reporting.reports, iris.reporting.workspace)
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "project").mkdir()
        (folder / "project" / "report.json").write_text(folder.name)
    run(monkeypatch, "--fresh")
    (aside,) = (workplace / "archive").iterdir()
    for folder in folders:
        assert (aside / folder.name / "project" / "report.json").read_text() == folder.name
        assert not any(folder.iterdir())
    assert ", reports, workspace." in capsys.readouterr().out


def test_another_encoding_is_said(settings, workplace, monkeypatch, capsys):
    rows = "".join(f"{n},{'Genève' if n % 2 else 'Nîmes'}\n" for n in range(40))
    (workplace / "villes.csv").write_bytes(f"x,target\n{rows}".encode("latin-1"))
    monkeypatch.setenv("BOUCLE_DATASET__SOURCE", "villes.csv")
    settings()
    run(monkeypatch)
    said = capsys.readouterr().out
    assert "2 labels of 'target': Genève, Nîmes" in said
    assert "It is text in Windows-1252, not in UTF-8, and was read so." in said


def test_fresh_with_a_broken_dataset_leaves_all_of_it_as_it_was(iris, workplace, monkeypatch):
    """It set the live model aside before it read the file."""
    before = state(workplace)
    (workplace / "broken.csv").write_text("x,target\n1,a\n")
    monkeypatch.setenv("BOUCLE_DATASET__SOURCE", "broken.csv")
    with pytest.raises(InvalidDataset):
        run(monkeypatch, "--fresh")
    (workplace / "broken.csv").unlink()
    assert state(workplace) == before


class Crash(BaseException):
    """Stands for a power cut."""


@pytest.mark.parametrize(
    ("module", "function", "turn"),
    [
        (folder_place, "seal", 1),
        (folder_place, "sync_folder", 1),
        (preparing, "write_atomic", 1),
        (preparing, "write_atomic", 2),
        (folder_place, "write_atomic", 1),
    ],
)
def test_a_run_cut_short_is_mended_by_the_next(
    settings, workplace, monkeypatch, module, function, turn
):
    settings(dataset__source="iris")
    real, calls = getattr(module, function), []

    def crash(*arguments):
        calls.append(arguments)
        if len(calls) == turn:
            raise Crash
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(module, function, crash)
        with pytest.raises(Crash):
            run(monkeypatch)
    run(monkeypatch)
    wanted = load_settings()
    assert len(load_prepared(wanted, open_registry(wanted.artifacts)).reference) == 120
    assert (wanted.paths.data / "samples" / "observation.json").exists()


def test_a_run_of_fresh_cut_short_is_named_and_mended_by_the_next(iris, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "move", lambda *_: (_ for _ in ()).throw(Crash))
        with pytest.raises(Crash):
            run(monkeypatch, "--fresh")
    (iris.paths.data / "ref_data.csv").unlink()
    with pytest.raises(NotPrepared, match=r"ref_data\.csv is missing; run .* --fresh"):
        run(monkeypatch)
    run(monkeypatch, "--fresh")
    assert len(load_prepared(iris, open_registry(iris.artifacts)).reference) == 120


def test_a_label_with_two_rows_has_both_in_training(settings, workplace):
    rows = "".join(f"{n},{'b' if n < 2 else 'a'}\n" for n in range(40))
    (workplace / "rare.csv").write_text("x,target\n" + rows)
    for seed in range(10):
        wanted = settings(dataset__source="rare.csv", embedding__seed=seed)
        dataset = load_dataset(wanted)
        training, testing = split(dataset, wanted)
        assert (dataset.targets[training] == "b").sum() == 2
        assert sorted([*training, *testing]) == list(range(40))


def test_too_few_rows_are_said(settings, workplace, monkeypatch):
    (workplace / "few.csv").write_text("x,target\n1,a\n2,a\n3,b\n4,b\n")
    settings(dataset__source="few.csv")
    said = r"few\.csv: too few rows to split: a holdout of 20% of 4 rows has 1, and each of 2"
    with pytest.raises(InvalidDataset, match=said):
        run(monkeypatch)


def test_too_many_components_are_said(settings, monkeypatch):
    settings(dataset__source="iris", embedding__components=5)
    with pytest.raises(InvalidSetting, match="is 5: this dataset allows at most 4"):
        run(monkeypatch)


def test_churn_makes_its_snapshots_and_leaves_those_that_are_there(
    settings, workplace, monkeypatch
):
    settings(dataset__source="churn")
    snapshot = workplace / "data" / "churn" / "2024-01-31.csv"
    snapshot.parent.mkdir(parents=True)
    rows = "".join(f"{n},{n % 2}\n" for n in range(40))
    snapshot.write_text("hours,churn_label\n" + rows)
    run(monkeypatch)
    assert [path.name for path in snapshot.parent.iterdir()] == ["2024-01-31.csv"]


@pytest.mark.slow
def test_the_command_ends_with_a_sentence_and_not_with_a_traceback(workplace, monkeypatch):
    monkeypatch.setenv("BOUCLE_DATASET__SOURCE", "nowhere.csv")
    done = subprocess.run(
        [sys.executable, command.__file__], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("dataset.source is 'nowhere.csv': no such file")
    assert "Traceback" not in done.stderr
