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


@pytest.fixture(params=["folder", "bucket"])
def place(request, tmp_path):
    """What artifacts.folder may name."""
    if request.param == "folder":
        return "artifacts"
    return f"{request.getfixturevalue('bucket').url}/{tmp_path.name}"


@pytest.fixture
def prepared(place, settings):
    wanted = settings(dataset__source="iris", artifacts__folder=place)
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


@pytest.fixture
def in_folder(settings):
    wanted = settings(dataset__source="iris")
    artifacts = open_registry(wanted.artifacts)
    prepare(wanted, artifacts)
    return wanted, artifacts


@pytest.mark.parametrize("name", ["ref_data.csv", "test_data.csv"])
def test_a_table_of_another_embedding_is_refused(in_folder, name):
    path = in_folder[0].paths.data / name
    path.write_bytes(path.read_bytes() + b"0.0,0.0,setosa\n")
    with pytest.raises(NotPrepared, match=f"{name} is not the file that prepare wrote"):
        load_prepared(*in_folder)


def test_a_missing_table_is_named(in_folder):
    (in_folder[0].paths.data / "ref_data.csv").unlink()
    with pytest.raises(NotPrepared, match=r"ref_data\.csv is missing; run scripts/prepare\.py"):
        load_prepared(*in_folder)


def test_another_machine_fetches_the_tables_that_it_needs(bucket, settings, tmp_path):
    wanted = settings(dataset__source="iris", artifacts__folder=f"{bucket.url}/{tmp_path.name}")
    prepare(wanted, open_registry(wanted.artifacts))
    own = load_prepared(wanted, open_registry(wanted.artifacts))
    other = settings(paths__data="elsewhere", artifacts__cache="other-cache")
    (other.paths.data / "ref_data.csv").parent.mkdir()
    (other.paths.data / "ref_data.csv").write_bytes(b"of another embedding")
    found = load_prepared(other, open_registry(other.artifacts))
    assert found.reference.values.tolist() == own.reference.values.tolist()
    assert found.holdout.targets.tolist() == own.holdout.targets.tolist()


@pytest.mark.parametrize("name", ["scaler.pkl", "pca.pkl", "embedding.npz", "manifest.json"])
def test_a_damaged_embedding_is_refused(prepared, settings, name):
    wanted, artifacts = prepared
    path = f"embeddings/{open_active_embedding(artifacts).folder.name}/{name}"
    artifacts.place.write(path, artifacts.place.read(path)[:-1])
    elsewhere = settings(artifacts__cache="other-cache")
    with pytest.raises(UntrustedArtifact, match=name):
        load_prepared(wanted, open_registry(elsewhere.artifacts))


@pytest.mark.parametrize("content", [b"", b"0123456789abcdef\n", b"\xff", b"../versions/0001"])
def test_a_damaged_pointer_is_refused(prepared, content):
    prepared[1].place.write("EMBEDDING", content)
    with pytest.raises(UntrustedArtifact, match=r"there is no manifest\.json"):
        load_prepared(*prepared)


def test_an_embedding_under_anothers_name_is_refused(in_folder, settings):
    """Its vectors would be compared with those of the other one."""
    wanted, artifacts = in_folder
    name = artifacts.place.read("EMBEDDING").decode().strip()
    folder = artifacts.place.folder / "embeddings"
    other = settings(dataset__source="iris", embedding__seed=1)
    shutil.move(wanted.paths.data, "kept")
    prepare(other, artifacts)
    shutil.rmtree(folder / name)
    shutil.copytree(open_active_embedding(artifacts).folder, folder / name)
    artifacts.place.write("EMBEDDING", name.encode())
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
