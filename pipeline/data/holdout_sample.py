"""Some rows of the holdout as they were before they were embedded.

Importance and explanations speak of the features that people know, so they start here. Prepare
picks the rows, and every version carries them along.
"""

import io
from dataclasses import dataclass

import numpy as np

from pipeline.arrays import Labels, Numbers

FILE = "holdout_rows.npz"
SCORES_FILE = "holdout_scores.npz"  # what a version's classifier says to the whole holdout
REFERENCE_FILE = "reference_rows.npz"  # of the rows trained on, as drift looks at them
MOST_ROWS, LEAST_ROWS = 300, 20
MOST_BYTES = 8_000_000  # large pictures: fewer of them


@dataclass(frozen=True)
class HoldoutSample:
    """Rows of numbers as `pipeline/data/observation.py` decodes them, and the label of each.

    The first rows, however many, hold every label in about its share.
    """

    values: Numbers
    targets: Labels

    def __len__(self) -> int:
        return len(self.targets)

    def first(self, rows: int) -> "HoldoutSample":
        return HoldoutSample(self.values[:rows], self.targets[:rows])

    def to_bytes(self) -> bytes:
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer, allow_pickle=False, values=self.values, targets=self.targets.astype(np.str_)
        )
        return buffer.getvalue()


def sample_holdout(values: Numbers, targets: Labels) -> HoldoutSample:
    """A few hundred rows of a shuffled holdout."""
    most = max(LEAST_ROWS, min(MOST_ROWS, MOST_BYTES // (8 * values.shape[1])))
    turns = np.empty(len(targets))
    for label in np.unique(targets):
        places = np.flatnonzero(targets == label)
        turns[places] = (np.arange(len(places)) + 0.5) / len(places)
    picked = np.argsort(turns, kind="stable")[:most]
    return HoldoutSample(values[picked], targets[picked])


def read_rows(content: bytes) -> HoldoutSample:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return HoldoutSample(arrays["values"], arrays["targets"])
