"""A shuffle of all rows there can be, fixed by a seed: a row's number tells where it stands.

Those first in it are a fair draw, the same at every draw, and mostly stay when rows are added.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.arrays import Indices

ROWS_A_BLOCK = 1_000_000


def first(seqs: Indices, most: int, seed: int) -> Indices:
    """Of some rows, so many that come first in the shuffle; in no order."""
    if len(seqs) <= most:
        return seqs
    return seqs[np.argpartition(_places(seqs, seed), most)[:most]]


def first_of_range(start: int, end: int, most: int, seed: int) -> Indices:
    """The same of the rows from the start up to, but not including, the end; sorted."""
    held = np.zeros(0, dtype=np.int64)
    for begin in range(start, end, ROWS_A_BLOCK):
        block = np.arange(begin, min(begin + ROWS_A_BLOCK, end))
        held = first(np.concatenate([held, block]), most, seed)
    return np.sort(held)


def _places(seqs: Indices, seed: int) -> NDArray[np.uint64]:
    """The finalizer of SplitMix64, which turns numbers in a row into random ones."""
    place = seqs.astype(np.uint64) + np.uint64(seed) * np.uint64(0xD1342543DE82EF95)
    place *= np.uint64(0x9E3779B97F4A7C15)
    place = (place ^ (place >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    place = (place ^ (place >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return place ^ (place >> np.uint64(31))
