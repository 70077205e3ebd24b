"""Whether the world has become another than the live version knows: since when, and where.

Wrong labels fall anywhere, and nothing about a row tells whether its label is wrong. A changed
world errs in places that can be told: this is what parts the two.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlog1py, xlogy
from scipy.stats import binomtest

from pipeline.embedding import Numbers
from pipeline.scorer import Scorer

LEVEL = 0.01  # of the surplus of errors
LEVEL_PLACES = 0.001  # of their being where they are expected
LEAST_ROWS = 30  # labelled rows below which a change is not looked for
LIKELY = 0.5  # probability of an error above which one is expected at a place
PRECISION = 2 / 3  # share of the rows where an error is expected that must have one
MOST_ROWS = 5_000  # the last rows, of which the places are learned

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Said:
    """What the live version says of some labelled rows."""

    values: Numbers
    probabilities: Numbers
    given: Numbers  # what it gives to the row's own label
    wrong: Flags  # it predicts another label

    def of(self, rows: Any) -> "Said":
        return Said(self.values[rows], self.probabilities[rows], self.given[rows], self.wrong[rows])

    @property
    def features(self) -> Numbers:
        labels = np.eye(self.probabilities.shape[1])[self.probabilities.argmax(axis=1)]
        return np.hstack([self.values, self.probabilities, labels])


def ask(live: Scorer, values: Numbers, targets: NDArray[np.str_]) -> Said:
    places, probabilities = live.score(values)
    known = {label: place for place, label in enumerate(live.labels)}
    columns = np.array([known.get(target, -1) for target in targets.tolist()], dtype=np.int64)
    given = np.where(columns < 0, 0.0, probabilities[np.arange(len(columns)), columns])
    return Said(values, probabilities, given, places != columns)


@dataclass(frozen=True)
class Change:
    """Places where the live version errs of late, as a forest that tells them."""

    places: Any
    expected: Flags  # of the last rows: whether an error is expected, told without the row itself

    def outdates(self, said: Said, known: Flags) -> Flags:
        """Which rows of before are outdated, if some were known to be.

        Where errors are expected, those that say what the live version says are no longer true,
        and those that contradict it may be true again.
        """
        if len(known) == 0:
            return known
        expected = self.places.predict_proba(said.features)[:, 1] > LIKELY
        outdated: Flags = np.where(expected, ~said.wrong, known)
        return outdated


def find_start(wrong: Flags, expected_error: float) -> int | None:
    """From which row on there are more errors than expected, if there significantly are.

    The start is the one that makes what was seen before and after it most likely.
    """
    starts = np.arange(len(wrong) - LEAST_ROWS + 1)
    if len(starts) == 0:
        return None
    until = np.append(0, np.cumsum(wrong))
    errors, rows = until[-1] - until[starts], len(wrong) - starts
    share, share_before = errors / rows, (until[starts] + expected_error) / (starts + 1)
    likelihood = _likelihood(share, errors, rows)
    likelihood += _likelihood(share_before, until[starts], starts)
    start = int(np.where(share > share_before, likelihood, -np.inf).argmax())
    # The start was chosen to look bad, so the level is divided by the starts there were.
    level = LEVEL / max(1, len(wrong) // LEAST_ROWS)
    usual = min(0.99, expected_error + 0.02)
    test = binomtest(int(errors[start]), int(rows[start]), usual, alternative="greater")
    return start if test.pvalue < level else None


def _likelihood(share: Numbers, errors: NDArray[np.int64], rows: NDArray[np.int64]) -> Numbers:
    likelihood: Numbers = xlogy(errors, share) + xlog1py(rows - errors, -share)
    return likelihood


def find_change(said: Said) -> Change | None:
    """Learn where the live version errs; None when that cannot be told.

    Each row is judged by the trees that were not shown it.
    """
    from sklearn.ensemble import RandomForestClassifier

    said = said.of(slice(-MOST_ROWS, None))
    if said.wrong.all() or not said.wrong.any():
        return None
    forest = RandomForestClassifier(
        min_samples_leaf=3, max_features=None, oob_score=True, random_state=0, n_jobs=-1
    )
    forest.fit(said.features, said.wrong)
    expected = forest.oob_decision_function_[:, 1] > LIKELY
    found, rows = int((expected & said.wrong).sum()), int(expected.sum())
    if rows == 0 or found < PRECISION * rows:
        return None
    usual = float(said.wrong.mean())
    chance = binomtest(found, rows, usual, alternative="greater").pvalue
    return Change(forest, expected) if chance < LEVEL_PLACES else None
