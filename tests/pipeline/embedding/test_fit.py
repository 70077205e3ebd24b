"""The embedding in numpy does what the fitted scikit-learn objects do, and is frozen."""

import math
import pickle

import numpy as np
import pytest

from pipeline.data.observation import InvalidObservation, encode_observation
from pipeline.data.schema import Feature, ImageShape, Schema, pixel_features
from pipeline.embedding.affine import read_embedding
from pipeline.embedding.fit import fit_embedding
from pipeline.setting_tables import EmbeddingSettings
from pipeline.settings import InvalidSetting
from pipeline.tables.table import InvalidDataset

LOYAL = Feature("loyal", "boolean")
PRICE = Feature("price", "number")
VISITS = Feature("visits", "integer")
CITY = Feature("city", "category", categories=("Bern", "Chur"))
PLAN = Feature("plan", "category", categories=("a", "b", "c"))


def table(*features):
    return Schema("tabular", "target", ("x", "y"), features)


def images(side=5, colour=False):
    shape = ImageShape(side, side, colour)
    pixels = side * side * (3 if colour else 1)
    return Schema("image", "label", ("x", "y"), pixel_features(shape, [0.0] * pixels), shape)


def draw(schema, rows=200, seed=0):
    random = np.random.default_rng(seed)
    columns = []
    for feature in schema.features:
        if feature.type == "category":
            columns.append(random.integers(len(feature.categories) + 2, size=rows))
        elif feature.type == "boolean":
            columns.append(np.where(random.random(rows) < 0.1, math.nan, random.random(rows) < 0.3))
        elif schema.kind == "image":
            columns.append(random.integers(256, size=rows))
        else:
            columns.append(np.where(random.random(rows) < 0.1, math.nan, random.normal(9, 3, rows)))
    return np.column_stack(columns).astype(float)


def fit(schema, rows, components=0.9, seed=0, kind="pca"):
    wanted = EmbeddingSettings(components=components, seed=seed)
    return fit_embedding(schema, rows, wanted, kind)


def unpickle(fitted, name):
    return pickle.loads(fitted.pickles[name])


SCHEMAS = {
    "grey images": images(),
    "colour images": images(3, colour=True),
    "numbers": table(PRICE, VISITS),
    "numbers before a boolean": table(PRICE, VISITS, LOYAL),
    "a boolean before numbers": table(LOYAL, PRICE, VISITS),
    "categories": table(CITY, PLAN),
    "all kinds": table(CITY, LOYAL, PRICE, PLAN, VISITS),
}


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS.keys())
@pytest.mark.parametrize("components", [1, 0.9])
def test_it_equals_the_scaler_and_then_the_pca(schema, components):
    """A boolean before a number gave other vectors: scikit-learn puts numbers first."""
    fitted = fit(schema, draw(schema), components)
    rows = draw(schema, seed=1)
    scaler, pca = unpickle(fitted, "scaler.pkl"), unpickle(fitted, "pca.pkl")
    expected = pca.transform(scaler.transform(rows))
    assert np.abs(fitted.embedding.embed(rows)[0] - expected).max() < 1e-9


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS.keys())
def test_the_residual_is_the_distance_to_what_the_pca_restores(schema):
    fitted = fit(schema, draw(schema), 1)
    rows = draw(schema, seed=1)
    pca, scaled = unpickle(fitted, "pca.pkl"), unpickle(fitted, "scaler.pkl").transform(rows)
    restored = pca.inverse_transform(pca.transform(scaled))
    expected = np.linalg.norm(scaled - restored, axis=1)
    assert np.abs(fitted.embedding.embed(rows)[1] - expected).max() < 1e-6


def test_one_row_embeds_as_it_does_among_many():
    schema = SCHEMAS["all kinds"]
    embedding = fit(schema, draw(schema)).embedding
    rows = draw(schema, seed=1)
    alone = np.concatenate([embedding.embed(row[None])[0] for row in rows])
    assert np.abs(alone - embedding.embed(rows)[0]).max() < 1e-12


def test_an_unseen_category_has_a_bucket_of_its_own_that_shows_in_the_residual():
    """No training row has one, so the PCA keeps nothing of it and all of it is residual."""
    schema = table(PRICE, VISITS, CITY)
    rows = draw(schema)
    rows[:, 2] %= 2
    embedding = fit(schema, rows, 3).embedding
    known, new = (encode_observation(schema, [9, 9, city]) for city in ("Bern", "Paris"))
    residuals = embedding.embed(np.array([known, new]))[1]
    assert residuals[1] > residuals[0] + 0.5


def test_its_id_is_the_same_for_the_same_fit_and_another_for_another():
    schema = SCHEMAS["all kinds"]
    rows = draw(schema)
    first, again = fit(schema, rows).embedding, fit(schema, rows.copy()).embedding
    others = [
        fit(schema, draw(schema, seed=1)).embedding,
        fit(schema, rows, 3).embedding,
        fit(table(CITY, LOYAL, PRICE, PLAN, Feature("n", "integer")), rows).embedding,
    ]
    assert first.embedding_id == again.embedding_id
    assert len({first.embedding_id, *(other.embedding_id for other in others)}) == 4


def test_it_is_the_same_after_a_stay_on_disk():
    schema = SCHEMAS["all kinds"]
    embedding = fit(schema, draw(schema)).embedding
    again = read_embedding(schema, embedding.to_bytes())
    assert again.embedding_id == embedding.embedding_id
    assert np.array_equal(again.embed(draw(schema))[0], embedding.embed(draw(schema))[0])


def test_a_value_too_large_for_a_classifier_is_refused():
    """Its vector was finite in float64 and infinite in the float32 of a forest."""
    schema = table(PRICE, VISITS)
    embedding = fit(schema, draw(schema) / 1000).embedding
    with pytest.raises(InvalidObservation, match="too far from the data"):
        embedding.embed(np.array([[3e38, 1.0]]))


def test_more_components_than_the_data_have_are_refused():
    with pytest.raises(InvalidSetting, match=r"embedding\.components is 3: .* at most 2\."):
        fit(table(PRICE, VISITS), draw(table(PRICE, VISITS)), 3)


def test_a_constant_column_is_left_aside_and_a_constant_table_refused():
    schema = table(PRICE, VISITS)
    rows = np.column_stack([np.arange(20.0), np.full(20, 3.0)])
    assert fit(schema, rows).embedding.width == 1
    with pytest.raises(InvalidDataset, match="Every feature has one and the same value"):
        fit(schema, np.full((20, 2), 3.0))


def test_a_column_whose_values_all_fell_into_the_holdout_is_no_error():
    """The imputer left the column out and the arrays no longer fitted each other."""
    schema = table(PRICE, VISITS)
    rows = np.column_stack([np.full(20, math.nan), np.arange(20.0)])
    fitted = fit(schema, rows)
    assert fitted.embedding.embed(np.array([[4.0, 3.0]]))[0].shape == (1, 1)
