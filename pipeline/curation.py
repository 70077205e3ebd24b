"""Which rows a retraining learns from: doubtful feedback is set aside, outdated rows forgotten.

Three things can make feedback contradict the live model. Wrong labels here and there: the rows
around such a row, given in the same time, contradict it too, and it is set aside. A changed world:
it errs in places that can be told, and what was learned before about these places is forgotten.
Labels that are wrong throughout: almost everything contradicts the live model, more than a
changing world does, and the gate lets nothing pass that was learned from it.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from pipeline.change import LEAST_ROWS, Change, Flags, Said, ask, find_change, find_start
from pipeline.embedding import Numbers
from pipeline.production import Production
from pipeline.scorer import Scorer
from pipeline.vectors import Vectors

NEIGHBOURS = 9
LONELY = 0.4  # share of like rows with the same label below which a row is alone with it
UNLIKELY = 0.25  # a label to which the live version gives less probability is contradicted
SAME_TIME = 5_000  # so many rows in a row are asked about each other
REFERENCE = -1

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Curated:
    """What to train on, and how it was chosen."""

    training: Vectors
    sources: Places  # of each row to train on its place in the feedback, or REFERENCE
    changed_since: int | None = None  # the seq from which on the world is another, if it changed
    suspicious: int = 0
    forgotten: Numbers | None = None  # the vectors of what is outdated
    contradicted_share: float | None = None  # of the recent rows, by the live version

    @property
    def forgotten_rows(self) -> int:
        return 0 if self.forgotten is None else len(self.forgotten)


def curate(
    reference: Vectors,
    production: Production,
    live: Scorer | None,
    expected_error: float,
    known_change: int | None,
    recent_rows: int,
) -> Curated:
    """Choose the rows to train on from the reference and the feedback.

    A change that the live version knows of stays known: what it made outdated remains so.
    """
    pool, first = _join(reference, production), len(reference)
    wanted = np.append(np.ones(first, dtype=np.bool_), ~production.evaluation)
    if live is None or len(production) < LEAST_ROWS:
        return _choose(pool, first, wanted)
    said = ask(live, pool.values, pool.targets)
    fed = said.of(slice(first, None))
    worse_since = find_start(fed.wrong, expected_error)
    change = None if worse_since is None else find_change(fed.of(slice(worse_since, None)))
    start = worse_since if change else _place_of(production, known_change)
    suspicious = _is_suspicious(fed, production, start)
    if change is not None:
        suspicious[-len(change.expected) :] &= ~change.expected
    wanted[first:] &= ~suspicious
    outdated = wanted & _is_outdated(said, first, change, start, known_change is not None)
    return _choose(
        pool,
        first,
        wanted & ~outdated,
        changed_since=None if start is None else int(production.seqs[start]),
        suspicious=int(suspicious.sum()),
        forgotten=pool.values[outdated],
        contradicted_share=float(fed.wrong[worse_since:][-recent_rows:].mean()),
    )


def _choose(pool: Vectors, first: int, wanted: Flags, **told: Any) -> Curated:
    chosen = np.flatnonzero(wanted)
    training = Vectors(pool.values[chosen], pool.targets[chosen], pool.embedding_id)
    return Curated(training, np.maximum(chosen - first, REFERENCE), **told)


def _join(reference: Vectors, rows: Production) -> Vectors:
    if len(rows) == 0:
        return reference
    values = np.concatenate([reference.values, rows.values])
    targets = np.concatenate([reference.targets, rows.targets])
    return Vectors(values, targets, reference.embedding_id)


def _place_of(production: Production, seq: int | None) -> int | None:
    """Where the feedback from a certain row on begins."""
    if seq is None or seq > production.seqs[-1]:
        return None
    return int(np.searchsorted(production.seqs, seq))


def _is_outdated(
    said: Said, first: int, change: Change | None, start: int | None, is_known: bool
) -> Flags:
    """Rows from before the change where the live version errs now, or which it has forgotten."""
    outdated = np.zeros(len(said.wrong), dtype=np.bool_)
    if start is not None:
        old = said.of(slice(first + start))
        if change is not None:
            outdated[: first + start] |= change.outdates(old)
        if is_known:
            outdated[: first + start] |= old.given < UNLIKELY
    return outdated


def _is_suspicious(said: Said, rows: Production, start: int | None) -> Flags:
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
