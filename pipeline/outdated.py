"""Which rows of before a change of the world are no longer true. Asked by curation."""

import numpy as np
from sklearn.neighbors import NearestNeighbors

from pipeline.change import Change, Flags, Said
from pipeline.vectors import Vectors

NEAREST = 3


def find_outdated(
    said: Said, rows: Vectors, known: Flags, change: Change | None, since: Vectors
) -> Flags:
    """What was known to be outdated, brought up to date where the live version errs by now.

    What it contradicts there may be true again. But a version that has half learned a new world
    contradicts old rows too, so the rows since the change must bear them out.
    """
    if change is None:
        return known
    outdated = change.outdates(said, known)
    back = np.flatnonzero(known & ~outdated)
    outdated[back] = ~_is_borne_out(rows.where(back), since)
    return outdated


def _is_borne_out(asked: Vectors, by: Vectors) -> Flags:
    """Whether most of the nearest rows have the same label."""
    if len(asked) == 0 or len(by) < NEAREST:
        return np.zeros(len(asked), dtype=np.bool_)
    search = NearestNeighbors(n_neighbors=NEAREST).fit(by.values)
    near = search.kneighbors(asked.values, return_distance=False)
    same: Flags = (by.targets[near] == asked.targets[:, None]).mean(axis=1) > 0.5
    return same
