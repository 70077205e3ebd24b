"""The kinds of embedding: what their columns are called, and that all work alike."""

import hashlib
import math

import msgspec
import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from pipeline import unpickling
from pipeline.auto import cross_validation
from pipeline.auto.embedding_choice import fit_chosen
from pipeline.data.observation import InvalidObservation, encode_observation
from pipeline.data.schema import Feature, Schema
from pipeline.embedding.affine import read_embedding
from pipeline.embedding.column_names import unique_names
from pipeline.embedding.embedding import identify
from pipeline.embedding.fit import fit_embedding
from pipeline.registry.prepared import load_prepared
from pipeline.registry.registry import open_registry
from pipeline.setting_tables import EmbeddingSettings
from pipeline.settings import InvalidSetting
from scripts.prepare import prepare
from tests.support.models_and_records.versions import make_version

SCHEMA = Schema(
    "tabular",
    "kind",
    ("a", "b"),
    (
        Feature("depth", "number"),
        Feature("cut", "category", categories=("Fair", "Ideal"), example="Fair"),
        Feature("polished", "boolean", example=True),
    ),
)


@pytest.fixture(autouse=True)
def once(monkeypatch):
    """Few rows are divided into folds five times; to be quick, once."""
    monkeypatch.setattr(cross_validation, "MOST_REPEATS", 1)


def rows(count=60, seed=0):
    random = np.random.default_rng(seed)
    depth = np.where(random.random(count) < 0.1, math.nan, random.normal(60, 2, count))
    cut, polished = random.integers(4, size=count), random.integers(2, size=count)
    return np.column_stack([depth, cut, polished]).astype(float)


def fit(kind="features", values=None):
    wanted = EmbeddingSettings()
    return fit_embedding(SCHEMA, rows() if values is None else values, wanted, kind).embedding


def test_features_are_columns_that_carry_their_names():
    assert fit().columns == (
        *("depth", "cut=Fair", "cut=Ideal", "cut=(missing)", "cut=(unseen)", "polished"),
    )
    assert fit("pca").columns[:2] == ("PCA_1", "PCA_2")


def test_a_number_becomes_its_distance_from_the_mean_in_spreads():
    values = rows()
    embedding = fit(values=values)
    vectors, residuals = embedding.embed(values)
    known = ~np.isnan(values[:, 0])
    assert vectors.mean(axis=0) == pytest.approx(np.zeros(6), abs=1e-12)
    assert np.corrcoef(vectors[known, 0], values[known, 0])[0, 1] == pytest.approx(1)
    assert not residuals.any()
    assert not embedding.has_residual


def test_a_category_that_was_never_seen_and_a_missing_one_are_columns_of_their_own():
    embedding = fit()
    known, missing, unseen = (
        embedding.embed(np.array([encode_observation(SCHEMA, [60.0, cut, True])]))[0][0]
        for cut in ("Fair", None, "Crooked")
    )
    highest = {"cut=Fair": known, "cut=(missing)": missing, "cut=(unseen)": unseen}
    for name, vector in highest.items():
        place = embedding.columns.index(name)
        assert vector[place] == max(v[place] for v in highest.values())
        assert vector[place] > 0


def test_a_pca_that_keeps_all_has_no_residual_to_watch():
    """What it left was rounding, which drifted in every window."""
    whole = fit_embedding(SCHEMA, rows(), EmbeddingSettings(components=3), "pca").embedding
    assert whole.has_residual
    plain = Schema("tabular", "kind", ("a", "b"), (Feature("x", "number"), Feature("y", "number")))
    values = np.random.default_rng(0).normal(size=(30, 2))
    full = fit_embedding(plain, values, EmbeddingSettings(components=2), "pca").embedding
    assert not full.has_residual
    assert not full.embed(values)[1].any()


@pytest.mark.parametrize("kind", ["features", "pca"])
def test_it_is_the_same_after_a_stay_on_disk(kind):
    embedding = fit(kind)
    again = read_embedding(SCHEMA, embedding.to_bytes())
    assert (again.kind, again.embedding_id) == (kind, embedding.embedding_id)
    assert np.array_equal(again.embed(rows(seed=1))[0], embedding.embed(rows(seed=1))[0])


def test_no_two_columns_have_one_name():
    names = unique_names(["target", "x", "x", "x_2", "pca_residual"])
    assert len({*names, "target", "prediction", "pca_residual"}) == 8


# What a user's own module holds.


def squares(schema):
    assert schema.features
    return make_pipeline(FunctionTransformer(np.square), StandardScaler())


def of_a_lambda(schema):
    return make_pipeline(FunctionTransformer(lambda x: x), StandardScaler())


def harmful(values):
    return values


def of_a_foreign_function(schema):
    return FunctionTransformer(harmful)


