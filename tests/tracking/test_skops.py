"""A file of skops is read under the list of pickles, or refused; nothing of it is run."""

import zipfile

import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.preprocessing import FunctionTransformer

from pipeline import unpickling
from pipeline.retraining.foreign_model import ForeignRefused
from scripts.tracking import foreign_version

pytestmark = pytest.mark.tracking


@pytest.fixture(autouse=True)
def skops():
    return pytest.importorskip("skops.io")


def convert(skops, path, model):
    skops.dump(model, path)
    return foreign_version.to_pickle(path, "skops", ())


def test_what_skops_itself_does_not_know_is_taken_if_it_is_on_our_list(skops, tmp_path):
    model = HistGradientBoostingClassifier(max_iter=3).fit([[0.0], [1.0]] * 30, ["a", "b"] * 30)
    assert skops.get_untrusted_types(data=skops.dumps(model))
    loaded = unpickling.load(convert(skops, tmp_path / "model.skops", model))
    assert loaded.predict([[0.0], [1.0]]).tolist() == model.predict([[0.0], [1.0]]).tolist()


def test_a_function_of_another_module_is_refused(skops, tmp_path):
    with pytest.raises(ForeignRefused, match=r"it holds os\.|it holds posix"):
        convert(skops, tmp_path / "model.skops", FunctionTransformer(__import__("os").remove))


def test_a_file_that_unpacks_to_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(foreign_version, "MOST_BYTES", 1_000)
    with zipfile.ZipFile(tmp_path / "model.skops", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("schema.json", "0" * 10_000)
    with pytest.raises(ForeignRefused, match="it unpacks to more"):
        foreign_version.to_pickle(tmp_path / "model.skops", "skops", ())


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nothing"])
def test_a_damaged_file_is_refused(tmp_path, content):
    (tmp_path / "model.skops").write_bytes(content)
    with pytest.raises(ForeignRefused, match="cannot be read"):
        foreign_version.to_pickle(tmp_path / "model.skops", "skops", ())


def test_a_format_that_is_not_known_is_refused(tmp_path):
    with pytest.raises(ForeignRefused, match="of the kind 'onnx'"):
        foreign_version.to_pickle(tmp_path / "model", "onnx", ())
