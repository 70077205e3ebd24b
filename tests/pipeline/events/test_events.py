"""Every record becomes one event of the schema: none is left out, none is written twice."""

import contextlib
import json
import random
import time
from collections import Counter
from datetime import datetime
from types import SimpleNamespace

import pytest
from sqlalchemy import delete, insert, select

from pipeline.events.alerts import AlertFile
from pipeline.events.journal import Journal
from pipeline.events.reading import EventReader, VersionNames
from pipeline.events.rotated_file import RotatedFile
from pipeline.events.schema import DATASETS, FIELDS, KINDS, write_table
from pipeline.history.drift_log import Move, note_drift
from pipeline.history.request_errors import add_errors
from pipeline.history.subjects import erase_rows, note_subjects
from pipeline.store.decision_log import Decision, record_decision
from pipeline.store.prediction_log import note_request_ids
from pipeline.store.tables import predictions
from tests.pipeline.history.records import answer, predict
from tests.support.processes.servers import ROOT

FILE = "events.ndjson"
ALERT = {
    "status": "firing",
    "startsAt": "2026-11-21T10:00:00Z",
    "fingerprint": "c5a7b1",
    "labels": {"alertname": "TargetDown", "severity": "page", "job": "reporting"},
    "annotations": {"summary": "reporting is away", "runbook_url": "docs/runbooks.md#targetdown"},
}
NOON = 1_790_000_000.0
NAMES = VersionNames(["1", "7"], ["depth"])
TYPES = {
    **dict.fromkeys(("keyword", "text"), str),
    **{"float": float, "long": int, "boolean": bool, "flattened": dict},
}


class Shipper:
    """As the trainer's thread, a look at a time."""

    def __init__(self, store, folder, most_bytes=10_000_000, features=False, settle_seconds=0.0):
        self.store, self.journal = store, Journal(folder, most_bytes, keep=100)
        assert self.journal.take()
        self.reader = EventReader(
            self.journal.open(), lambda _version: NAMES, features, settle_seconds
        )

    def look(self):
        with self.store.connect() as connection:
            events = self.reader.read(connection)
        self.journal.append(events)
        for event in events:
            self.reader.progress.note(event)
        return len(events)

    def finish(self):
        self.look()  # sees what there is
        while self.look():
            pass


@contextlib.contextmanager
def shipping(*options, **more):
    shipper = Shipper(*options, **more)
    with shipper.journal:
        yield shipper


def written(folder):
    files = [*sorted(folder.glob("events-*.ndjson")), *sorted(folder.glob("[ae]*s.ndjson"))]
    return [json.loads(line) for path in files for line in path.read_text().splitlines()]


