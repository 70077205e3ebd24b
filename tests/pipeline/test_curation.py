"""What a retraining learns from: nothing doubtful, nothing outdated, and never what judges."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.curation import REFERENCE, curate
from pipeline.era import Era
from tests.worlds import make_world


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return make_world("digits", tmp_path_factory.mktemp("world"))


def choose(world, production, live=True, era=None):
    version = replace(world.live, era=era) if live else None
    return curate(world.prepared.reference, world.prepared.holdout, production, version, 200)


def make_era(world, since, reference=(), feedback=()):
    """One that outdated these rows of the reference, and of the feedback."""
    flags = np.isin(np.arange(len(world.prepared.reference)), reference)
    none = np.zeros(len(world.prepared.holdout), dtype=bool)
    return Era(since, flags, none, np.array(feedback, dtype=np.int64))


def test_all_that_is_in_order_is_learned_but_for_one_row_in_five(world):
    production = world.feedback(world.draw(300))
    curated = choose(world, production)
    trained = curated.sources[curated.sources != REFERENCE]
    assert not production.evaluation[trained].any()
    assert curated.suspicious <= 6
    assert curated.changed_since is None
    assert len(trained) >= (~production.evaluation).sum() - 6


def test_sources_tell_for_each_row_where_it_comes_from(world):
    production = world.feedback(world.draw(100))
    curated = choose(world, production)
    fed = curated.sources != REFERENCE
    assert (curated.training.targets[fed] == production.targets[curated.sources[fed]]).all()
    assert (curated.training.values[fed] == production.values[curated.sources[fed]]).all()


def test_wrong_labels_are_set_aside(world):
    values, targets = world.draw(600)
    given = world.flip(targets, 0.3)
    production = world.feedback((values, given))
    curated = choose(world, production)
    trained = curated.sources[curated.sources != REFERENCE]
    wrong = given != targets
    assert curated.changed_since is None
    assert wrong[trained].mean() < 0.1
    assert np.isin(np.flatnonzero(~wrong & ~production.evaluation), trained).mean() > 0.95


def test_a_changed_region_is_learned_and_what_was_known_of_it_forgotten(world):
    values, targets = world.draw(200)
    after, before = world.draw(300), (values, targets)
    production = world.feedback(before, (after[0], world.change(*after)))
    curated = choose(world, production)
    assert 195 < curated.changed_since < 260
    reference = curated.training.targets[curated.sources == REFERENCE]
    was = world.prepared.reference.targets
    for label in (world.labels[3], world.labels[5]):
        assert (reference == label).sum() < 0.3 * (was == label).sum()
    assert curated.forgotten_rows < 0.35 * len(was)
    known = {tuple(row) for row in world.prepared.reference.values}
    assert sum(tuple(row) in known for row in curated.forgotten) > 0.5 * curated.forgotten_rows
    trained = curated.sources[curated.sources >= 200]
    assert len(trained) > 0.9 * (~production.evaluation[200:]).sum()


def test_what_came_before_a_change_is_no_witness_against_what_came_after(world):
    """In the old world each of the new rows is alone with its label."""
    old, new = world.draw(400), world.draw(200)
    production = world.feedback(old, (new[0], world.change(*new)))
    curated = choose(world, production)
    changed = 400 + np.flatnonzero(world.change(*new) != new[1])
    learned = changed[(changed >= curated.changed_since) & ~production.evaluation[changed]]
    assert np.isin(learned, curated.sources).mean() > 0.8


def test_a_change_that_the_live_version_knows_stays_known(world):
    """To a live version that errs no more in the new world, feedback shows no change."""
    calm = world.feedback(world.draw(300))
    assert choose(world, calm, era=make_era(world, 120)).changed_since == 120
    assert choose(world, calm, era=make_era(world, 301)).changed_since is None


def test_what_a_version_found_outdated_is_not_learned_again(world):
    """Else the next version unlearned what this one had understood."""
    calm = world.feedback(world.draw(300))
    curated = choose(world, calm, era=make_era(world, 120, reference=[0, 5], feedback=[7, 8]))
    assert np.flatnonzero(curated.era.reference).tolist() == [0, 5]
    assert (curated.sources == REFERENCE).sum() == len(world.prepared.reference) - 2
    assert not np.isin([6, 7], curated.sources).any()


def test_errors_on_rows_from_before_an_era_are_no_sign_of_another_change(world):
    """A version of the new world errs on the old one; that once dated the change wrongly."""
    old, new = world.draw(200), world.draw(100)
    production = world.feedback((old[0], world.change(*old)), new)
    assert choose(world, production).changed_since < 10
    curated = choose(world, production, era=make_era(world, 201))
    assert curated.changed_since == 201
    assert curated.contradicted_share < 0.2


def test_what_was_outdated_comes_back_only_where_new_rows_bear_it_out(world):
    """A version that has half learned a new world contradicts old rows too: no proof of them."""
    values, targets = world.draw(300)
    reference = world.prepared.reference
    gone = np.flatnonzero(world.change(reference.values, reference.targets) != reference.targets)
    era = make_era(world, 1, reference=gone)
    same = choose(world, world.feedback((values, world.change(values, targets))), era=era)
    assert same.era.reference[gone].mean() > 0.9


def test_an_outdated_holdout_does_not_judge(world):
    values, targets = world.draw(300)
    curated = choose(world, world.feedback((values, world.change(values, targets))))
    holdout = world.prepared.holdout
    gone = world.change(holdout.values, holdout.targets) != holdout.targets
    assert curated.era.holdout[gone].mean() > 0.8
    assert curated.era.holdout[~gone].mean() < 0.1


def test_contradictions_are_counted_since_they_began(world):
    """Two hundred good rows must not hide a hundred that are wrong throughout."""
    values, targets = world.draw(300)
    targets[200:] = world.flip(targets[200:])
    assert choose(world, world.feedback((values, targets))).contradicted_share > 0.9


def test_without_a_live_version_all_rows_are_taken(world):
    production = world.feedback(world.draw(100))
    curated = choose(world, production, live=False)
    rows = len(world.prepared.reference) + (~production.evaluation).sum()
    assert len(curated.training) == rows
    assert curated.contradicted_share is None


def test_without_feedback_the_reference_is_taken(world):
    none = world.feedback(world.draw(1))
    curated = choose(world, none.where(none.seqs > 1))
    assert len(curated.training) == len(world.prepared.reference)


def test_a_label_that_the_live_version_does_not_know_is_no_error_of_its_own(world):
    values, targets = world.draw(100)
    targets = targets.astype("<U8")
    targets[:3] = "unknown"
    assert choose(world, world.feedback((values, targets))).contradicted_share < 0.2
