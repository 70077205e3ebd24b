"""The distributions of drift are those of scipy."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtr, ndtri
from scipy.stats.contingency import expected_freq

from reporting.distributions.counts import (
    binomial_above,
    chi_square_above,
    chi_square_test,
    expected_counts,
    fisher_test,
)
from reporting.distributions.kolmogorov import kolmogorov_above
from reporting.distributions.normal import normal_below, normal_quantile


@pytest.mark.parametrize("share", [1e-17, 1e-6, 0.01, 0.3, 0.5, 0.999])
def test_quantiles_of_the_normal_distribution(share):
    assert normal_quantile(share) == pytest.approx(ndtri(share), rel=1e-9, abs=1e-12)


def test_the_normal_distribution():
    values = np.linspace(-12, 12, 49)
    assert normal_below(values) == pytest.approx(ndtr(values), rel=1e-9)


@pytest.mark.parametrize("rows", [1, 7, 500, 5_000])
@pytest.mark.parametrize("share", [0.0, 1e-4, 0.02, 0.5, 1.0])
def test_the_binomial_distribution(rows, share):
    for count in {-1, 0, 1, rows // 3, rows - 1, rows, rows + 1}:
        assert binomial_above(count, rows, share) == pytest.approx(
            stats.binom.sf(count, rows, share), rel=1e-8, abs=1e-300
        )


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 9, 10, 99, 400])
@pytest.mark.parametrize("value", [0.0, 1e-3, 0.5, 3.8, 50.0, 600.0])
def test_the_chi_square_distribution(freedom, value):
    assert chi_square_above(value, freedom) == pytest.approx(
        stats.chi2.sf(value, freedom), rel=1e-8, abs=1e-300
    )


@pytest.mark.parametrize("seed", range(20))
def test_the_tests_of_tables(seed):
    random = np.random.default_rng(seed)
    table = random.integers(1, 60, size=(2, int(random.integers(2, 8))))
    theirs = stats.chi2_contingency(table, correction=False)
    assert chi_square_test(table) == pytest.approx(theirs.pvalue, rel=1e-8)
    assert expected_counts(table) == pytest.approx(expected_freq(table))
    two = np.array([[0, 1], [1, 300]]) + random.integers(0, 12, size=(2, 2))
    assert fisher_test(two) == pytest.approx(stats.fisher_exact(two).pvalue, rel=1e-8)


@pytest.mark.parametrize("rows", [1, 2, 5, 30, 143, 400, 2_500])
def test_the_distribution_of_kolmogorov(rows):
    """From 141 rows on scipy approximates; ours agrees with its exact form, which is private."""
    for distance in (0.0, 0.3, 0.6, 0.9, 1.2, 1.48, 1.49, 2.0, 3.0, 6.0, 15.0):
        gap = min(1.0, distance / np.sqrt(rows))
        assert kolmogorov_above(gap, rows) == pytest.approx(
            stats.kstwo.sf(gap, rows), rel=1e-4, abs=1e-14
        )
