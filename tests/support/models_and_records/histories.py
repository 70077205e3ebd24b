"""Rows for a store whose old ones are moved to a folder or a bucket; used by the tests."""

import contextlib
from collections import Counter

import numpy as np
from sqlalchemy import func, select

from pipeline.history.subjects import note_subjects
from pipeline.parquet_files.file_records import open_history
from pipeline.parquet_history.moving import HistoryMover
from pipeline.parquet_history.reading import Filter, read_history
from pipeline.store.encoding import pack
from pipeline.store.feedback_log import write_feedback
from pipeline.store.prediction_log import PredictionWriter
from pipeline.store.records import Feedback, InlineObservation, new_ids
from pipeline.store.tables import feedback, history_files

DAY = 86_400
NAMES = {"e": ("number", "city")}
LATER = 1e12  # everything is older


def predict(engine, count, at=1_000.0, number=None):
    """Predictions that differ in what was observed; returns their ids."""
    ids = sorted(new_ids(at, count))
    rows = [
        (
            *(one, at, "0001", "e", b'[%d,"Bern"]' % (place if number is None else number)),
            *(pack(np.array([place, 0.5])), 0.1, "7", pack(np.array([0.8, 0.2]))),
        )
        for place, one in enumerate(ids)
    ]
    with contextlib.closing(PredictionWriter(engine)) as log:
        log.write(rows)
    return ids


def answer(engine, ids, target="1", at=None, **said):
    given = [Feedback(target, prediction_id=one, **said) for one in ids]
    with engine.begin() as connection:
        receipts = write_feedback(connection, given, 1_000_000)
        if at is not None:
            told = feedback.update().where(feedback.c.prediction_id.in_(ids)).values(at=at)
            connection.execute(told)
    return [one.outcome.value for one in receipts]


def answer_inline(engine, observation, target="1", **said):
    seen = InlineObservation(observation, pack(np.array([9.0, 9.0])), 0.1, "e", "7")
    with engine.begin() as connection:
        given = [Feedback(target, observed=seen, **said)]
        return write_feedback(connection, given, 1_000_000)[0].outcome.value


def name_subject(engine, ids, subject):
    with engine.begin() as connection:
        note_subjects(connection, dict.fromkeys(ids, subject))


def move(engine, before=LATER, kept=0, rows=4):
    return HistoryMover(engine, before, kept, rows).run()


def found(engine, wanted=None):
    return list(read_history(engine, wanted or Filter(), NAMES))


def counted(engine):
    """How often each row is seen, by its prediction or else its feedback."""
    return Counter(row.prediction_id or row.feedback_id for row in found(engine))


def stored(engine, table):
    with engine.connect() as connection:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def stray_objects(engine):
    """Objects that no record names, and records that do not count."""
    with engine.connect() as connection:
        rows = connection.execute(select(history_files)).all()
    names = {row.name for row in rows}
    left = [row.name for row in rows if row.state != "live"]
    return sorted(set(open_history(engine).names()) - names), left
