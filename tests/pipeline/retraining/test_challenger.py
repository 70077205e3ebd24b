"""Good, poisoned and changed feedback, from the rows to the verdict, on three datasets."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from pipeline.model.training import predict
from pipeline.retraining.challenger import SingleLabel
from scripts.preparation.churn import main as make_churn
from tests.pipeline.retraining.worlds import make_world

OTHER_WORLDS = ["digits", "churn"]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """Each is made when it is first asked for."""
    folder = tmp_path_factory.mktemp("worlds")

    @cache
    def find(name):
        if name == "churn":
            make_churn(["--folder", str(folder / "churn")])
        return make_world(name, folder)

    return find


@pytest.fixture(
    params=[
        "breast_cancer",
        *(pytest.param(name, marks=pytest.mark.slow) for name in OTHER_WORLDS),
    ]
)
def world(request, worlds):
    return worlds(request.param)


def accuracy(world, challenger, targets=None):
    return world.accuracy(
        lambda values: predict(challenger.candidate.trained.model, values), targets
    )


def base(world):
    return world.accuracy(world.live.predict)


@pytest.mark.parametrize(
    "rows", [100, *(pytest.param(n, marks=pytest.mark.slow) for n in (300, 900))]
)
def test_feedback_with_every_label_flipped_is_never_promoted(world, rows):
    values, targets = world.draw(rows)
    verdict = world.challenge(world.feedback((values, world.flip(targets)))).verdict
    assert not verdict.promote
    assert "its labels look wrong" in verdict.reason


@pytest.mark.slow
@pytest.mark.parametrize("rows", [100, 300, 900])
def test_twenty_percent_wrong_labels_cost_at_most_three_points(world, rows):
    values, targets = world.draw(rows)
    found = world.challenge(world.feedback((values, world.flip(targets, 0.2))))
    assert not found.verdict.promote or accuracy(world, found) >= base(world) - 0.03


def test_good_feedback_does_no_harm(world):
    found = world.challenge(world.feedback(world.draw(300)))
    assert found.verdict.promote, found.verdict.reason
    assert accuracy(world, found) > base(world) - 0.03


def test_a_changed_concept_is_learned(world):
    """Round by round, as rows of it come."""
    world = replace(world)
    holdout = world.prepared.holdout
    true, parts = world.change(holdout.values, holdout.targets), [world.draw(100)]
    before = world.accuracy(world.live.predict, true)
    for _ in range(6):
        values, targets = world.draw(100)
        parts.append((values, world.change(values, targets)))
        production = world.feedback(*parts)
        production = replace(production, errors=world.errors_of(production))
        found = world.challenge(production)
        if found.verdict.promote:
            world.promote(found, production)
    assert world.accuracy(world.live.predict, true) > before + 0.03


def test_the_latest_evaluation_rows_judge_and_older_ones_are_trained_on(worlds):
    world = worlds("breast_cancer")
    production = world.feedback(world.draw(300))
    flagged = int(production.evaluation.sum())
    found = world.challenge(production, recent_rows=20)
    assert found.judges.sum() == found.verdict.numbers["recent_rows"] == 20
    assert not found.judges[: np.flatnonzero(production.evaluation)[flagged - 21]].any()
    assert len(found.candidate.places) == len(world.prepared.reference) + 280


def test_with_the_gate_off_all_production_is_trained_on(worlds):
    world = worlds("breast_cancer")
    found = world.challenge(world.feedback(world.draw(300)), gate="off")
    assert len(found.candidate.places) == len(world.prepared.reference) + 300
    assert found.verdict.promote


def test_rows_before_a_rollback_are_no_evidence(worlds):
    world = worlds("breast_cancer")
    production = world.feedback(world.draw(300))
    numbers = world.challenge(production, rolled_back=250).verdict.numbers
    assert numbers["recent_rows"] == production.evaluation[250:].sum()


def test_rows_of_one_label_train_nothing(worlds):
    world = worlds("breast_cancer")
    reference = world.prepared.reference
    one = reference.where(reference.targets == world.labels[0])
    alone = replace(world, prepared=replace(world.prepared, reference=one))
    with pytest.raises(SingleLabel, match="a single label"):
        alone.challenge(world.feedback((world.values[:0], world.targets[:0])))
