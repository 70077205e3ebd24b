"""Poisoned feedback and changing worlds, from the feedback to the verdict, on three datasets."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from pipeline.challenger import OneLabel
from pipeline.training import predict
from scripts.churn import main as make_churn
from tests.worlds import make_world

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
    return world.accuracy(lambda values: predict(challenger.trained.model, values), targets)


@pytest.mark.parametrize(
    "rows", [100, *(pytest.param(n, marks=pytest.mark.slow) for n in (300, 900))]
)
def test_feedback_with_every_label_flipped_is_never_promoted(world, rows):
    values, targets = world.draw(rows)
    verdict = world.challenge(world.feedback((values, world.flip(targets)))).verdict
    assert not verdict.promote
    assert "its labels look wrong" in verdict.reason


@pytest.mark.slow
@pytest.mark.parametrize("rows", [40, 100, 300])
def test_good_rows_before_do_not_let_flipped_ones_pass(world, rows):
    values, targets = world.draw(200 + rows)
    targets[200:] = world.flip(targets[200:])
    found = world.challenge(world.feedback((values, targets)))
    assert not found.verdict.promote or accuracy(world, found) > base(world) - 0.02


def base(world):
    return world.accuracy(world.live.predict)


@pytest.mark.slow
@pytest.mark.parametrize("rows", [100, 300, 900])
def test_thirty_percent_wrong_labels_cost_at_most_two_points(world, rows):
    values, targets = world.draw(rows)
    found = world.challenge(world.feedback((values, world.flip(targets, 0.3))))
    assert found.curated.changed_since is None
    assert not found.verdict.promote or accuracy(world, found) >= base(world) - 0.02


def test_a_changed_world_gets_through(world):
    before, after = world.draw(200), world.draw(300)
    found = world.challenge(world.feedback(before, (after[0], world.change(*after))))
    assert found.verdict.promote, found.verdict.reason
    assert "the world has changed" in found.verdict.reason
    holdout = world.prepared.holdout
    true = world.change(holdout.values, holdout.targets)
    assert accuracy(world, found, true) > world.accuracy(world.live.predict, true) + 0.03


@pytest.mark.slow
def test_versions_after_a_change_do_not_unlearn_it(worlds):
    """The second retraining once brought back what the first had forgotten."""
    world = replace(worlds("breast_cancer"))
    holdout = world.prepared.holdout
    true, parts, reached = world.change(holdout.values, holdout.targets), [world.draw(200)], []
    for _ in range(6):
        values, targets = world.draw(50)
        parts.append((values, world.change(values, targets)))
        production = world.feedback(*parts)
        found = world.challenge(production)
        if found.verdict.promote:
            world.promote(found, production)
        reached.append(world.accuracy(world.live.predict, true))
    assert min(reached[2:]) > 0.8
    assert reached[-1] > max(reached) - 0.05


def test_good_feedback_does_no_harm(world):
    found = world.challenge(world.feedback(world.draw(300)))
    assert accuracy(world, found) > base(world) - 0.03


def test_rows_before_a_rollback_are_no_evidence(worlds):
    world = worlds("breast_cancer")
    production = world.feedback(world.draw(300))
    numbers = world.challenge(production, rolled_back=250).verdict.numbers
    assert numbers["recent_rows"] == production.evaluation[250:].sum()


@pytest.mark.slow
def test_after_a_change_the_rows_since_the_live_versions_training_judge_too(worlds):
    world = worlds("digits")
    after = world.draw(200)
    production = world.feedback((after[0], world.change(*after)))
    found = world.challenge(production)
    assert found.curated.changed_since is not None
    assert found.verdict.numbers["recent_rows"] > 2 * production.evaluation.sum()


def test_rows_of_one_label_train_nothing(worlds):
    world = worlds("breast_cancer")
    reference = world.prepared.reference
    alone = np.flatnonzero(reference.targets == world.labels[0])
    one = type(reference)(reference.values[alone], reference.targets[alone], "x")
    kept = world.prepared
    world.prepared = type(kept)(kept.sealed, kept.embedding, one, kept.holdout)
    try:
        with pytest.raises(OneLabel, match="a single label"):
            world.challenge(world.feedback((world.values[:0], world.targets[:0])))
    finally:
        world.prepared = kept
