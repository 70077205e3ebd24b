"""Columns in the wrong rows: each has the distribution that it always had."""

import numpy as np
import pytest

from pipeline.data.schema import Feature
from reporting.drift.associations import learn_associations
from reporting.drift.dataset_drift import compare
from reporting.drift.reference_columns import make_family

KINDS = ("plain", "fancy", "none")
FEATURES = [
    Feature("carat", "number"),
    Feature("colour", "category", categories=KINDS),
    Feature("depth", "number"),
    Feature("price", "number"),
    Feature("weekday", "integer"),
]
LEVEL, LEAST = 1e-4, 0.6


def draw(rng, rows):
    """The price follows from all but the weekday, and colour by itself goes with nothing."""
    carat, depth = rng.lognormal(size=rows), rng.normal(size=rows)
    colour = rng.choice(3, rows, p=[0.5, 0.3, 0.2])
    price = carat * (1 + colour) + depth**2 + 0.2 * rng.normal(size=rows)
    values = np.column_stack([carat, colour, depth, price, rng.integers(0, 7, rows)])
    values[rng.random(rows) < 0.05, 3] = np.nan
    return values


@pytest.fixture
def rng():
    return np.random.default_rng(6)


@pytest.fixture
def known(rng):
    return learn_associations(FEATURES, draw(rng, 4_000))


def find(known, window):
    return known.find_broken(window, [float(len(window))] * len(FEATURES), LEVEL, LEAST)


def test_a_feature_is_watched_if_the_others_together_foretell_it(known):
    assert {known.names[link.place] for link in known.links} == {"carat", "colour", "price"}


def test_calm_windows_are_silent(rng, known):
    assert not any(find(known, draw(rng, 500)) for _ in range(200))


@pytest.mark.parametrize("place", [0, 1, 3])
def test_the_column_in_the_wrong_rows_is_named(rng, known, place):
    for _ in range(20):
        window = draw(rng, 500)
        window[:, place] = rng.permutation(window[:, place])
        (name,) = find(known, window)
        assert name == FEATURES[place].name


def test_of_two_that_foretell_each_other_one_is_blamed(rng):
    values = rng.normal(size=(4_000, 1)) + 0.3 * rng.normal(size=(4_000, 2))
    known = learn_associations([FEATURES[0], FEATURES[2]], values)
    window = values[:500].copy()
    window[:, 1] = rng.permutation(window[:, 1])
    assert len(find(known, window)) == 1


@pytest.mark.parametrize("frozen", [True, False])
def test_a_feature_is_frozen_where_the_others_go_on_without_it(rng, known, frozen):
    """Else it is a season, in which the others are as they are with that value."""
    window = draw(rng, 1_200)
    if frozen:
        window[:, 1] = 0.0
    assert known.go_on(1, window[window[:, 1] == 0.0][:500]) == frozen


def test_of_what_goes_with_nothing_the_others_do_not_tell(rng, known):
    window = draw(rng, 500)
    window[:, 4] = 3.0
    assert not known.go_on(4, window)


def test_features_beyond_those_that_are_watched_do_no_harm(rng):
    """One of them holds a usual value throughout, which once ended the pass."""
    features = [Feature(f"f{place}", "integer") for place in range(45)]
    values = rng.integers(0, 3, (4_500, 1)) + rng.integers(0, 2, (4_500, 45)).astype(np.float64)
    window = values[4_000:].copy()
    window[:, 44] = 1.0
    family = make_family("features", features, values[:4_000], 200, linked=True)
    (found,) = compare([family], {"features": window}).found
    assert "is always 1" in found.words


def test_a_window_of_one_value_says_nothing_that_is_no_number(rng, known):
    broken = find(known, np.repeat(draw(rng, 1), 500, axis=0))
    assert broken
    assert all(np.isfinite(one.lost) for one in broken.values())


def test_a_small_reference_tells_nothing(rng):
    assert learn_associations(FEATURES, draw(rng, 700)) is None
