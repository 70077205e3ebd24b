"""Sums over time: equal to a recount of the rows, however they came and were corrected."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, select

from pipeline.history.curves import choose_step, read_history
from pipeline.history.drift_log import Move, note_drift, read_drift
from pipeline.history.sums import HistoryKeeper, Sums, prune_history
from pipeline.store.decision_log import Decision, record_decision
from pipeline.store.tables import feedback, history, predictions
from tests.pipeline.history.records import answer, predict

NOON = 1_790_000_000 // 86_400 * 86_400 + 43_200
CURVE = [0.0, 1.0]  # as often right as it is sure


@pytest.fixture
def keeper(store):
    return HistoryKeeper(store, lambda _version: CURVE)


def take(keeper):
    keeper.update()  # sees what there is
    while keeper.update():
        pass


def read(store, step="hour", begin=NOON - 86_400, end=NOON + 86_400):
    with store.connect() as connection:
        return read_history(connection, begin, end, step)


def recount(store):
    """The accuracy and the share that is to come, from the rows themselves."""
    with store.connect() as connection:
        said = connection.execute(select(feedback.c.target, feedback.c.prediction)).all()
        rows = len(connection.execute(select(predictions.c.id)).all())
    return sum(t == p for t, p in said) / len(said), 1 - len(said) / rows


def test_an_hour_tells_what_was_expected_and_what_came(store, keeper):
    ids = predict(store, sure=0.9, at=NOON, count=4)
    answer(store, ids[0], "7")
    answer(store, ids[1], "1")
    take(keeper)
    (point,) = read(store).points
    found = point.quality
    assert point.at == NOON
    assert (found.predictions, found.labelled, found.to_come) == (4, 2, 0.5)
    assert (found.accuracy, found.balanced_accuracy) == (0.5, 0.5)
    assert found.expected_accuracy == pytest.approx(0.9)


def test_there_are_never_more_answers_than_predictions(store, keeper):
    """Feedback was summed at once and its prediction at the next look: "5 predictions, 13 with an
    answer"."""
    for _ in range(2):
        (number,) = predict(store, at=NOON)
        answer(store, number, "7")
        keeper.update()
        total = read(store).total
        assert total.labelled <= total.predictions
    take(keeper)
    assert read(store).total.labelled == 2


def test_labels_have_precision_and_recall(store, keeper):
    for label, target in [("7", "7"), ("7", "1"), ("1", "1"), ("1", "1")]:
        (number,) = predict(store, label, at=NOON)
        answer(store, number, target)
    take(keeper)
    labels = read(store).labels
    assert (labels["7"].precision, labels["7"].recall) == (0.5, 1.0)
    assert (labels["1"].precision, labels["1"].recall) == (1.0, pytest.approx(2 / 3))


def test_a_curve_of_one_label_is_about_the_predictions_of_it(store, keeper):
    sevens, ones = predict(store, "7", at=NOON, count=3), predict(store, "1", at=NOON)
    answer(store, sevens[0], "7")
    answer(store, sevens[1], "1")
    answer(store, ones[0], "1")
    take(keeper)
    with store.connect() as connection:
        found = read_history(connection, NOON - 60, NOON + 60, "hour", "7").total
    assert (found.predictions, found.labelled, found.accuracy) == (3, 2, 0.5)


def test_what_is_not_known_is_absent(store, keeper):
    keeper = HistoryKeeper(store, lambda _version: None)
    predict(store, at=NOON)
    take(keeper)
    found = read(store).total
    assert (found.expected_accuracy, found.accuracy, found.balanced_accuracy) == (None,) * 3
    assert read(store, begin=NOON - 99, end=NOON - 1, step="minute").total.to_come is None


@pytest.mark.parametrize("seed", range(3))
def test_sums_are_a_recount_whatever_the_order(store, keeper, seed):
    """Of each answer its first target is summed, then its corrections: also where both wait."""
    chance = random.Random(seed)
    told = {}
    for _ in range(60):
        deed = chance.random()
        if deed < 0.4:
            told |= dict.fromkeys(predict(store, chance.choice("17"), at=NOON + 60), "")
        elif deed < 0.8 and told:
            answer(store, chance.choice(list(told)), chance.choice("17"), by="somebody")
        else:
            keeper.update()
    predict(store, at=NOON)
    answer(store, next(iter(told)), "7", by="somebody")
    take(keeper)
    found = read(store).total
    assert (found.accuracy, found.to_come) == pytest.approx(recount(store))
    assert {label: one.actual for label, one in read(store).labels.items()} == {
        label: sum(row == label for row in targets(store)) for label in "17"
    }


