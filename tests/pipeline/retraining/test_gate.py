"""The gate: each objection is a sentence, and nothing else keeps a challenger from going live."""

import numpy as np
import pytest
from scipy.stats import binomtest

from pipeline.retraining.evaluation import Pairing, sign_test, squared_errors
from pipeline.retraining.gate import Evidence, contradicted_if, judge
from pipeline.setting_tables import RetrainingSettings

LABELS = ("no", "yes")
KNOBS = RetrainingSettings()


def pair(rows, challenger_wrong=0, live_wrong=0):
    """So many rows of each label in turn; the challenger errs on the first, live on the last."""
    targets = np.array([LABELS[place % 2] for place in range(rows)])
    other = np.array([LABELS[target == "no"] for target in targets])
    places = np.arange(rows)
    challenger = np.where(places < challenger_wrong, other, targets)
    return Pairing(targets, challenger, np.where(places >= rows - live_wrong, other, targets))


def verdict(knobs=KNOBS, **given):
    evidence = Evidence(**({"holdout": pair(100), "judges": pair(100)} | given))
    return judge(LABELS, evidence, knobs)


def test_a_better_challenger_is_promoted_with_its_numbers():
    found = verdict(judges=pair(120, challenger_wrong=8, live_wrong=23))
    assert found.promote
    assert found.reason == (
        "promoted: better: on 120 recent rows it alone is right on 23, the live version alone on 8"
    )
    assert found.numbers["recent"] == pytest.approx(0.933, abs=0.001)
    assert (found.numbers["recent_gained"], found.numbers["recent_lost"]) == (23, 8)


def test_a_worse_challenger_is_rejected_with_both_numbers():
    found = verdict(judges=pair(120, challenger_wrong=23, live_wrong=8))
    assert not found.promote
    assert found.reason == (
        "rejected: on 120 recent rows it alone is right on 8, the live version alone on 23"
    )


def test_a_loss_that_chance_explains_is_let_pass():
    assert verdict(judges=pair(200, challenger_wrong=9, live_wrong=4)).promote
    assert not verdict(judges=pair(200, challenger_wrong=10, live_wrong=3)).promote


def test_a_clear_loss_on_the_holdout_is_an_objection():
    found = verdict(holdout=pair(100, challenger_wrong=9, live_wrong=1))
    assert found.promote, "one in a hundred by chance, and nothing is sure"
    found = verdict(holdout=pair(100, challenger_wrong=12, live_wrong=1))
    assert found.reason == (
        "rejected: on 100 holdout rows it alone is right on 1, the live version alone on 12"
    )


def test_whoever_is_clearly_better_on_recent_rows_may_lose_on_the_holdout():
    """The holdout is of the past."""
    lost = pair(100, challenger_wrong=40)
    assert verdict(holdout=lost, judges=pair(100, live_wrong=7)).promote
    assert not verdict(holdout=lost, judges=pair(100, live_wrong=6)).promote


def test_without_recent_rows_the_holdout_alone_decides():
    found = verdict(judges=pair(0))
    assert found.promote
    assert found.reason.startswith("promoted: no worse: on 100 holdout rows")
    assert found.numbers["recent"] is None
    assert not verdict(judges=pair(0), holdout=pair(100, challenger_wrong=20)).promote


def test_feedback_that_contradicts_nearly_everything_is_not_believed():
    found = verdict(contradicted_share=0.93)
    assert found.reason == (
        "rejected: 93% of the new feedback contradicts the live version, more than the 70% "
        "if 70% were wrong; its labels look wrong"
    )


def test_a_version_that_often_errs_makes_labels_doubtful_sooner():
    """With 30 % errors of its own, 70 % contradictions are what flipped labels look like."""
    assert verdict(contradicted_share=0.65).promote
    assert not verdict(contradicted_share=0.65, expected_error=0.3).promote


@pytest.mark.parametrize(("error", "labels"), [(0.43, 2), (0.49, 2), (0.6, 3), (0.6, 10)])
def test_one_that_can_hardly_tell_them_apart_is_contradicted_by_right_ones_too(error, labels):
    """On rodents, where it errs in 43 %, nothing was ever promoted: 40 % were too many."""
    assert error < contradicted_if(KNOBS.max_contradicted, error, labels) < 1


def test_after_a_rollback_nothing_is_promoted_before_there_are_rows_to_judge_it():
    found = verdict(judges=pair(12), after_rollback=True)
    assert found.reason == (
        "rejected: 12 evaluation rows came since the last rollback, 30 are needed before anything "
        "is promoted again"
    )
    assert verdict(judges=pair(30), after_rollback=True).promote


def test_without_a_live_version_any_challenger_is_promoted():
    targets = np.array(["no", "yes"])
    alone = Pairing(targets, targets, None)
    found = verdict(holdout=alone, judges=Pairing(targets[:0], targets[:0], None))
    assert found.reason == "promoted: there was no live version to compare with"


