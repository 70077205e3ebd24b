"""What a retraining learns from: nothing doubtful, nothing outdated, and never what judges."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.curation import REFERENCE, curate
from pipeline.era import AS_GIVEN, NOTHING, UNKNOWN, Amended, Beliefs, Era
from tests.worlds import make_world


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    return make_world("digits", tmp_path_factory.mktemp("world"))


@pytest.fixture
def world(digits):
    """One that draws the same rows whatever was asked before."""
    return replace(digits, random=np.random.default_rng(1))


def choose(world, production, live=True, era=None):
    version = replace(world.live, era=era) if live else None
    return curate(world.prepared.reference, world.prepared.holdout, production, version, 200)


def make_era(since, reference=(), feedback=()):
    """One that began when all was as given, and forgot these rows."""

    def forget(ids):
        return Amended(np.array(ids, dtype=np.int64), np.full(len(ids), UNKNOWN))

    return Era(since, AS_GIVEN, Beliefs(forget(reference), NOTHING, forget(feedback)))


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


def test_what_was_known_of_a_changed_region_is_renamed_as_the_new_rows_tell(world):
    """The few new rows of it would be little to learn from."""
    after, before = world.draw(300), world.draw(200)
    production = world.feedback(before, (after[0], world.change(*after)))
    curated = choose(world, production)
    assert 150 < curated.changed_since < 260
    reference = world.prepared.reference
    true = world.change(reference.values, reference.targets)
    changed, now = true != reference.targets, curated.era.now.reference
    believed = now.apply(np.arange(len(reference)), reference.targets)
    assert (believed[changed] == true[changed]).mean() > 0.85
    assert (believed[~changed] == true[~changed]).mean() > 0.95
    assert curated.renamed_rows > 0.85 * changed.sum()
    trained = curated.sources[curated.sources >= 200]
    assert len(trained) > 0.9 * (~production.evaluation[200:]).sum()


@pytest.mark.slow
def test_what_cannot_be_renamed_is_forgotten(world):
    """Nothing tells by now which label an odd digit has."""
    odd = world.labels[1::2]
    values, targets = world.draw(300)
    changed = np.isin(targets, odd)
    given = np.where(changed, world.random.choice(world.labels, size=300), targets)
    curated = choose(world, world.feedback((values, given)))
    reference = world.prepared.reference
    among = np.isin(curated.training.targets[curated.sources == REFERENCE], odd)
    assert curated.renamed_rows < 0.1 * len(reference)
    assert among.sum() < 0.3 * np.isin(reference.targets, odd).sum()
    known = {tuple(row) for row in reference.values[np.isin(reference.targets, odd)]}
    assert sum(tuple(row) in known for row in curated.forgotten) > 0.8 * curated.forgotten_rows > 0


@pytest.mark.slow
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
    assert choose(world, calm, era=make_era(120)).changed_since == 120
    assert choose(world, calm, era=make_era(301)).changed_since is None


def test_what_a_version_found_outdated_is_not_learned_again(world):
    """Else the next version unlearned what this one had understood."""
    calm = world.feedback(world.draw(300))
    curated = choose(world, calm, era=make_era(120, reference=[0, 5], feedback=[7, 8]))
    assert curated.era.now.reference.ids.tolist() == [0, 5]
    assert (curated.sources == REFERENCE).sum() == len(world.prepared.reference) - 2
    assert not np.isin([6, 7], curated.sources).any()


def test_errors_on_rows_from_before_an_era_are_no_sign_of_another_change(world):
    """A version of the new world errs on the old one; that once dated the change wrongly."""
    old, new = world.draw(200), world.draw(100)
    production = world.feedback((old[0], world.change(*old)), new)
    curated = choose(world, production, era=make_era(201))
    assert curated.changed_since == 201
    assert curated.contradicted_share < 0.2


@pytest.mark.slow
def test_each_version_of_an_era_looks_anew_with_all_rows_since(world):
    """What the first could not tell by fifty rows a later one can, though it errs no more."""
    values, targets = world.draw(300)
    production = world.feedback((values, world.change(values, targets)))
    era = make_era(1)
    curated = choose(world, production, era=era)
    reference = world.prepared.reference
    gone = world.change(reference.values, reference.targets) != reference.targets
    assert np.isin(np.flatnonzero(gone), curated.era.now.reference.ids).mean() > 0.85


@pytest.mark.slow
def test_a_world_that_changes_back_is_an_era_too(world):
    values, targets = world.draw(400)
    given = np.append(world.change(values, targets)[:200], targets[200:])
    production = world.feedback((values, given))
    knowing = production.where(slice(200))
    world.promote(world.challenge(knowing), knowing)
    reference, holdout = world.prepared.reference, world.prepared.holdout
    curated = curate(reference, holdout, production, world.live, 200)
    assert 150 < curated.changed_since < 260
    now = curated.era.now.reference.apply(np.arange(len(reference)), reference.targets)
    assert (now == reference.targets).mean() > 0.9


def test_an_outdated_holdout_does_not_judge(world):
    values, targets = world.draw(300)
    curated = choose(world, world.feedback((values, world.change(values, targets))))
    holdout = world.prepared.holdout
    gone = world.change(holdout.values, holdout.targets) != holdout.targets
    outdated = np.isin(np.arange(len(holdout)), curated.era.now.holdout.ids)
    assert outdated[gone].mean() > 0.8
    assert outdated[~gone].mean() < 0.1


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
