"""The figures of a report as the project's panels can show them."""

import numpy as np

from reporting.drift.dataset_drift import compare
from reporting.evidently_reports.dashboard import _drift_figures
from tests.reporting.drift.test_dataset_drift import numbers


def test_a_project_in_which_every_feature_drifted_has_a_value():
    """Evidently's counter says "no value" for 0, as if nothing were known."""
    rng = np.random.default_rng(6)
    family = numbers("age", rng.normal(size=4_000))
    figures = _drift_figures(compare([family], {"features": rng.normal(3, 1, (500, 1))}))
    assert figures["drift_share"] == 1
    assert 0 < figures["stable_share"] < 1e-6
