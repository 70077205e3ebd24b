"""The latest rows of the store, as a pass looks at them. Its cost does not grow with the store."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, select

from pipeline.arrays import Labels, Numbers
from pipeline.data.observed import Observed
from pipeline.store.corrections import has_vector
from pipeline.store.encoding import unpack
from pipeline.store.tables import feedback, predictions


@dataclass(frozen=True)
class PredictionRows:
    """The latest predictions, oldest first. Vectors and residuals are of one embedding."""

    seqs: list[int]
    vectors: Numbers
    residuals: Numbers
    predictions: Labels
    features: Numbers  # the values of the watched features
    probabilities: list[Numbers]  # of the labels that the version of each knew
    labelled: int


@dataclass(frozen=True)
class FeedbackRows:
    """The latest feedback, oldest first, on what any version predicted."""

    seqs: list[int]
    vectors: Numbers
    targets: Labels
    predictions: Labels
    versions: Labels  # that predicted them; the live one where nobody knows which
    live: str
    ages: list[float]  # seconds from prediction to label, where both are known

    def judged(self, least: int) -> tuple[Labels, Labels]:
        """Targets and predictions to score the live version by.

        As long as it has too few rows of its own, the latest of earlier versions stand in: with a
        promotion every few rows there would never be a score.
        """
        kept = self._find_judged(least)
        return self.targets[kept], self.predictions[kept]

    def judged_versions(self, least: int) -> Mapping[str, int]:
        """Which versions predicted these rows, and how many each."""
        return Counter(self.versions[self._find_judged(least)].tolist())

    def _find_judged(self, least: int) -> NDArray[np.intp]:
        own = np.flatnonzero(self.versions == self.live)
        return own if len(own) >= least else np.arange(len(self.seqs))[-least:]


@dataclass(frozen=True)
class CurrentWindow:
    predicted: PredictionRows
    labelled: FeedbackRows


def read_window(
    engine: Engine,
    embedding_id: str,
    version: str,
    observed: Observed,
    rows: int,
    spread: int = 1,
) -> CurrentWindow:
    """With a spread, predictions are every so manieth row."""
    with engine.execution_options(readonly=True).connect() as connection:
        return CurrentWindow(
            _read_predicted(connection, embedding_id, observed, rows, spread),
            _read_labelled(connection, embedding_id, version, rows),
        )


def _read_predicted(
    connection: Connection, embedding_id: str, observed: Observed, rows: int, spread: int
) -> PredictionRows:
    query = select(predictions).order_by(predictions.c.seq.desc()).limit(rows)
    if spread > 1:
        query = query.where(predictions.c.seq % spread == 0)
    found = [row for row in connection.execute(query) if row.embedding_id == embedding_id][::-1]
    ids = [row.id for row in found]
    answered = select(feedback.c.prediction_id).where(feedback.c.prediction_id.in_(ids))
    labelled = len(connection.execute(answered).all()) if ids else 0
    return PredictionRows(
        [row.seq for row in found],
        _stack(found),
        np.array([row.pca_residual for row in found], dtype=np.float64),
        np.array([row.prediction for row in found], dtype=np.str_),
        observed.values([(row.seq, row.observation) for row in found]),
        [unpack(row.probabilities) for row in found],
        labelled,
    )


def _read_labelled(
    connection: Connection, embedding_id: str, version: str, rows: int
) -> FeedbackRows:
    query = select(feedback).where(has_vector()).order_by(feedback.c.seq.desc()).limit(rows)
    found = [row for row in connection.execute(query) if row.embedding_id == embedding_id][::-1]
    return FeedbackRows(
        [row.seq for row in found],
        _stack(found),
        np.array([row.target for row in found], dtype=np.str_),
        np.array([row.prediction for row in found], dtype=np.str_),
        np.array([row.version or version for row in found], dtype=np.str_),
        version,
        [row.at - row.predicted_at for row in found if row.predicted_at is not None],
    )


def _stack(rows: Sequence[Any]) -> Numbers:
    return np.array([unpack(row.vector) for row in rows], dtype=np.float64)
