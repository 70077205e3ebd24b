"""The world of before a change, as a forest that knows nothing else. Asked by revision."""

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier

from pipeline.change import Said, compare
from pipeline.embedding import Numbers
from pipeline.era import UNKNOWN, Labels

MOST_ROWS = 5_000  # which speak for them all


class OldWorld:
    """The live version was trained on some of the new rows, so it cannot be asked about them."""

    def __init__(self, values: Numbers, labels: Labels) -> None:
        known = np.random.default_rng(0).permutation(np.flatnonzero(labels != UNKNOWN))[:MOST_ROWS]
        self._forest = RandomForestClassifier(oob_score=True, random_state=0, n_jobs=-1)
        self._forest.fit(values[known], labels[known])
        self._values, self._labels, self._known = values, labels, known

    def ask(self, values: Numbers, labels: Labels) -> Said:
        return self._compare(values, labels, self._forest.predict_proba(values))

    def recall(self) -> Said:
        """Of its own rows: what the trees say that were not shown them."""
        probabilities = self._forest.predict_proba(self._values)
        probabilities[self._known] = self._forest.oob_decision_function_
        return self._compare(self._values, self._labels, probabilities)

    def _compare(self, values: Numbers, labels: Labels, probabilities: NDArray[np.float64]) -> Said:
        names = self._forest.classes_.tolist()
        return compare(values, labels, names, probabilities.argmax(axis=1), probabilities)
