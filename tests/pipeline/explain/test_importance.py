"""What a version says of its features: how much is lost without each, in original features."""

import io
import json

import numpy as np
import pytest
from PIL import Image
from sklearn.base import BaseEstimator
from sklearn.inspection import permutation_importance

from pipeline.data import holdout_sample
from pipeline.data.holdout_sample import HoldoutSample, read_rows, sample_holdout
from pipeline.data.schema import Feature, ImageShape, Schema, pixel_features
from pipeline.embedding.affine import EmbeddingArrays, make_embedding
from pipeline.explain.feature_groups import group_features
from pipeline.explain.importance import (
    REPEATS,
    FeatureImportance,
    Importance,
    compare,
    measure_importance,
    read_importance,
)
from pipeline.model.scorer import load_scorer
from pipeline.registry.prepared import embedding_of, load_prepared, rows_of
from pipeline.registry.registry import open_registry
from tests.support.models_and_records.versions import make_version


class OnlyTheFirst:
    """A model that looks at the first number alone."""

    labels = ("a", "b")

    def score(self, vectors):
        places = (vectors[:, 0] > 0).astype(int)
        return places, np.eye(2)[places]


def plain_embedding(schema):
    """Vectors that are the rows themselves."""
    width = len(schema.features)
    still, ones = np.zeros(width), np.ones(width)
    steps = EmbeddingArrays(still, np.arange(width), np.full(width, -1), still, ones, np.eye(width))
    return make_embedding(schema, steps)


def table_of(width):
    features = tuple(Feature(f"x{place}", "number") for place in range(width))
    return plain_embedding(Schema("tabular", "y", ("a", "b"), features))


def rows_for(width, rows=80):
    values = np.random.default_rng(0).normal(size=(rows, width))
    return HoldoutSample(values, np.where(values[:, 0] > 0, "b", "a"))


def test_the_feature_that_the_model_looks_at_matters_and_the_others_do_not():
    found, _ = measure_importance(table_of(3), OnlyTheFirst(), rows_for(3), 10_000, 0)
    assert found.baseline == pytest.approx(1.0)
    assert found.features[0].mean > 0.3
    assert [(f.feature, f.mean, f.std) for f in found.features[1:]] == [("x1", 0, 0), ("x2", 0, 0)]


class Whole(BaseEstimator):
    """The pipeline as scikit-learn would ask it."""

    def __init__(self, embedding, scorer):
        self.embedding, self.scorer = embedding, scorer

    def fit(self):
        return self

    def predict(self, rows):
        return np.array(self.scorer.labels)[self.scorer.score(self.embedding.embed(rows)[0])[0]]


@pytest.mark.slow
def test_it_is_what_scikit_learn_finds_over_the_whole_pipeline(settings):
    sealed = make_version(settings(dataset__source="iris"))
    embedding, holdout = embedding_of(sealed), rows_of(sealed)
    whole, found = (
        Whole(embedding, load_scorer(sealed)),
        read_importance(sealed.read("importance.json")),
    )
    theirs = permutation_importance(
        whole, holdout.values, holdout.targets, scoring="balanced_accuracy", n_repeats=60
    )
    for mine, mean, std in zip(
        found.features, theirs["importances_mean"], theirs["importances_std"], strict=True
    ):
        assert abs(mine.mean - mean) < 4 * std / REPEATS**0.5 + 0.01


def test_a_table_with_gaps_and_categories_has_a_number_for_each_of_its_features(settings, shop):
    sealed = make_version(settings(dataset__source="shop.csv"))
    found = json.loads(sealed.read("importance.json"))
    assert [f["feature"] for f in found["features"]] == ["loyal", "price", "visits", "city"]
    assert (found["score"], found["rows"], found["repeats"]) == ("balanced accuracy", 12, 5)


@pytest.mark.parametrize("method", ["pca", "features"])
def test_replaced_features_give_the_vectors_of_the_rows_with_them(settings, shop, method):
    sealed = make_version(settings(dataset__source="shop.csv", embedding__method=method))
    embedding, rows = embedding_of(sealed), rows_of(sealed).values
    donors, places = rows[::-1], np.array([0, 3])
    mixed = rows.copy()
    mixed[:, places] = donors[:, places]
    found = embedding.replace(rows, donors, places)
    assert np.abs(found - embedding.embed(mixed)[0]).max() < 1e-12


