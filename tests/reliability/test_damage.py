"""Whatever is done to a version's files, it is refused before anything of it is unpickled."""

import hashlib
import io
import json
import os
import shutil
from pathlib import Path

import joblib
import pytest

from pipeline.model.scorer import load_scorer
from pipeline.registry import signed_folder as sealing
from pipeline.registry.prepared import embedding_of
from pipeline.registry.registry import open_registry
from pipeline.registry.signed_folder import UntrustedArtifact
from pipeline.registry.signing import Key, load_signing_key
from pipeline.settings import load_settings
from tests.support.models_and_records.versions import make_version

PICKLES = ["scaler.pkl", "pca.pkl", "model.pkl"]
FILES = [*PICKLES, "embedding.npz", "model.onnx", "reference.csv", "residuals.npy"]


class Trap:
    """What an attacker would have unpickled: it leaves a trace where it runs."""

    def __reduce__(self):
        return os.mkdir, ("the-trap-ran",)


def trap():
    buffer = io.BytesIO()
    joblib.dump(Trap(), buffer)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with two versions that a real training made, to be copied for each damage."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("made"))
        patch.setenv("BOUCLE_DATASET__SOURCE", "iris")
        patch.setenv("BOUCLE_EMBEDDING__METHOD", "pca")
        patch.setenv("BOUCLE_TRAINING__PARAMETERS", '{"n_estimators": 3}')
        settings = load_settings()
        make_version(settings)
        yield make_version(settings).folder.absolute().parents[2]


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def edit(version, key=None, **facts):
    path = version / "manifest.json"
    manifest = json.loads(path.read_text()) | facts
    if key is not None:
        manifest["signature"] = sealing.sign(manifest, key)
    path.write_text(json.dumps(manifest))


def key():
    return load_signing_key(Path("secrets/signing.key"))


def swap(version):
    other = version.with_name("0001")
    aside = version.rename("aside")
    other.rename(version)
    aside.rename(other)


def age_scikit_learn(version):
    libraries = json.loads((version / "manifest.json").read_text())["libraries"]
    edit(version, key(), libraries=libraries | {"scikit-learn": "1.2.0"})


def put_trap_and_digest(version):
    (version / "model.pkl").write_bytes(trap())
    files = json.loads((version / "manifest.json").read_text())["files"]
    edit(version, files=files | {"model.pkl": hashlib.sha256(trap()).hexdigest()})


FOREIGN = Key.from_seed(b"x" * 32)
DAMAGES = {
    **{f"a byte of {n} flipped": (lambda v, n=n: flip(v / n), f"{n} is not the") for n in FILES},
    "a byte of the manifest flipped": (lambda v: flip(v / "manifest.json"), "manifest"),
    "model.pkl cut": (lambda v: cut(v / "model.pkl"), "model.pkl is not the file"),
    "model.onnx empty": (lambda v: (v / "model.onnx").write_bytes(b""), "model.onnx is not the"),
    "manifest cut": (lambda v: cut(v / "manifest.json"), "manifest.json is damaged"),
    "manifest empty": (lambda v: (v / "manifest.json").write_bytes(b""), "json is damaged"),
    "scaler.pkl missing": (lambda v: (v / "scaler.pkl").unlink(), "scaler.pkl is missing"),
    "manifest missing": (lambda v: (v / "manifest.json").unlink(), "there is no manifest.json"),
    "the folder missing": (shutil.rmtree, "There is no version"),
    "a foreign signature": (
        lambda v: edit(v, FOREIGN),
        "signed by another installation",
    ),
    "no signature": (lambda v: edit(v, signature=None), "changed or signed by another"),
    "better scores": (lambda v: edit(v, scores={}), "the manifest was changed"),
    "older scikit-learn": (age_scikit_learn, "made with scikit-learn 1.2.0, but "),
    "a trap in model.pkl": (lambda v: (v / "model.pkl").write_bytes(trap()), "model.pkl is not"),
    "a trap and its digest": (put_trap_and_digest, "the manifest was changed"),
    "two versions swapped": (swap, "the manifest is that of another version"),
    "a folder for a file": (
        lambda v: [(v / "pca.pkl").unlink(), (v / "pca.pkl").mkdir()],
        "pca.pkl cannot be read",
    ),
}


def serve(artifacts, number):
    version = artifacts.open(number)
    return embedding_of(version), load_scorer(version), joblib.load(version.folder / "model.pkl")


@pytest.mark.parametrize(("damage", "reason"), DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damage_is_refused_with_its_reason_before_anything_is_unpickled(
    made, settings, workplace, monkeypatch, damage, reason
):
    shutil.copytree(made, workplace, dirs_exist_ok=True)
    artifacts = open_registry(settings().artifacts)
    damage(artifacts.place.versions / "0002")
    monkeypatch.setattr(joblib, "load", lambda *_: pytest.fail("something was unpickled"))
    with pytest.raises(UntrustedArtifact) as refusal:
        serve(artifacts, "0002")
    assert reason in str(refusal.value)
    assert not (workplace / "the-trap-ran").exists()


def test_the_trap_would_have_run(workplace):
    (workplace / "model.pkl").write_bytes(trap())
    joblib.load(workplace / "model.pkl")
    assert (workplace / "the-trap-ran").exists()


def test_another_installation_refuses_all_versions(made, settings, workplace):
    shutil.copytree(made, workplace, dirs_exist_ok=True)
    for half in ("signing.key", "signing.pub"):
        (workplace / "secrets" / half).unlink()
    with pytest.raises(UntrustedArtifact, match="there is no good version"):
        open_registry(settings().artifacts).current()


def test_a_damaged_live_version_leaves_the_one_before_it_in_service(made, settings, workplace):
    shutil.copytree(made, workplace, dirs_exist_ok=True)
    artifacts = open_registry(settings().artifacts)
    flip(artifacts.place.versions / "0002" / "model.onnx")
    assert artifacts.current().manifest["version"] == "0001"
