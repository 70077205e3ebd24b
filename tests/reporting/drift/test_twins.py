"""Two columns that were swapped: each has the distribution and the partners of the other."""

import numpy as np
import pytest

from pipeline.data.schema import Feature
from reporting.drift.associations import learn_associations
from reporting.drift.dataset_drift import compare
from reporting.drift.reference_columns import make_family
from reporting.drift.twins import find_swapped, learn_twins

FEATURES = [
    Feature("length", "number"),
    Feature("width", "number"),
    Feature("height", "number"),
    Feature("cut", "category", categories=("round", "oval", "none")),
]
LEVEL = 1e-4


def draw(rng, rows):
    """Round stones are a little longer, oval ones a little wider; the height is a twin of both."""
    size, cut = rng.normal(5, 1, rows), rng.choice(3, rows, p=[0.45, 0.45, 0.1])
    longer = 0.02 * (cut == 0) - 0.02 * (cut == 1) + 0.04 * rng.normal(size=rows)
    height = 0.6 * size + 0.02 * rng.normal(size=rows)
    return np.column_stack([size + longer, size - longer, height, cut])


@pytest.fixture
def rng():
    return np.random.default_rng(6)


def learn(values):
    known = learn_associations(FEATURES, values)
    return known, learn_twins(known)


def test_what_was_swapped_is_found_and_named(rng):
    family = make_family("features", FEATURES, draw(rng, 4_000), 200, linked=True)
    window = draw(rng, 500)
    window[:, [0, 1]] = window[:, [1, 0]]
    (found,) = compare([family], {"features": window}).found
    assert (found.name, found.method) == ("length", "correlation")
    assert found.words.startswith("differs from `width` the other way round")


def test_calm_windows_and_those_with_other_faults_are_silent(rng):
    known, twins = learn(draw(rng, 4_000))
    for _ in range(100):
        window = draw(rng, 500)
        assert find_swapped(known, twins, window, [500.0] * 4, LEVEL) is None
        window[:, 3] = rng.permutation(window[:, 3])
        assert find_swapped(known, twins, window, [500.0] * 4, LEVEL) is None


def test_where_nothing_foretells_the_difference_nobody_could_tell(rng):
    values = draw(rng, 4_000)
    values[:, 3] = 2
    assert learn(values)[1] == ()
