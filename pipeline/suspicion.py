"""Which labels look wrong: the live version and the feedback around a row both contradict them."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from pipeline.change import Flags, Said
from pipeline.embedding import Numbers
from pipeline.production import Production

NEIGHBOURS = 9
LONELY = 0.4  # share of like rows with the same label below which a row is alone with it
UNLIKELY = 0.25  # a label to which the live version gives less probability is contradicted
SAME_TIME = 5_000  # so many rows in a row are asked about each other

Places = NDArray[np.int64]


def find_suspicious(said: Said, rows: Production, start: int | None) -> Flags:
    """Whether both the live version and the feedback around a row contradict its label.

    What came before a change and what came after it are no witnesses against each other.
    """
    suspicious = np.zeros(len(rows), dtype=np.bool_)
    edges = sorted({*range(0, len(rows), SAME_TIME), start or 0, len(rows)})
    for begin, end in pairwise(edges):
        asked = np.flatnonzero(said.given[begin:end] < UNLIKELY)
        lonely = _is_lonely(rows.values[begin:end], rows.targets[begin:end], asked)
        suspicious[begin + asked] = lonely
    return suspicious


def _is_lonely(values: Numbers, targets: NDArray[np.str_], asked: Places) -> Flags:
    """Whether the rows most like a row mostly carry another label."""
    near = min(NEIGHBOURS, len(values) - 1)
    if near < 1 or len(asked) == 0:
        return np.zeros(len(asked), dtype=np.bool_)
    search = NearestNeighbors(n_neighbors=near + 1).fit(values)
    places = search.kneighbors(values[asked], return_distance=False)
    same = (targets[places] == targets[asked, None]) & (places != asked[:, None])
    lonely: Flags = same.sum(axis=1) < LONELY * near
    return lonely
