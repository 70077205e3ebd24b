"""A classifier that may become the challenger, and what it says to rows that it was not shown."""

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

SHOWN = ""  # no label is empty


@dataclass(frozen=True)
class Rows:
    """The reference, and production without its judges, are there to learn from."""

    reference: LabelledVectors
    production: ProductionRows
    judges: NDArray[np.bool_]

    @cached_property
    def to_learn_from(self) -> LabelledVectors:
        shown = ~self.judges
        return self.reference.join(self.production.values[shown], self.production.targets[shown])

    @property
    def seqs_to_learn_from(self) -> Indices:
        """Their numbers in production, 0 for those of the reference."""
        of_reference = np.zeros(len(self.reference), dtype=np.int64)
        return np.concatenate([of_reference, self.production.seqs[~self.judges]])


@dataclass(frozen=True)
class Candidate:
    trained: TrainedModel
    places: Indices  # of its training among the rows that there are to learn from
    since: int | None = None  # the row of production from which on it learned, None for all

    def predict(self, rows: Rows) -> Labels:
        """Its label for each row of production; SHOWN for those that it only knows by heart."""
        said = np.full(len(rows.production), SHOWN, dtype=object)
        said[rows.judges] = predict(self.trained.model, rows.production.values[rows.judges])
        known = self.trained.out_of_sample
        places = self.places[known.rows] - len(rows.reference)
        of_production = places >= 0
        said[np.flatnonzero(~rows.judges)[places[of_production]]] = known.predictions[of_production]
        return said.astype(np.str_)


def make_candidate(
    rows: Rows, how: TrainingSettings, progress: Progress, places: Indices | None = None
) -> Candidate:
    """Train on all the rows, or on those at the places."""
    training = rows.to_learn_from
    if places is None:
        return Candidate(train(training, how, progress), np.arange(len(training)))
    return Candidate(train(training.where(places), how, progress), places)
