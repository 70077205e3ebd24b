"""train publishes a version whose manifest says all that is known of it, and puts it live."""

import json
import subprocess
import sys

import pytest

from pipeline.model import onnx_forest
from pipeline.registry.registry import open_registry
from scripts import train as command
from scripts.cli.progress_bar import ProgressBar
from scripts.train import main
from tests.support.models_and_records.versions import make_version


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["train.py", *arguments])
    main()


@pytest.fixture
def version(settings):
    return make_version(settings(dataset__source="iris"))


def test_a_version_holds_all_that_predicting_watching_and_explaining_need(version):
    assert sorted(path.name for path in version.folder.iterdir()) == [
        *("embedding.npz", "holdout_rows.npz", "holdout_scores.npz", "importance.json"),
        *("manifest.json", "model.onnx", "model.pkl", "pca.pkl", "reference.csv"),
        *("reference_rows.npz", "residuals.npy", "scaler.pkl"),
    ]


def test_the_manifest_says_what_is_known_of_the_version(version):
    manifest = json.loads((version.folder / "manifest.json").read_text())
    facts = ("version", "parent", "trigger", "served_by", "served_by_reason", "classes")
    assert {name: manifest[name] for name in facts} == {
        "version": "0001",
        "parent": None,
        "trigger": "by hand",
        "served_by": "onnx",
        "served_by_reason": None,
        "classes": ["setosa", "versicolor", "virginica"],
    }
    assert manifest["rows"] == {"reference": 120, "production": 0, "holdout": 30}
    assert manifest["parity"]["points"] >= 10_000
    assert manifest["schema"]["target"] == "species"
    assert set(manifest["files"]) == {p.name for p in version.folder.iterdir()} - {"manifest.json"}


def test_the_manifest_has_the_scores_on_the_holdout(version):
    scores = version.manifest["scores"]["holdout"]
    names = {"accuracy", "balanced_accuracy", "precision", "recall", "f1", "rows", "classes"}
    assert set(scores) == names
    assert set(scores["classes"]["setosa"]) == {"precision", "recall", "f1", "rows"}
    assert scores["accuracy"] > 0.8


def test_the_version_is_live_and_the_next_one_names_it_as_its_parent(settings, version):
    wanted = settings(dataset__source="iris")
    assert open_registry(wanted.artifacts).current().manifest["version"] == "0001"
    assert make_version(wanted).manifest["parent"] == "0001"
    assert open_registry(wanted.artifacts).live_history() == ["0002", "0001"]


def test_if_none_trains_only_where_no_version_is_live(version, monkeypatch, capsys):
    run(monkeypatch, "--if-none")
    assert "Version 0001 is live." in capsys.readouterr().out
    assert not version.folder.with_name("0002").exists()


def test_a_table_of_the_scores_is_shown(version, monkeypatch, capsys):
    run(monkeypatch)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["holdout", "precision", "recall", "F1", "rows"]
    assert [line.split()[0] for line in lines[1:4]] == ["setosa", "versicolor", "virginica"]
    assert lines[-1] == (
        "Version 0002 is live in artifacts/versions/0002, "
        "compiled, the same labels as scikit-learn's on 10000 points."
    )


def test_a_forest_that_was_compiled_wrongly_is_served_by_scikit_learn(settings, monkeypatch):
    monkeypatch.setattr(onnx_forest, "_round_down", lambda thresholds: thresholds + 0.5)
    made = make_version(settings(dataset__source="iris"))
    assert "model.onnx" not in made
    assert (made.manifest["served_by"], made.manifest["parity"]) == ("scikit-learn", None)
    assert "ParityFailed" in made.manifest["served_by_reason"]


def test_another_classifier_takes_a_line_in_the_settings(settings):
    wanted = settings(
        dataset__source="iris",
        training__classifier="LogisticRegression",
        training__parameters="{}",
    )
    manifest = make_version(wanted).manifest
    assert manifest["classifier"] == {"name": "LogisticRegression", "parameters": {}}
    assert manifest["served_by"] == "onnx"


def test_one_that_does_not_compile_is_said_to_be_served_by_scikit_learn(settings, capsys):
    wanted = settings(
        dataset__source="iris", training__classifier="DummyClassifier", training__parameters="{}"
    )
    version = make_version(wanted)
    sentence = command.summary(version)
    assert "served by scikit-learn itself: DummyClassifier does not compile (" in sentence
    assert "EXTRA_PACKAGES=scikit-learn" in command.doubts(version)[-1]


def test_one_that_compiles_needs_no_other_image(version):
    assert not any("EXTRA_PACKAGES" in doubt for doubt in command.doubts(version))


@pytest.mark.parametrize("dataset", ["shop.csv", "pictures"])
def test_own_data_end_in_a_live_version(settings, shop, pictures, dataset):
    wanted = settings(dataset__source=dataset, dataset__image_size=8)
    version = make_version(wanted)
    assert version.manifest["schema"]["kind"] == ("image" if dataset == "pictures" else "tabular")


def test_labels_stay_text_through_all_of_it(settings, workplace):
    labels = ("01", "1", "True", "no", "None", "Zoë, 2\n3")
    rows = "".join(f'{n % 6 + n / 999},"{labels[n % 6]}"\n' for n in range(120))
    (workplace / "odd.csv").write_text("x,target\n" + rows, encoding="utf-8")
    version = make_version(settings(dataset__source="odd.csv"))
    assert version.manifest["classes"] == sorted(labels)
    assert set(version.manifest["scores"]["holdout"]["classes"]) == set(labels)


def test_the_command_ends_with_a_sentence_and_not_with_a_traceback(workplace):
    done = subprocess.run(
        [sys.executable, command.__file__], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Nothing is prepared yet; run scripts/prepare.py.\n"


def test_the_bar_shows_each_stage_where_somebody_looks(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    bar = ProgressBar()
    for share in (0.0, 0.5, 1.0):
        bar("training", share)
    bar.close()
    shown = capsys.readouterr().err
    assert "training" in shown
    assert "100%" in shown


def test_the_bar_is_silent_where_nobody_looks(capsys):
    bar = ProgressBar()
    bar("training", 1.0)
    bar.close()
    assert capsys.readouterr().err == ""
