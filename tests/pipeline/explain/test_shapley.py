"""What each feature contributed to a prediction: Shapley values of the whole pipeline."""

import itertools
import math

import numpy as np
import pytest

from pipeline.explain.feature_groups import group_features
from pipeline.explain.shapley import explain
from pipeline.model.scorer import load_scorer
from pipeline.registry.prepared import embedding_of, rows_of
from tests.pipeline.explain.test_importance import table_of
from tests.support.models_and_records.versions import make_version


class Formula:
    """A model whose probability of `yes` is a formula of the vector."""

    labels = ("no", "yes")

    def __init__(self, formula):
        self._formula = formula

    def score(self, vectors):
        yes = self._formula(vectors.T)
        return (yes > 0.5).astype(int), np.column_stack([1 - yes, yes])


def exact(formula, background, row):
    """By the definition: every coalition of features, weighted."""
    width, values = len(row), np.zeros(len(row))
    for place in range(width):
        others = [p for p in range(width) if p != place]
        for size in range(width):
            weight = 1 / (width * math.comb(width - 1, size))
            for coalition in itertools.combinations(others, size):
                without = background.copy()
                without[:, coalition] = row[list(coalition)]
                joined = without.copy()
                joined[:, place] = row[place]
                values[place] += weight * (formula(joined.T) - formula(without.T)).mean()
    return values


BACKGROUND = np.random.default_rng(0).uniform(0, 1, size=(60, 4))
ROW = np.array([0.9, 0.2, 0.7, 0.4])


def test_of_a_sum_each_feature_contributed_its_own_part_exactly():
    found = explain(table_of(4), Formula(lambda x: (x[0] + 2 * x[1]) / 4), BACKGROUND, ROW, "yes")
    parts = (ROW - BACKGROUND.mean(axis=0)) * [0.25, 0.5, 0.0, 0.0]
    assert found.contributions == pytest.approx(parts)


def test_where_features_work_together_it_is_the_shapley_value():
    def formula(x):
        return x[0] * x[1] * x[2] + 0.1 * (x[3] > 0.5)

    found = explain(table_of(4), Formula(formula), BACKGROUND, ROW, "yes")
    assert found.contributions == pytest.approx(exact(formula, BACKGROUND, ROW), abs=0.01)


@pytest.mark.parametrize("source", ["iris", "shop.csv", "pictures"])
def test_contributions_add_up_to_what_the_model_says_less_the_baseline(
    settings, shop, pictures, source
):
    sealed = make_version(settings(dataset__source=source, dataset__image_size=8))
    embedding, scorer, rows = embedding_of(sealed), load_scorer(sealed), rows_of(sealed).values
    label = scorer.labels[0]
    found = explain(embedding, scorer, rows, rows[0], label)
    said = scorer.score(embedding.embed(rows)[0])[1][:, 0]
    assert found.probability == pytest.approx(said[0])
    assert found.baseline == pytest.approx(said.mean())
    assert found.baseline + found.contributions.sum() == pytest.approx(found.probability)


def test_without_time_fewer_rows_are_compared_and_it_still_adds_up():
    formula = Formula(lambda x: x[0] * x[1])
    found = explain(table_of(4), formula, BACKGROUND, ROW, "yes", seconds=0.0)
    assert found.rows == 10
    assert found.baseline + found.contributions.sum() == pytest.approx(found.probability)


@pytest.mark.slow
def test_a_very_wide_table_is_explained_in_a_bounded_number_of_groups():
    row, background = np.ones(1000), np.zeros((12, 1000))
    found = explain(table_of(1000), Formula(lambda x: x.mean(axis=0)), background, row, "yes")
    assert len(found.contributions) == len(group_features(table_of(1000), 400)) == 400
    assert found.contributions[-1] == pytest.approx(601 / 1000)
