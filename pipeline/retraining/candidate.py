"""A classifier that may become the challenger, and its predictions for rows unseen in training."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipeline.arrays import Indices, Labels
from pipeline.embedding.vectors import LabelledVectors
from pipeline.model.training import TrainedModel, predict, train
from pipeline.production.production_rows import ProductionRows
from pipeline.progress import Progress
from pipeline.setting_tables import TrainingSettings

SHOWN = ""  # in place of a prediction for a training row; no label is empty


@dataclass(frozen=True)
class TrainingRows:
    """All rows: a candidate learns from the reference and from production without the judges."""

    reference: LabelledVectors
    production: ProductionRows
    judges: NDArray[np.bool_]

    @cached_property
    def to_learn_from(self) -> LabelledVectors:
        shown = ~self.judges
        return self.reference.join(self.production.values[shown], self.production.targets[shown])

    @property
    def seqs_to_learn_from(self) -> Indices:
        """The number of each of these rows in production, 0 for rows of the reference."""
        of_reference = np.zeros(len(self.reference), dtype=np.int64)
        return np.concatenate([of_reference, self.production.seqs[~self.judges]])


@dataclass(frozen=True)
class Candidate:
    trained: TrainedModel
    places: Indices  # which of `TrainingRows.to_learn_from` it was trained on
    since: int | None = None  # the first row of production it learned from, None for all

    def predict(self, rows: TrainingRows) -> Labels:
        """Its out-of-sample label for each row of production, SHOWN where it has none."""
        said = np.full(len(rows.production), SHOWN, dtype=object)
        said[rows.judges] = predict(self.trained.model, rows.production.values[rows.judges])
        known = self.trained.out_of_sample
        places = self.places[known.rows] - len(rows.reference)
        of_production = places >= 0
        said[np.flatnonzero(~rows.judges)[places[of_production]]] = known.predictions[of_production]
        return said.astype(np.str_)


def make_candidate(
    rows: TrainingRows, how: TrainingSettings, progress: Progress, places: Indices | None = None
) -> Candidate:
    """Train on all the rows, or only on those at `places`."""
    training = rows.to_learn_from
    if places is None:
        return Candidate(train(training, how, progress), np.arange(len(training)))
    return Candidate(train(training.where(places), how, progress), places)
