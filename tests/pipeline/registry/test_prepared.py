"""What prepare leaves behind is what training starts from, or training says why not."""

import shutil

import numpy as np
import pytest

from pipeline.embedding.fit import fit_embedding
from pipeline.registry.prepared import (
    NotPrepared,
    embedding_of,
    load_prepared,
    open_active_embedding,
)
from pipeline.registry.registry import open_registry
from pipeline.registry.signed_folder import UntrustedArtifact
from scripts.prepare import prepare


@pytest.fixture
def prepared(settings):
    wanted = settings(dataset__source="iris")
    artifacts = open_registry(wanted.artifacts)
    prepare(wanted, artifacts)
    return wanted, artifacts


def test_training_starts_from_the_vectors_that_prepare_embedded(prepared):
    loaded = load_prepared(*prepared)
    assert (len(loaded.reference), len(loaded.holdout)) == (120, 30)
    assert loaded.reference.embedding_id == loaded.embedding.embedding_id
    assert loaded.facts()["rows"] == {"reference": 120, "production": 0, "holdout": 30}


def test_before_the_first_prepare_the_sentence_says_what_to_run(settings):
    wanted = settings()
    with pytest.raises(NotPrepared, match=r"Nothing is prepared yet; run scripts/prepare\.py"):
        load_prepared(wanted, open_registry(wanted.artifacts))


@pytest.mark.parametrize("name", ["ref_data.csv", "test_data.csv"])
def test_a_table_of_another_embedding_is_refused(prepared, name):
    path = prepared[0].paths.data / name
    path.write_bytes(path.read_bytes() + b"0.0,0.0,setosa\n")
    with pytest.raises(NotPrepared, match=f"{name} is not the file that prepare wrote"):
        load_prepared(*prepared)


def test_a_missing_table_is_named(prepared):
    (prepared[0].paths.data / "ref_data.csv").unlink()
    with pytest.raises(NotPrepared, match=r"ref_data\.csv is missing; run scripts/prepare\.py"):
        load_prepared(*prepared)


@pytest.mark.parametrize("name", ["scaler.pkl", "pca.pkl", "embedding.npz", "manifest.json"])
def test_a_damaged_embedding_is_refused(prepared, name):
    path = open_active_embedding(prepared[1]).folder / name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(UntrustedArtifact, match=name):
        load_prepared(*prepared)


@pytest.mark.parametrize("content", [b"", b"0123456789abcdef\n", b"\xff", b"../versions/0001"])
def test_a_damaged_pointer_is_refused(prepared, content):
    (prepared[1].folder / "EMBEDDING").write_bytes(content)
    with pytest.raises(UntrustedArtifact, match=r"there is no manifest\.json"):
        load_prepared(*prepared)


def test_an_embedding_under_anothers_name_is_refused(prepared, settings):
    """Its vectors would be compared with those of the other one."""
    wanted, artifacts = prepared
    name = (artifacts.folder / "EMBEDDING").read_text().strip()
    folder = artifacts.folder / "embeddings"
    other = settings(dataset__source="iris", embedding__seed=1)
    shutil.move(wanted.paths.data, "kept")
    prepare(other, artifacts)
    shutil.rmtree(folder / name)
    shutil.copytree(open_active_embedding(artifacts).folder, folder / name)
    (artifacts.folder / "EMBEDDING").write_text(name)
    shutil.rmtree(wanted.paths.data)
    shutil.move("kept", wanted.paths.data)
    with pytest.raises(NotPrepared, match="may be of another embedding"):
        load_prepared(wanted, artifacts)


def test_the_embedding_in_a_version_must_be_the_one_that_its_manifest_names(prepared):
    sealed = open_active_embedding(prepared[1])
    schema = embedding_of(sealed).schema
    rows = np.random.default_rng(0).normal(size=(20, 4))
    foreign = fit_embedding(schema, rows, prepared[0].embedding).embedding
    sealed.manifest["embedding_id"] = foreign.embedding_id
    with pytest.raises(UntrustedArtifact, match="is not the one that the manifest names"):
        embedding_of(sealed)
