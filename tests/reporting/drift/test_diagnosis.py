import numpy as np
import pytest

from pipeline.data.holdout_sample import HoldoutSample
from pipeline.data.schema import Feature
from pipeline.quality.calibration import ExpectedQuality
from reporting.drift.categorical_tests import count_labels, detect_label_drift
from reporting.drift.dataset_drift import compare
from reporting.drift.diagnosis import (
    LabelShift,
    diagnose,
    error_by_shares,
    explains_inputs,
    follow_labels,
)
from reporting.drift.error_drift import ErrorRateMonitor, LabelledRow
from reporting.drift.policy import Rule
from reporting.drift.reference_columns import make_family
from reporting.insufficient import Insufficient

FEATURES = (Feature("age", "number", -9.0, 9.0), Feature("income", "number", -9.0, 9.0))
LABELS = ("no", "yes")
USUAL = ExpectedQuality(0.9, 0.9, 0.01, 500)
FEW = Insufficient(0, "too few")


@pytest.fixture
def rng():
    return np.random.default_rng(6)


def draw(rng, rows, share=0.5):
    """Two labels, half of whose rows are `yes` and older."""
    targets = np.where(rng.random(rows) < share, "yes", "no")
    values = rng.normal(size=(rows, 2))
    values[:, 0] += 2.0 * (targets == "yes")
    return values, targets


def said(values):
    """Probabilities of `no` and `yes`, as the best model would have them."""
    yes = 1 / (1 + np.exp(-2 * (values[:, 0] - 1)))
    return np.column_stack([1 - yes, yes])


@pytest.fixture
def known(rng):
    return draw(rng, 4_000)


@pytest.fixture
def look(known):
    def look(values, targets, rate=0.1, foretold=USUAL):
        family = make_family("features", FEATURES, known[0], 200)
        drift = compare([family], {"features": values})
        target = detect_label_drift(count_labels(known[1]), count_labels(targets))
        monitor = ErrorRateMonitor()
        wrong = np.arange(len(targets)) % round(1 / rate) == 0
        monitor.update(LabelledRow(n, bool(w), 0.1, "") for n, w in enumerate(wrong))
        shift = None
        if target.drifted:
            sample = HoldoutSample(*known)
            answers = follow_labels(said(known[0]), known[1], LABELS, said(values), targets)
            shift = LabelShift(
                explains_inputs(family, sample, values, targets, Rule()), answers, 0.1
            )
        return diagnose(drift, target, monitor.state("", 50), foretold, shift)

    return look


def test_nothing_is_nothing(rng, look):
    assert look(*draw(rng, 500)).kind == "none"


def test_a_moved_feature_is_a_covariate_shift_although_errors_rise_as_foretold(rng, look):
    values, targets = draw(rng, 500)
    values[:, 1] += 0.5
    assert look(values, targets).kind == "covariate"
    harder = ExpectedQuality(0.66, 0.66, 0.02, 500)
    assert look(values, targets, rate=0.33, foretold=harder).kind == "covariate"


def test_errors_that_confidence_did_not_foretell_are_concept_drift(rng, look):
    found = look(*draw(rng, 500), rate=0.33)
    assert found.kind == "concept"
    assert "33% of predictions are wrong, 10% were expected" in found.evidence


def test_other_shares_of_labels_that_explain_the_inputs_are_target_drift(rng, look):
    found = look(*draw(rng, 500, share=0.75))
    assert found.kind == "target"
    assert "points" in found.evidence


def test_other_labels_of_inputs_as_ever_are_concept_drift_before_errors_tell(rng, look):
    values, targets = draw(rng, 500)
    targets[(targets == "no") & (rng.random(500) < 0.3)] = "yes"
    found = look(values, targets)
    assert found.kind == "concept"
    assert found.evidence.endswith("points, of inputs as ever")


def test_labels_that_the_model_does_not_know_explain_no_answers(rng):
    values, targets = draw(rng, 400)
    asked = said(values)
    assert not follow_labels(asked, targets, LABELS, asked, np.array(["perhaps"] * 300))


def test_missing_values_are_damage_and_are_not_to_be_learned(rng, look):
    values, targets = draw(rng, 500)
    values[::5, 0] = np.nan
    found = look(values, targets)
    assert found.kind == "damage"
    assert "`age` is missing in 20.0% instead of 0.0%" in found.evidence
    assert "Mend" in found.advice


def test_without_rows_nothing_is_said():
    assert diagnose(FEW, FEW, FEW, FEW, None).kind == "none"


def test_the_error_rate_follows_from_the_shares_of_labels():
    targets = np.array(["a"] * 90 + ["b"] * 10)
    said = np.array(["a"] * 95 + ["b"] * 5)  # half of b is missed
    window = np.array(["a"] * 50 + ["b"] * 50)
    assert error_by_shares(targets, said, window) == pytest.approx(0.25)
