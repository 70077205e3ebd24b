"""Labels that mean something else from one row on: found, dated, and learned from then on."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.model.classifier import FOREST
from pipeline.production.production_rows import ProductionRows
from pipeline.progress import no_progress
from pipeline.retraining.candidate import TrainingRows, make_candidate
from pipeline.retraining.label_change import (
    FEW_TREES,
    _rows_since,
    describe_by,
    find_changes,
    find_uncontradicted,
)
from pipeline.setting_tables import TrainingSettings
from tests.pipeline.retraining.worlds import make_world


@pytest.fixture(scope="module")
def cancer_world(tmp_path_factory):
    return make_world("breast_cancer", tmp_path_factory.mktemp("cancer"))


def errors(*parts):
    """Rows whose predictions were wrong in these shares, one part after the other."""
    random = np.random.default_rng(0)
    wrong = np.concatenate([random.random(rows) < share for rows, share in parts])
    count = len(wrong)
    none = np.zeros(count, dtype=np.bool_)
    return ProductionRows(
        np.arange(1, count + 1), np.zeros((count, 1)), none.astype(str), none, wrong
    )


def usual(world, error=0.05, **facts):
    """A live version that usually errs so often."""
    manifest = {**world.live.sealed.manifest, "out_of_fold": {"accuracy": 1 - error}, **facts}
    return replace(world.live, sealed=replace(world.live.sealed, manifest=manifest))


def test_a_rise_of_errors_is_found_and_dated(cancer_world):
    (since,) = find_changes(errors((300, 0.05), (100, 0.3)), usual(cancer_world))
    assert 270 <= since <= 320


def test_errors_as_usual_are_no_change(cancer_world):
    assert not list(find_changes(errors((1_000, 0.05)), usual(cancer_world)))


def test_what_is_known_is_looked_at_again_and_what_came_later_found_too(cancer_world):
    live = usual(cancer_world, learned_since=200, production_through=400)
    rows = errors((200, 0.05), (200, 0.3), (200, 0.05))
    assert list(find_changes(rows, live)) == [200]
    again = errors((200, 0.05), (200, 0.3), (200, 0.05), (100, 0.4))
    first, later = find_changes(again, live)
    assert first == 200
    assert 560 <= later <= 620


def test_a_changed_quarter_of_the_rows_is_learned_within_a_few_hundred(cancer_world):
    world = replace(cancer_world)
    holdout = world.prepared.holdout
    true, parts = world.change(holdout.values, holdout.targets), [world.draw(200)]
    reached, learned = [], []
    for _ in range(6):
        values, targets = world.draw(50)
        parts.append((values, world.change(values, targets)))
        production = world.feedback(*parts)
        production = replace(production, errors=world.errors_of(production))
        found = world.challenge(production)
        learned.append(found.candidate.since)
        if found.verdict.promote:
            world.promote(found, production)
        reached.append(world.accuracy(world.live.predict, true))
    assert reached[-1] > 0.9
    assert 150 <= learned[-1] <= 260
    assert f"labels changed at row {learned[-1]}, it set older rows aside" in found.verdict.reason


def rows_of(targets, since, reference):
    seqs = np.arange(1, len(targets) + 1)
    none = np.zeros(len(targets), dtype=np.bool_)
    production = ProductionRows(seqs, np.zeros((len(targets), 1)), np.array(targets), none, none)
    return _rows_since(since, TrainingRows(reference, production, none))


def test_a_rare_label_is_learned_from_its_older_rows_and_one_that_is_gone_is_not(cancer_world):
    kept = cancer_world.prepared.reference
    old = np.array(["a"] * 45 + ["b"] * 45 + ["rare"] * 5)
    reference = replace(kept, values=np.zeros((95, 1)), targets=old)
    places = rows_of(["a"] * 80, 1, replace(reference, targets=np.array(["a"] * 90 + ["rare"] * 5)))
    assert places.tolist() == [*range(90, 95), *range(95, 175)]
    places = rows_of(["a", "c"] * 40, 1, reference)
    assert places.tolist() == [*range(90, 95), *range(95, 175)], "b is c by now"
    assert rows_of(["a", "c"] * 14, 1, reference) is None, "too few"


def test_older_rows_that_the_new_ones_do_not_contradict_are_still_learned_from(cancer_world):
    """Of three groups of rows two swapped their labels."""
    random, groups = np.random.default_rng(0), np.repeat([0, 1, 2], 40)
    values = groups[:, None] + random.normal(scale=0.1, size=(120, 1))
    old, new = np.array(["a", "b", "c"])[groups], np.array(["b", "a", "c"])[groups]
    kept = cancer_world.prepared.reference
    reference = replace(kept, values=values, targets=old, columns=("number",))
    none = np.zeros(120, dtype=np.bool_)
    production = ProductionRows(np.arange(1, 121), values, new, none, none)
    rows, how = TrainingRows(reference, production, none), TrainingSettings(classifier=FOREST)
    recent = make_candidate(rows, how, no_progress, np.arange(120, 240))
    assert find_uncontradicted(recent, rows).tolist() == list(range(80, 120))
    places = np.concatenate([np.arange(80, 120), recent.places])
    longer = make_candidate(rows, how, no_progress, places)
    described = describe_by(recent.places, longer).trained.out_of_sample
    assert set(described.rows.tolist()) <= set(range(40, 160)), "those since"
    shares = [np.mean(described.targets == label) for label in "abc"]
    assert np.allclose(shares, 1 / 3, atol=0.1), "not two fifths of them c"


def test_without_a_gate_there_is_one_plain_candidate(cancer_world):
    world = cancer_world
    production = world.feedback(world.draw(300))
    production = replace(production, errors=production.seqs > 100)
    assert world.challenge(production, gate="off").candidate.since is None


def test_what_a_change_would_teach_is_tried_on_small_forests_first(cancer_world, monkeypatch):
    """Errors rose, but the labels mean what they meant: no whole forest is fitted for nothing."""
    world, trees = cancer_world, []

    def watched(rows, how, *further):
        made = make_candidate(rows, how, *further)
        trees.append(made.trained.model.estimator.n_estimators)
        return made

    monkeypatch.setattr("pipeline.retraining.label_change.make_candidate", watched)
    production = world.feedback(world.draw(300))
    found = world.challenge(replace(production, errors=production.seqs > 100))
    assert trees == [FEW_TREES, FEW_TREES]
    assert found.candidate.since is None