def targets(store):
    with store.connect() as connection:
        return list(connection.scalars(select(feedback.c.target)))


def test_all_steps_have_the_same_total(store, keeper):
    for hour in range(5):
        predict(store, at=NOON + 3_600 * hour, count=2)
    take(keeper)
    assert {read(store, step).total.predictions for step in ("minute", "hour", "day")} == {10}
    assert [len(read(store, step).points) for step in ("minute", "hour", "day")] == [5, 5, 1]


def test_fine_sums_are_forgotten_and_days_are_kept(store, keeper):
    predict(store, at=NOON)
    take(keeper)
    with store.begin() as connection:
        prune_history(connection, NOON + 200 * 86_400)
    assert [len(read(store, step).points) for step in ("minute", "hour", "day")] == [0, 0, 1]


def test_numbers_that_sqlite_gives_out_again_are_counted(store, keeper):
    """After all predictions were pruned their numbers begin at 1 once more."""
    predict(store, at=NOON, count=5)
    take(keeper)
    with store.begin() as connection:
        connection.execute(delete(predictions))
        prune_history(connection, NOON)
    predict(store, at=NOON, count=2)
    take(keeper)
    assert read(store, "day").total.predictions == 7


def test_decisions_are_marks(store):
    with store.begin() as connection:
        record_decision(connection, "by hand", Decision("promoted", "promoted: better", "0002"))
        record_decision(connection, "by hand", Decision("superseded", "no need"))
        (mark,) = read_history(connection, 0, 4e9, "day").marks
    assert (mark.state, mark.version) == ("promoted", "0002")


@pytest.mark.parametrize(
    ("seconds", "step"), [(3_600, "minute"), (86_400 * 3, "hour"), (86_400 * 900, "day")]
)
def test_the_step_follows_the_span(seconds, step):
    assert choose_step(0, seconds) == step


def test_an_empty_store_has_no_points(store):
    found = read(store)
    assert (found.points, found.marks, found.total.predictions) == ([], [], 0)
    with store.connect() as connection:
        assert connection.execute(select(history)).all() == []


def test_what_drifted_is_told_from_then_on(store):
    moments = [(100.0, ["age"]), (200.0, ["age"]), (300.0, []), (400.0, ["age", "fare"])]
    with store.begin() as connection:
        assert [
            note_drift(connection, at, dict.fromkeys(held, Move(at))) for at, held in moments
        ] == [
            True,
            False,
            True,
            True,
        ]
        found = read_drift(connection, 250.0, 350.0)
    assert [(one.at, one.features) for one in found] == [(250.0, ["age"]), (300.0, [])]


def test_two_keepers_take_each_row_once(store):
    """As of two machines over one PostgreSQL."""
    keepers = [HistoryKeeper(store, lambda _version: CURVE) for _ in range(2)]
    ids = predict(store, at=NOON, count=40)
    for number in ids[:10]:
        answer(store, number, "7")
    with ThreadPoolExecutor() as pool:
        for _ in range(4):
            list(pool.map(lambda keeper: keeper.update(), keepers))
    assert (read(store).total.predictions, read(store).total.labelled) == (40, 10)


def test_what_another_keeper_took_meanwhile_is_left_to_it(store, keeper, monkeypatch):
    predict(store, at=NOON, count=3)
    keeper.update()
    other = HistoryKeeper(store, lambda _version: CURVE)
    other.update()
    monkeypatch.setattr(Sums, "add", overtaken_by(other, Sums.add))
    assert keeper.update() == 0
    assert read(store).total.predictions == 3


def overtaken_by(other, add):
    turns = iter([other])

    def add_and_be_overtaken(self, *given, **amounts):
        for one in turns:
            one.update()
        return add(self, *given, **amounts)

    return add_and_be_overtaken
