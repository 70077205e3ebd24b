"""Predictions and feedback put on record by hand, over both stores."""

import contextlib
import time

import numpy as np

from pipeline.store.encoding import pack
from pipeline.store.feedback_log import write_feedback
from pipeline.store.prediction_log import PredictionWriter
from pipeline.store.records import Feedback, new_ids


def predict(store, label="7", sure=0.8, at=None, version="0001", count=1, vector=(0.0, 1.0)):
    now = time.time() if at is None else at
    ids = new_ids(now, count)
    shares = pack(np.array([sure, 1 - sure]))
    kept = (version, "e", b"[1.0]", pack(np.array(vector)), 0.1, label, shares)
    with contextlib.closing(PredictionWriter(store)) as log:
        log.write([(number, now, *kept) for number in ids])
    return ids


def answer(store, prediction_id, target, by=None):
    said = Feedback(target, prediction_id=prediction_id, corrected_by=by)
    with store.begin() as connection:
        return write_feedback(connection, [said], 1000)[0].outcome.value
