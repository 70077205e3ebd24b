"""The rising curve is that of scikit-learn."""

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from pipeline.quality.isotonic import fit_isotonic


@pytest.mark.parametrize("seed", range(20))
def test_it_is_the_curve_of_scikit_learn(seed):
    random = np.random.default_rng(seed)
    rows = int(random.integers(1, 400))
    values = random.random(rows).round(int(random.integers(1, 6)))
    heights = (random.random(rows) < values).astype(np.float64)
    theirs = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(values, heights)
    asked = np.linspace(-0.5, 1.5, 101)
    assert fit_isotonic(values, heights).at(asked) == pytest.approx(theirs.predict(asked))
