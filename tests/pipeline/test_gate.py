"""The gate: each objection is a sentence, and nothing else keeps a challenger from going live."""

import numpy as np
import pytest

from pipeline.evidence import Evidence, Trial
from pipeline.gate import judge, knows_better, mark_holdout
from pipeline.knobs import RetrainingSettings

LABELS = ("no", "yes")
KNOBS = RetrainingSettings()


def trial(rows, challenger_wrong=0, live_wrong=0, one_label=None):
    """So many rows of each label in turn; the first ones are where each errs."""
    targets = np.array([one_label or LABELS[place % 2] for place in range(rows)])
    other = np.array([LABELS[target == "no"] for target in targets])

    def answers(wrong):
        return np.where(np.arange(rows) < wrong, other, targets)

    return Trial(targets, answers(challenger_wrong), answers(live_wrong))


def verdict(knobs=KNOBS, **given):
    return judge(LABELS, Evidence(**({"holdout": trial(100), "recent": trial(100)} | given)), knobs)


def test_a_better_challenger_is_promoted_with_its_numbers():
    found = verdict(recent=trial(120, challenger_wrong=8, live_wrong=23))
    assert found.promote
    assert found.reason == "promoted: balanced accuracy on 120 recent rows 0.93, live 0.81"
    assert found.numbers["recent"] == pytest.approx(0.933, abs=0.001)


def test_a_worse_challenger_is_rejected_with_both_numbers():
    found = verdict(recent=trial(120, challenger_wrong=23, live_wrong=8))
    assert not found.promote
    assert found.reason == "rejected: balanced accuracy on 120 recent rows 0.81, live 0.93"


def test_a_loss_within_the_tolerance_is_let_pass_and_said():
    worse = trial(200, challenger_wrong=3, live_wrong=2)
    assert verdict(recent=worse).promote
    said = f"which is no drop of more than {KNOBS.tolerance:.2f}"
    assert verdict(recent=worse).reason.endswith(said)
    assert not verdict(RetrainingSettings(tolerance=0.001), recent=worse).promote


def test_with_too_few_recent_rows_the_holdout_alone_decides():
    few = trial(KNOBS.least_recent - 1, challenger_wrong=20)
    found = verdict(recent=few)
    assert found.promote
    assert found.reason == "promoted: balanced accuracy on 100 holdout rows 1.00, live 1.00"


def test_a_loss_on_the_holdout_is_an_objection():
    found = verdict(holdout=trial(100, challenger_wrong=5, live_wrong=1))
    assert found.reason == (
        "rejected: balanced accuracy on 100 holdout rows 0.95, live 0.99, a drop of more than 0.02"
    )


def test_small_losses_do_not_add_up_to_a_large_one():
    found = verdict(holdout=trial(100, challenger_wrong=5, live_wrong=4), holdout_mark=0.99)
    assert found.reason == (
        "rejected: balanced accuracy on 100 holdout rows 0.95, live 0.96, 0.99 at its best, "
        "a drop of more than 0.02"
    )


def test_a_line_remembers_its_best_on_the_holdout():
    evidence = Evidence(trial(100, challenger_wrong=1), trial(100), holdout_mark=0.95)
    assert mark_holdout(evidence, {"holdout": 0.93, "live_holdout": 0.94}) == 0.95


def test_who_knows_a_changed_world_begins_a_new_mark():
    changed = Evidence(trial(100), trial(200, live_wrong=50), True, holdout_mark=0.95)
    assert mark_holdout(changed, {"holdout": 0.7, "live_holdout": 0.95}) == 0.7


def test_a_class_that_collapses_is_an_objection_although_the_rest_gains():
    labels = np.repeat(["a", "b", "c"], [20, 400, 400])
    live = np.where(np.arange(820) % 3 == 0, "a", labels)
    challenger = np.where(labels == "a", np.where(np.arange(820) < 12, "b", "a"), labels)
    holdout = Trial(labels, challenger, live)
    found = judge(("a", "b", "c"), Evidence(holdout, trial(0)), KNOBS)
    assert found.reason == "rejected: of 20 rows labelled 'a' it finds 40%, live 100%"


def test_a_class_of_a_few_rows_says_nothing():
    labels = np.repeat(["a", "b"], [9, 991])
    challenger = np.where(np.arange(1000) < 5, "b", labels)
    knobs = RetrainingSettings(max_holdout_drop=0.5)
    assert judge(("a", "b"), Evidence(Trial(labels, challenger, labels), trial(0)), knobs).promote


def test_feedback_that_contradicts_nearly_everything_is_not_believed():
    found = verdict(contradicted_share=0.93)
    assert found.reason == (
        "rejected: 93% of the recent feedback contradicts the live version, more than the 70% "
        "that a changing world is believed to explain; its labels look wrong"
    )


def test_a_version_that_often_errs_makes_labels_doubtful_sooner():
    """With 30 % errors of its own, 70 % contradictions are what flipped labels look like."""
    assert verdict(contradicted_share=0.65).promote
    assert not verdict(contradicted_share=0.65, expected_error=0.3).promote


def test_who_knows_the_changed_world_may_lose_on_the_old_holdout():
    """The holdout is of the world as it was."""
    lost = {"holdout": trial(100, challenger_wrong=20), "recent": trial(200, live_wrong=50)}
    assert not verdict(**lost).promote
    found = verdict(**lost, world_changed=True)
    assert found.promote
    assert found.reason == (
        "promoted: the world has changed; of 200 rows it is right on 50 where live errs, and wrong "
        "on 0 where live is right"
    )


def test_even_in_a_changed_world_there_is_a_limit_to_what_may_be_lost():
    knows = {"recent": trial(200, live_wrong=50), "world_changed": True}
    assert not verdict(**knows, holdout=trial(100, challenger_wrong=60)).promote


def test_a_few_rows_do_not_show_that_a_challenger_knows_better():
    assert not knows_better(Evidence(trial(100), trial(200, live_wrong=6), True))
    assert knows_better(Evidence(trial(100), trial(200, live_wrong=7), True))


def test_after_a_rollback_nothing_is_promoted_before_there_are_rows_to_judge_it():
    found = verdict(recent=trial(12), awaited_since_rollback=True)
    assert found.reason == (
        "rejected: 12 evaluation rows came since the last rollback, 30 are needed before anything "
        "is promoted again"
    )
    assert verdict(recent=trial(30), awaited_since_rollback=True).promote


def test_without_a_live_version_that_can_be_read_any_challenger_is_promoted():
    targets = np.array(["no", "yes"])
    alone = Trial(targets, targets, None)
    found = verdict(holdout=alone, recent=Trial(targets[:0], targets[:0], None))
    assert found.reason == "promoted: there was no live version that could be read"


def test_with_the_gate_off_everything_passes_and_says_so():
    worse = trial(100, challenger_wrong=90)
    found = verdict(RetrainingSettings(gate="off"), holdout=worse, contradicted_share=1.0)
    assert found.promote
    assert found.reason == "promoted without a gate, as configured"


def test_a_number_that_cannot_be_computed_is_absent():
    found = verdict(recent=trial(0))
    assert found.numbers["recent"] is None
    assert found.numbers["recent_rows"] == 0
