"""The time since the world last changed, and which rows of before are no longer true.

Kept with the version that found it out, so that those after it need not find it out again.
"""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.change import Flags

FILE = "era.npz"


@dataclass(frozen=True)
class Era:
    since: int  # the first row of feedback
    reference: Flags  # of each row of the reference, whether it is outdated
    holdout: Flags
    feedback: NDArray[np.int64]  # the rows of feedback that are

    def outdated(self, reference_rows: int, seqs: NDArray[np.int64]) -> Flags:
        """Of the reference and some feedback, what is outdated."""
        return np.append(flags_of(self.reference, reference_rows), np.isin(seqs, self.feedback))

    def to_bytes(self) -> bytes:
        content = io.BytesIO()
        np.savez_compressed(content, **vars(self))
        return content.getvalue()


NONE: Flags = np.zeros(0, dtype=np.bool_)
NO_ERA = Era(0, NONE, NONE, np.zeros(0, dtype=np.int64))  # nothing is outdated


def read_era(content: bytes) -> Era:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return Era(int(arrays["since"]), *(arrays[n] for n in ("reference", "holdout", "feedback")))


def flags_of(known: Flags, rows: int) -> Flags:
    """What is known of so many rows; nothing, where it was found out about others."""
    if len(known) != rows:
        return np.zeros(rows, dtype=np.bool_)
    return known.copy()
