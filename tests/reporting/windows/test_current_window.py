import numpy as np

from pipeline.data.observed import Observed
from pipeline.registry.prepared import embedding_of
from reporting.windows.current_window import read_window


def read(traffic, rows=500, version=None, embedding_id=None, spread=1):
    number = version or traffic.version.manifest["version"]
    observed = Observed(embedding_of(traffic.version).schema)
    kind = (embedding_id or traffic.embedding.embedding_id, number, observed)
    return read_window(traffic.engine, *kind, rows, spread)


def test_an_empty_store_gives_an_empty_window(fresh):
    window = read(fresh)
    assert (window.predicted.seqs, window.labelled.seqs) == ([], [])


def test_the_window_holds_the_latest_rows_oldest_first(fresh):
    fresh.run(rows=30)
    assert read(fresh, rows=10).predicted.seqs == list(range(21, 31))


def test_vectors_residuals_and_observations_are_those_recorded(fresh):
    values, _ = fresh.draw(5)
    fresh.predict(values)
    rows = read(fresh).predicted
    vectors, residuals = fresh.embedding.embed(values)
    np.testing.assert_array_equal(rows.vectors, vectors)
    np.testing.assert_array_equal(rows.residuals, residuals)
    np.testing.assert_array_equal(rows.features, values)


def test_a_window_that_is_spread_takes_every_so_manieth_row(fresh):
    fresh.run(rows=100)
    assert read(fresh, rows=10, spread=5).predicted.seqs == list(range(55, 101, 5))


def test_rows_of_another_embedding_are_passed_over(fresh):
    fresh.run(rows=10, labelled=10)
    window = read(fresh, embedding_id="another")
    assert (window.predicted.seqs, window.labelled.seqs) == ([], [])


def test_feedback_on_another_version_is_no_error_of_this_one(fresh):
    fresh.run(rows=10, labelled=10)
    labelled = read(fresh, version="0002").labelled
    assert (len(labelled.seqs), (labelled.versions == labelled.live).any()) == (10, False)


def test_until_a_version_has_rows_enough_its_forerunners_stand_in_for_its_scores(fresh):
    fresh.run(rows=20, labelled=20)
    first = fresh.version
    fresh.installation.train()
    fresh.version = fresh.installation.artifacts().current()
    fresh.run(rows=10, labelled=10)
    labelled = read(fresh).labelled
    assert [len(labelled.judged(least)[0]) for least in (10, 15, 50)] == [10, 15, 30]
    assert labelled.judged_versions(10) == {fresh.version.manifest["version"]: 10}
    assert sorted(labelled.judged_versions(15).values()) == [5, 10]
    assert first.manifest["version"] in labelled.judged_versions(15)


def test_labelled_predictions_are_counted_and_their_age_is_known(fresh):
    values, targets = fresh.draw(10)
    ids = fresh.predict(values, at=1_000.0)
    fresh.answer(ids[:4], targets[:4])
    window = read(fresh)
    assert window.predicted.labelled == 4
    assert min(window.labelled.ages) > 1_000_000