def test_the_same_version_is_measured_the_same_again(settings):
    wanted = settings(dataset__source="iris")
    first, second = (make_version(wanted).read("importance.json") for _ in range(2))
    assert first == second


def test_images_have_a_picture_of_it_with_the_proportions_of_the_image(settings, pictures):
    sealed = make_version(settings(dataset__source="pictures", dataset__image_size=8))
    with Image.open(io.BytesIO(sealed.read("importance.png"))) as picture:
        assert picture.size == (256, 256)
    assert len(read_importance(sealed.read("importance.json")).features) == 64


def test_it_can_be_turned_off(settings):
    sealed = make_version(settings(dataset__source="iris", training__importance_rows=0))
    assert "importance.json" not in sealed


def test_an_embedding_without_kept_rows_makes_a_version_without_it(settings, monkeypatch):
    """As prepared before there was any of this."""
    with monkeypatch.context() as patch:
        patch.setattr(holdout_sample, "FILE", "nothing.npz")
        sealed = make_version(settings(dataset__source="iris"))
    assert rows_of(sealed) is None


def test_no_more_is_asked_of_the_model_than_the_budget_allows():
    asked = []

    class Counting(OnlyTheFirst):
        def score(self, vectors):
            asked.append(len(vectors))
            return super().score(vectors)

    measure_importance(table_of(200), Counting(), rows_for(200), 20_000, 0)
    assert sum(asked) < 25_000


def test_of_a_wide_table_the_lightest_features_are_looked_at_together():
    embedding = table_of(50)
    embedding.steps.components[7] *= 0.1
    names = [group.name for group in group_features(embedding, 50)]
    assert names == [f"x{place}" for place in range(50)]
    groups = group_features(embedding, 49)
    assert len(groups) == 49
    assert groups[-1].name == "the other 2 features"
    assert 7 in groups[-1].places


@pytest.mark.parametrize("colour", [False, True])
def test_of_large_pictures_blocks_are_looked_at_that_cover_every_pixel_once(colour):
    shape = ImageShape(20, 33, colour)
    features = pixel_features(shape, np.zeros(20 * 33 * (3 if colour else 1)))
    embedding = plain_embedding(Schema("image", "label", ("a", "b"), features[:4], shape))
    groups = group_features(embedding, 40)
    assert len(groups) == 3 * 5
    assert groups[-1].name == "pixels_32_16_to_32_19"
    covered = np.concatenate([group.places for group in groups])
    assert sorted(covered) == list(range(len(features)))


def test_the_first_kept_rows_hold_every_label_in_its_share():
    targets = np.array(["a"] * 90 + ["b"] * 10)
    kept = sample_holdout(np.arange(100.0)[:, None], targets)
    assert (kept.first(20).targets == "b").sum() == 2
    assert len(kept) == 100


def test_kept_rows_are_bounded_in_number_and_size_and_read_back_the_same():
    many = sample_holdout(np.zeros((1000, 2)), np.full(1000, "a"))
    wide = sample_holdout(np.arange(4e6).reshape(100, -1), np.full(100, "é"))
    assert (len(many), len(wide)) == (300, 25)
    again = read_rows(wide.to_bytes())
    assert np.array_equal(again.values, wide.values)
    assert again.targets.tolist() == wide.targets.tolist()


def of(**means):
    features = tuple(FeatureImportance(name, mean, 0.01) for name, mean in means.items())
    return Importance("balanced accuracy", 0.9, 30, 5, features)


def test_a_change_is_named_with_the_largest_first_and_chance_told_apart():
    changes = compare(of(x=0.2, y=0.10, gone=0.5), of(x=0.21, y=0.3, new=0.4))
    assert [(c["feature"], c["beyond_noise"]) for c in changes] == [("y", True), ("x", False)]
    assert changes[0]["change"] == pytest.approx(0.2)


def test_prepared_rows_are_those_of_the_holdout(settings):
    wanted = settings(dataset__source="iris")
    make_version(wanted)
    prepared = load_prepared(wanted, open_registry(wanted.artifacts))
    vectors, _ = prepared.embedding.embed(prepared.holdout_rows().values)
    kept = {tuple(np.round(vector, 9)) for vector in vectors}
    assert kept <= {tuple(np.round(vector, 9)) for vector in prepared.holdout.values}