def test_a_transformer_of_the_users_own_embeds_and_is_sealed_into_the_version(settings):
    wanted = settings(
        dataset__source="iris",
        embedding__pipeline="tests.pipeline.embedding.test_embedding:squares",
    )
    version = make_version(wanted)
    assert version.manifest["embedding_kind"] == "pipeline"
    assert {"pipeline.pkl", "model.onnx"} <= set(version.manifest["files"])
    prepared = load_prepared(wanted, open_registry(wanted.artifacts))
    held = prepared.holdout_rows()
    expected = unpickling.load(version.read("pipeline.pkl")).transform(held.values)
    assert np.abs(prepared.embedding.embed(held.values)[0] - expected).max() < 1e-12
    header = (wanted.paths.data / "ref_data.csv").read_text().splitlines()[0]
    assert header == ",".join([*prepared.embedding.columns, "target"])


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ("nowhere:make", "which is not there: No module named 'nowhere'"),
        ("tests.pipeline.embedding.test_embedding:nothing", "which is not there: .*nothing"),
        ("tests.pipeline.embedding.test_embedding:of_a_lambda", "cannot be used: .*lambda"),
        (
            "tests.pipeline.embedding.test_embedding:of_a_foreign_function",
            "cannot be served: it holds tests.pipeline.embedding.test_embedding.harmful",
        ),
    ],
)
def test_a_pipeline_that_cannot_be_used_is_said_at_prepare(settings, named, sentence):
    wanted = settings(dataset__source="iris", embedding__pipeline=named)
    with pytest.raises(InvalidSetting, match=sentence):
        prepare(wanted, open_registry(wanted.artifacts))


def test_a_module_on_the_list_is_trusted(settings):
    wanted = settings(
        dataset__source="iris",
        embedding__pipeline="tests.pipeline.embedding.test_embedding:of_a_foreign_function",
        artifacts__trusted='["tests.pipeline.embedding.test_embedding"]',
    )
    assert make_version(wanted).manifest["served_by"] == "onnx"


@pytest.mark.filterwarnings("ignore:overflow")
def test_a_row_that_a_pipeline_refuses_is_a_bad_observation():
    schema = Schema("tabular", "k", ("a", "b"), (Feature("x", "number"), Feature("y", "number")))
    wanted = EmbeddingSettings(pipeline="tests.pipeline.embedding.test_embedding:squares")
    values = np.random.default_rng(0).normal(size=(30, 2))
    embedding = fit_embedding(schema, values, wanted).embedding
    with pytest.raises(
        InvalidObservation, match="are refused by the pipeline: Input X contains infinity"
    ):
        embedding.embed(np.array([[1e200, 1.0]]))


# What `auto` takes.


def choose(values, targets, **wanted):
    features = tuple(Feature(f"x{place}", "number") for place in range(values.shape[1]))
    schema = Schema("tabular", "y", ("no", "yes"), features)
    return fit_chosen(schema, values, targets, EmbeddingSettings(**wanted))


def test_auto_takes_the_features_where_a_pca_loses_what_matters():
    random = np.random.default_rng(0)
    common = random.normal(size=(300, 1))
    values = np.hstack([common + 0.01 * random.normal(size=(300, 6)), random.normal(size=(300, 1))])
    values[:, 6] *= 0.2  # StandardScaler undoes it; a PCA of 0.5 of the variance drops it
    fitted, choice = choose(values, np.where(values[:, 6] > 0, "yes", "no"), components=0.5)
    assert fitted.embedding.kind == "features"
    assert choice.tried["features"] > 0.9 > choice.tried["PCA"]
    assert str(choice).endswith(" %: features")


def test_auto_takes_the_pca_where_it_is_better():
    random = np.random.default_rng(0)
    hidden = random.normal(size=300)
    values = hidden[:, None] + 3.0 * random.normal(size=(300, 80))
    fitted, choice = choose(values, np.where(hidden > 0, "yes", "no"), components=1)
    assert (fitted.embedding.kind, choice.kind) == ("pca", "pca")


def test_a_method_that_is_named_is_not_tried():
    values = np.random.default_rng(0).normal(size=(60, 3))
    targets = np.where(values[:, 0] > 0, "yes", "no")
    for method in ("pca", "features"):
        fitted, choice = choose(values, targets, method=method)
        assert (fitted.embedding.kind, choice.tried) == (method, {})


def test_prepare_says_what_was_tried_and_keeps_it(settings, capsys):
    wanted = settings(dataset__source="iris", embedding__method="auto")
    version = make_version(wanted)
    assert "features 9" in capsys.readouterr().out
    assert version.manifest["embedding_kind"] == "features"
    header = (wanted.paths.data / "ref_data.csv").read_text().splitlines()[0]
    assert header == "sepal_length_cm,sepal_width_cm,petal_length_cm,petal_width_cm,target"


def test_pictures_stay_with_the_pca(settings, pictures):
    wanted = settings(dataset__source=str(pictures), embedding__method="auto")
    prepare(wanted, open_registry(wanted.artifacts))
    assert (wanted.paths.data / "ref_data.csv").read_text().startswith("PCA_1,")


def test_a_schema_of_an_older_release_keeps_its_id():
    """Which knew no readings, no text and no ignored columns; records hang on the id."""
    feature = {"name": "x", "type": "number", "minimum": 0.0, "maximum": 1.0, "categories": []}
    old = {"kind": "tabular", "target": "y", "labels": ["a", "b"]}
    old |= {"features": [{**feature, "example": 0.5}], "image": None}
    told = hashlib.sha256(msgspec.json.encode(old)).hexdigest()[:16]
    made = Schema("tabular", "y", ("a", "b"), (Feature("x", "number", 0.0, 1.0, example=0.5),))
    assert identify(msgspec.convert(old, Schema)) == identify(made) == told