@pytest.fixture
def told(store, tmp_path):
    """The events of one record of each kind."""
    (number,) = predict(store, "7", at=NOON)
    answer(store, number, "7")
    answer(store, number, "1", by="admin")
    with store.begin() as connection:
        note_request_ids(connection, {number: "mine"})
        decision = Decision("promoted", "promoted: better", "0002", "0001", {"rows": 5})
        record_decision(connection, "by hand", decision, "admin")
        add_errors(connection, Counter({(int(NOON) // 60 * 60, True): 3}))
        note_drift(connection, NOON, {"depth": Move(0.31, "is 0.31 sd higher")})
    with shipping(store, tmp_path, features=True) as shipper:
        shipper.finish()
    with RotatedFile(tmp_path, "alerts", 1_000_000, 2) as file:
        AlertFile(file).append([ALERT])
    return written(tmp_path)


def test_each_record_is_an_event(told):
    said = Counter((one["event.dataset"], one["event.action"]) for one in told)
    assert said == {
        ("boucle.prediction", "predicted"): 1,
        ("boucle.feedback", "answered"): 1,
        ("boucle.feedback", "corrected"): 1,
        ("boucle.decision", "decided"): 1,
        ("boucle.drift", "drifted"): 1,
        ("boucle.requests", "counted"): 1,
        ("boucle.alert", "firing"): 1,
    }
    by_action = {one["event.action"]: one for one in told}
    prediction, decision, drift = (by_action[name] for name in ("predicted", "decided", "drifted"))
    answered, corrected = by_action["answered"], by_action["corrected"]
    assert prediction["trace.id"] == "mine"
    assert (answered["boucle.feedback.target"], answered["boucle.feedback.correct"]) == ("7", True)
    assert (corrected["boucle.feedback.target"], corrected["boucle.actor"]) == ("1", "admin")
    assert (decision["service.version"], decision["boucle.actor"]) == ("0002", "admin")
    assert drift["boucle.drift.features"] == ["depth"]
    assert drift["message"] == "`depth` is 0.31 sd higher"


def test_every_field_is_in_the_schema_and_of_its_type(told):
    for event in told:
        for name, value in event.items():
            kind = KINDS[name]
            if kind == "date":
                assert datetime.fromisoformat(value).tzinfo
            else:
                for one in value if isinstance(value, list) else [value]:
                    assert isinstance(one, TYPES[kind]), (name, value)


def test_every_field_of_the_schema_is_written_by_the_kinds_it_names(told):
    for field in FIELDS:
        kinds = {one["event.dataset"] for one in told if field.name in one}
        assert kinds == set(field.datasets), field.name


def test_without_the_setting_nothing_observed_is_told(store, tmp_path):
    predict(store, at=NOON)
    with shipping(store, tmp_path) as shipper:
        shipper.finish()
    assert all("boucle.features" not in one for one in written(tmp_path))


@pytest.mark.parametrize("seed", range(4))
def test_a_writer_that_is_killed_at_any_place_loses_and_doubles_nothing(store, tmp_path, seed):
    """Its last line may be cut anywhere; files are rotated meanwhile."""
    chance, numbers = random.Random(seed), []
    for _ in range(12):
        numbers += predict(store, chance.choice("17"), at=NOON + len(numbers), count=20)
        for number in chance.sample(numbers[-20:], 5):
            answer(store, number, "7")
        with shipping(store, tmp_path, most_bytes=20_000) as shipper:
            for _ in range(chance.randrange(4)):
                shipper.look()
        path = tmp_path / FILE
        content = path.read_bytes()
        path.write_bytes(content[: len(content) - chance.randrange(400)] if content else b"")
    with shipping(store, tmp_path, most_bytes=20_000) as shipper:
        shipper.finish()
    ids = Counter((one["event.dataset"], one["event.id"]) for one in written(tmp_path))
    assert max(ids.values()) == 1
    assert sum(dataset == "boucle.prediction" for dataset, _ in ids) == len(numbers)
    assert sum(dataset == "boucle.feedback" for dataset, _ in ids) == 60
    assert len(list(tmp_path.glob("events-*.ndjson"))) > 2


def test_numbers_that_sqlite_gives_out_again_are_written(store, tmp_path):
    predict(store, at=NOON, count=3)
    with shipping(store, tmp_path) as shipper:
        shipper.finish()
        with store.begin() as connection:
            connection.execute(delete(predictions))
        predict(store, at=NOON + 60, count=2)
        shipper.finish()
    assert len(written(tmp_path)) == 5


def test_what_was_erased_holds_up_nothing(store, tmp_path, monkeypatch):
    """More of it than is read at a time."""
    monkeypatch.setattr("pipeline.events.reading.ROWS", 2)
    numbers = predict(store, at=NOON, count=6)
    with store.begin() as connection:
        note_subjects(connection, dict.fromkeys(numbers[:5], "somebody"))
    for number in numbers[:5]:
        answer(store, number, "7")
    with store.begin() as connection:
        erase_rows(connection, set(numbers[:5]), (), "admin")
    answer(store, numbers[5], "7")
    answer(store, numbers[5], "1", by="admin")
    with shipping(store, tmp_path) as shipper:
        shipper.finish()
    told = [one["event.action"] for one in written(tmp_path)]
    assert sorted(told) == ["answered", "corrected", "predicted"]


def test_one_writes_and_the_others_stand_by(tmp_path):
    with Journal(tmp_path, 1_000, 2) as second:
        with Journal(tmp_path, 1_000, 2) as first:
            assert (first.take(), second.take()) == (True, False)
        assert second.take()


def test_the_table_of_the_docs_is_that_of_the_schema():
    assert write_table() in (ROOT / "docs/logs.md").read_text()
    assert set(DATASETS) == {dataset for field in FIELDS for dataset in field.datasets}


def test_a_prediction_that_becomes_visible_late_is_not_passed_over(store, tmp_path, monkeypatch):
    """Its writer took a number, and committed after another who took the next one."""
    clock = SimpleNamespace(now=0.0, monotonic=lambda: clock.now, time=time.time)
    monkeypatch.setattr("pipeline.events.reading.time", clock)
    first, second = predict(store, at=NOON, count=2)
    with store.begin() as connection:
        late = connection.execute(select(predictions).where(predictions.c.id == first)).one()
        connection.execute(delete(predictions).where(predictions.c.id == first))
    with shipping(store, tmp_path, settle_seconds=2.0) as shipper:
        shipper.look()
        clock.now = 1.0
        assert shipper.look() == 0
        with store.begin() as connection:
            connection.execute(insert(predictions).values(late._asdict()))
        for clock.now in (2.0, 3.0):
            shipper.look()
    assert [one["event.id"] for one in written(tmp_path)] == [first, second]
