"""Asks a version about vectors of another embedding, so that both are judged on the same rows."""

import numpy as np

from pipeline.arrays import Indices, Numbers
from pipeline.model.scorer import Scorer


class CrossEmbeddingScorer:
    """Knows for each vector the one that the version's own embedding made of the same row."""

    def __init__(self, scorer: Scorer, vectors: Numbers, own: Numbers) -> None:
        self.labels = scorer.labels
        self._scorer = scorer
        self._own = own
        self._places = {vector.tobytes(): place for place, vector in enumerate(vectors)}

    def score(self, vectors: Numbers) -> tuple[Indices, Numbers]:
        places = np.array([self._places[vector.tobytes()] for vector in vectors], dtype=np.int64)
        return self._scorer.score(self._own[places])
