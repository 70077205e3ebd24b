"""The live version as reporting compares with it."""

import pytest

from pipeline.registry.signed_folder import UntrustedArtifact
from reporting.drift.dataset_drift import RESIDUAL
from reporting.windows.reference_window import load_reference_window


@pytest.fixture(scope="module")
def baseline(cancer):
    return load_reference_window(cancer.artifacts(), 200)


def test_it_holds_the_rows_of_the_reference(baseline, cancer):
    rows = len((cancer.folder / "data" / "ref_data.csv").read_text().splitlines()) - 1
    assert {len(column) for name, column in baseline.columns.items() if name != RESIDUAL} == {rows}
    assert (len(baseline.targets), baseline.probabilities.shape) == (rows, (rows, 2))
    assert baseline.classes == ("benign", "malignant")


def test_its_error_is_that_of_predictions_made_out_of_fold(baseline):
    assert 0.0 < baseline.error < 0.2  # on the rows that it was trained on a forest has none


def test_it_watches_features_by_their_names_then_what_the_pca_makes_of_them(baseline):
    names = {family.family: family.names for family in baseline.families}
    assert list(names) == ["features", "pca", "residual"]
    assert names["features"][:2] == ("mean_radius", "mean_texture")
    assert names["pca"][0] == "PCA_1"


def test_a_version_from_before_it_carried_raw_rows_is_watched_by_its_vectors(cancer, tmp_path):
    copy = cancer.copy(tmp_path / "copy")
    version = copy.artifacts().current()
    names = version.manifest["files"].keys() - {"reference_rows.npz"}
    files = {name: version.read(name) for name in names}
    copy.artifacts().publish(files, {**version.manifest, "version": "0002"})
    copy.artifacts().activate("0002")
    loaded = load_reference_window(copy.artifacts(), 200)
    assert [family.family for family in loaded.families] == ["pca", "residual"]


def test_the_residual_has_a_reference_that_the_pca_was_not_fitted_on(baseline, cancer):
    embedding = cancer.artifacts().current()
    assert len(baseline.columns[RESIDUAL]) >= 200
    assert (baseline.columns[RESIDUAL] > 0).all()
    assert baseline.embedding_id == embedding.manifest["embedding_id"]


def test_what_damage_is_usual_is_that_of_the_holdout(mixed):
    """Rows that lack values from the start once raised an alert for ever."""
    usual = load_reference_window(mixed.artifacts(), 200).usual
    assert usual.rows == 60
    assert usual.damaged["missing"] == sum(f.missing for f in usual.features) > 0


def test_without_a_version_it_is_refused(cancer, tmp_path):
    empty = cancer.with_knobs(ARTIFACTS__FOLDER=str(tmp_path / "none"))
    with pytest.raises(UntrustedArtifact, match="there is no good version"):
        load_reference_window(empty.artifacts(), 200)


def test_a_damaged_version_is_refused_and_the_one_before_it_taken(cancer, tmp_path):
    copy = cancer.copy(tmp_path / "copy")
    copy.train()
    (copy.folder / "artifacts/versions/0002/reference.csv").write_text("PCA_1,target\n")
    assert load_reference_window(copy.artifacts(), 200).version == "0001"