def test_with_the_gate_off_everything_passes_and_says_so():
    worse = pair(100, challenger_wrong=90)
    found = verdict(RetrainingSettings(gate="off"), holdout=worse, contradicted_share=1.0)
    assert found.promote
    assert found.reason == "promoted without a gate, as configured"


def test_the_sign_test_is_that_of_a_coin():
    assert sign_test(0, 0) == 1.0
    assert sign_test(5, 0) == pytest.approx(0.5**5)
    assert sign_test(3, 1) == pytest.approx(5 / 16)


@pytest.mark.parametrize(("wins", "losses"), [(1, 9), (30, 12), (0, 40), (700, 600), (3000, 3200)])
def test_the_sign_test_is_that_of_scipy(wins, losses):
    theirs = binomtest(wins, wins + losses, 0.5, alternative="greater").pvalue
    assert sign_test(wins, losses) == pytest.approx(theirs)


def rare(mine, live, rows=200):
    """One row in five is 'yes': each finds so many; live takes some of the others for it, too."""
    targets = np.array(["yes" if place % 5 == 0 else "no" for place in range(rows)])
    count = np.cumsum(targets == "yes")

    def answers(found, wrongly=0):
        said = np.where((targets == "yes") & (count > found), "no", targets)
        said[np.flatnonzero(targets == "no")[:wrongly]] = "yes"
        return said

    return Pairing(targets, answers(mine), answers(live, wrongly=live))


def test_a_label_that_is_hardly_found_any_more_is_an_objection():
    """Where one label is most of the rows, never to say the other costs no accuracy at all."""
    found = verdict(judges=rare(0, 7))
    assert found.reason == "rejected: of 40 recent rows labelled 'yes' it finds 0, live 7"
    assert verdict(judges=rare(0, 6)).promote, "chance explains six"
    assert verdict(judges=rare(20, 38)).promote, "it finds half of them"
    found = verdict(holdout=rare(3, 16))
    assert found.reason == "rejected: of 40 holdout rows labelled 'yes' it finds 3, live 16"
    assert verdict(holdout=rare(3, 16), judges=pair(100, live_wrong=7)).promote


def sure(mine, live, rows=200, **wrong):
    """Both say mostly the same; the chance that each gives to what it says is about so much."""
    plain = pair(rows, **wrong)
    chances = np.random.default_rng(0).uniform(-0.04, 0.04, rows)
    squared = tuple(
        np.where(said == plain.targets, 2 * (1 - sure - chances) ** 2, 2 * (sure + chances) ** 2)
        for said, sure in ((plain.challenger, mine), (plain.live, live))
    )
    return Pairing(plain.targets, plain.challenger, plain.live, squared)


def test_one_that_is_right_as_often_and_much_less_sure_is_rejected():
    """As after a training on feedback of which four labels in ten are wrong."""
    found = verdict(judges=sure(0.6, 0.9, challenger_wrong=4, live_wrong=4))
    assert found.reason == (
        "rejected: on 200 recent rows its probabilities are further off (Brier score 0.322 instead "
        "of 0.052)"
    )
    assert verdict(judges=sure(0.9, 0.6)).promote
    assert verdict(judges=sure(0.9, 0.91)).promote, "a hair is no reason"
    assert verdict(judges=sure(0.6, 0.9, rows=20)).promote, "twenty rows are too few"


def test_one_that_is_less_sure_and_right_more_often_is_promoted():
    assert verdict(judges=sure(0.6, 0.9, live_wrong=12)).promote


def test_one_that_is_much_less_sure_on_the_holdout_is_rejected_unless_the_judges_differ():
    """The holdout is of the past: after a change those who judge find it surer."""
    found = verdict(holdout=sure(0.6, 0.9), judges=sure(0.9, 0.9))
    assert found.reason.startswith("rejected: on 200 holdout rows its probabilities are further")
    assert verdict(holdout=sure(0.6, 0.9), judges=sure(0.91, 0.9)).promote
    assert verdict(holdout=sure(0.6, 0.9)).promote, "nobody has judged its probabilities"
    assert verdict(holdout=sure(0.6, 0.9), judges=sure(0.9, 0.9), learned_since=700).promote, (
        "the holdout is from before the change"
    )


def test_the_squared_error_of_a_row_is_that_of_all_its_labels():
    shares = np.array([[0.7, 0.2, 0.1], [0.7, 0.2, 0.1], [0.0, 1.0, 0.0]])
    found = squared_errors(shares, ["a", "b", "c"], np.array(["a", "new", "b"]))
    assert found == pytest.approx([0.3**2 + 0.2**2 + 0.1**2, 0.7**2 + 0.2**2 + 0.1**2 + 1, 0.0])
