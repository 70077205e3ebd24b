"""Simulated traffic: what each phase does to the rows, and that serving takes all of it."""

import numpy as np
import pytest

from pipeline.data.holdout_sample import HoldoutSample
from pipeline.data.schema import Feature, Schema
from pipeline.registry.prepared import embedding_of, rows_of
from scripts.cli.api_client import open_api_client
from scripts.cli.command import CommandError
from scripts.simulate import parse_phase
from scripts.simulation.load_generator import MALFORMED, LoadGenerator
from scripts.simulation.row_source import RowSource, make_world, share_correct
from scripts.simulation.scenarios import DRIFTS, SCENARIOS, get_scenario


def world_of(installation, seed=0):
    version = installation.artifacts().current()
    random = np.random.default_rng(seed)
    return RowSource(embedding_of(version).schema, rows_of(version), random)


def traffic_to(server, seed=0, **knobs):
    settings = server.installation.settings()
    caller = open_api_client(settings, f"http://127.0.0.1:{server.port}")
    return LoadGenerator(caller, make_world(settings, seed), rate=500, **knobs)


def draw(world, name, rows=60, drift="shift"):
    phase = get_scenario(name, drift)
    return [phase.draw(world) for _ in range(rows)]


@pytest.mark.parametrize("name", [*SCENARIOS, "covariate"])
def test_the_same_seed_sends_the_same_rows(mixed, name):
    assert draw(world_of(mixed, 3), name) == draw(world_of(mixed, 3), name)


def test_calm_rows_are_those_of_the_holdout_and_none_comes_twice(digits):
    world = world_of(digits)
    rows = [tuple(values) for values, _ in draw(world, "calm", 2 * len(world.rows))]
    known = {tuple(row) for row in world.rows.values.tolist()}
    assert set(rows[: len(world.rows)]) <= known
    assert len(set(rows)) > 1.9 * len(world.rows)


def test_a_change_of_the_concept_changes_a_quarter_of_the_labels_and_stays(digits, cancer):
    for installation in (digits, cancer):
        world = world_of(installation)
        before = dict(zip(map(tuple, world.rows.values.tolist()), world.rows.targets, strict=True))
        told = draw(world, "concept", len(world.rows))
        changed = [before[tuple(values)] != target for values, target in told]
        assert 0.15 < np.mean(changed) < 0.35
        assert world.changed


def test_the_target_phase_makes_half_of_the_labels_more_frequent(digits):
    targets = [target for _, target in draw(world_of(digits), "target", 300)]
    assert np.mean([target in "01234" for target in targets]) > 0.7


@pytest.mark.parametrize("drift", sorted(DRIFTS))
def test_a_covariate_drift_changes_the_inputs_and_leaves_the_targets(digits, drift):
    calm, drifted = draw(world_of(digits), "calm"), draw(world_of(digits), "covariate", drift=drift)
    assert [target for _, target in calm] == [target for _, target in drifted]
    assert all(before != after for (before, _), (after, _) in zip(calm, drifted, strict=True))


def test_only_pictures_can_be_blurred(cancer):
    with pytest.raises(CommandError, match="Only pictures"):
        draw(world_of(cancer), "covariate", drift="blur")


def test_damaged_rows_miss_values_leave_the_range_or_name_a_new_category(mixed):
    world = world_of(mixed)
    sent = [values for values, _ in draw(world, "quality", 400)]
    assert any(None in values for values in sent)
    assert any("never seen before" in values for values in sent)
    numbers = [(f, n) for n, f in enumerate(world.schema.features) if f.type == "number"]
    assert any((values[n] or 0) > f.maximum for values in sent for f, n in numbers)


def world_of_one(feature, values):
    """Of one feature; where its value is the highest the target is `yes`."""
    schema = Schema("tabular", "target", ("no", "yes"), (feature,))
    targets = np.where(values == np.max(values), "yes", "no")
    rows = HoldoutSample(np.array(values)[:, None], targets)
    return RowSource(schema, rows, np.random.default_rng(0))


def test_a_damaged_number_leaves_a_range_below_zero_too():
    """-20 was sent for one from -100 to -10."""
    cold = Feature("cold", "number", -100.0, -10.0)
    sent = [values[0] for values, _ in draw(world_of_one(cold, [-100.0, -10.0] * 5), "quality", 99)]
    assert any(value is not None and value > -10 for value in sent)


@pytest.mark.parametrize(
    "feature",
    [Feature("few", "integer", 0.0, 1.0), Feature("few", "category", categories=("a", "b"))],
)
def test_the_concept_changes_where_there_are_few_values_too(feature):
    """No label changed, and the demo waited for an alarm that could not come."""
    world = world_of_one(feature, [0.0, 1.0] * 20)
    targets = [target for _, target in draw(world, "concept", 40)]
    assert targets == ["no"] * 40


@pytest.mark.parametrize("name", [*SCENARIOS, "covariate"])
def test_serving_answers_every_phase(mixed_server, name):
    outcome = traffic_to(mixed_server).play(name, get_scenario(name), len(MALFORMED))
    assert (outcome.rows, outcome.failed) == (len(MALFORMED), 0)


def test_feedback_follows_by_so_many_rows_and_what_waits_is_told_at_the_end(cancer_server):
    traffic = traffic_to(cancer_server, delay=5)
    assert traffic.play("calm", get_scenario("calm"), 12).labelled == 7
    traffic.give_feedback()
    assert traffic.caller.answers[201] == 12


def test_predictions_without_a_label_get_no_feedback(cancer_server):
    traffic = traffic_to(cancer_server, delay=0, label_share=0.0)
    assert traffic.play("calm", get_scenario("calm"), 5).labelled == 0


def test_balanced_accuracy_counts_each_label_the_same():
    assert share_correct([("a", "a"), ("a", "a"), ("a", "b"), ("b", "a")]) == pytest.approx(1 / 3)
    assert share_correct([]) is None


def test_a_phase_may_bring_its_count_of_rows():
    assert [parse_phase("calm:30"), parse_phase("calm")] == [("calm", 30), ("calm", 200)]


@pytest.mark.parametrize("text", ["calm:x", "calm:0", "calm:-3"])
def test_a_count_that_is_none_is_refused(text):
    with pytest.raises(CommandError, match="count of rows"):
        parse_phase(text)


def test_a_phase_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(CommandError, match=r"no phase 'storm'; there are: .*calm"):
        get_scenario("storm")


def test_without_serving_the_sentence_says_what_to_start(cancer):
    caller = open_api_client(cancer.settings(), "http://127.0.0.1:9")
    with pytest.raises(CommandError, match="start it with make run"):
        caller.predict([1.0])
