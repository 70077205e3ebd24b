"""Whether the world has become another than the live version knows: since when, and where.

Wrong labels fall anywhere, and nothing about a row tells whether its label is wrong. A changed
world errs in places that can be told: this is what parts the two.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
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
BLOCK = 10_000  # rows that a thread asks about at a time
MOST_ROWS = 5_000  # the last rows, of which the places are learned

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Said:
    """What a model says of some labelled rows."""

    values: Numbers
    probabilities: Numbers
    predictions: NDArray[np.str_]
    given: Numbers  # what it gives to the row's own label
    wrong: Flags  # it predicts another label

    def __len__(self) -> int:
        return len(self.wrong)

    def of(self, rows: Any) -> "Said":
        return Said(*(column[rows] for column in vars(self).values()))

    @property
    def features(self) -> Numbers:
        labels = np.eye(self.probabilities.shape[1])[self.probabilities.argmax(axis=1)]
        return np.hstack([self.values, self.probabilities, labels])


def compare(
    values: Numbers,
    targets: NDArray[np.str_],
    labels: Sequence[str],
    places: NDArray[np.int64],
    probabilities: Numbers,
) -> Said:
    """What is said of rows, beside their targets; `places` are those of the predicted labels."""
    known = {label: place for place, label in enumerate(labels)}
    columns = np.array([known.get(target, -1) for target in targets.tolist()], dtype=np.int64)
    given = np.where(columns < 0, 0.0, probabilities[np.arange(len(columns)), columns])
    return Said(values, probabilities, np.array(labels)[places], given, places != columns)


def ask(live: Scorer, values: Numbers, targets: NDArray[np.str_]) -> Said:
    """On all cores: a large forest takes a while over a million rows."""
    blocks = [values[start : start + BLOCK] for start in range(0, max(1, len(values)), BLOCK)]
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        places, probabilities = zip(*threads.map(live.score, blocks), strict=True)
    return compare(
        values, targets, live.labels, np.concatenate(places), np.concatenate(probabilities)
    )


@dataclass(frozen=True)
class Change:
    """Places where a model errs since the world changed, as a forest that tells them."""

    places: Any
    expected: Flags  # of the rows it was found in, each told without the row itself

    def expects(self, said: Said) -> Flags:
        """Where else the model would err."""
        return _expect(self.places, said)


def find_start(wrong: Flags, expected_error: float) -> int | None:
    """From which row on there are more errors than expected, if there significantly are.

    The start is the one that makes what was seen before and after it most likely, where before it
    errors were not more than usual.
    """
    starts = np.arange(len(wrong) - LEAST_ROWS + 1)
    if len(starts) == 0:
        return None
    until = np.append(0, np.cumsum(wrong))
    errors, rows = until[-1] - until[starts], len(wrong) - starts
    usual = min(0.99, expected_error + 0.02)
    share = errors / rows
    share_before = np.minimum(usual, (until[starts] + expected_error) / (starts + 1))
    likelihood = _likelihood(share, errors, rows)
    likelihood += _likelihood(share_before, until[starts], starts)
    start = int(np.where(share > share_before, likelihood, -np.inf).argmax())
    # The start was chosen to look bad, so the level is divided by the starts there were.
    level = LEVEL / max(1, len(wrong) // LEAST_ROWS)
    test = binomtest(int(errors[start]), int(rows[start]), usual, alternative="greater")
    return start if test.pvalue < level else None


def _likelihood(share: Numbers, errors: NDArray[np.int64], rows: NDArray[np.int64]) -> Numbers:
    likelihood: Numbers = xlogy(errors, share) + xlog1py(rows - errors, -share)
    return likelihood


def find_change(said: Said) -> Change | None:
    """Learn where a model errs; None when that cannot be told.

    Each row is judged by the trees that were not shown it.
    """
    from sklearn.ensemble import RandomForestClassifier

    last = said.of(slice(-MOST_ROWS, None))
    if last.wrong.all() or not last.wrong.any():
        return None
    forest = RandomForestClassifier(
        min_samples_leaf=3, max_features=None, oob_score=True, random_state=0, n_jobs=-1
    )
    forest.fit(last.features, last.wrong)
    expected = forest.oob_decision_function_[:, 1] > LIKELY
    found, rows = int((expected & last.wrong).sum()), int(expected.sum())
    if rows == 0 or found < PRECISION * rows:
        return None
    usual = float(last.wrong.mean())
    if binomtest(found, rows, usual, alternative="greater").pvalue >= LEVEL_PLACES:
        return None
    earlier = said.of(slice(len(said) - len(last)))
    return Change(forest, np.append(_expect(forest, earlier), expected))


def _expect(places: Any, said: Said) -> Flags:
    if len(said) == 0:
        return said.wrong
    likely: Flags = places.predict_proba(said.features)[:, 1] > LIKELY
    return likely
