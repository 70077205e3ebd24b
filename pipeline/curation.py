"""Which rows a retraining learns from, and under which labels.

Three things can make feedback contradict the live model. Wrong labels here and there: the rows
around such a row, given in the same time, contradict it too, and it is set aside. A changed world:
it errs in places that can be told, and what was known of these places is renamed where the new
rows tell what it is by now, or forgotten. Labels that are wrong throughout: almost everything
contradicts the live model, more than a changing world does, and the gate lets nothing pass that
was learned from it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.change import LEAST_ROWS, Flags, ask
from pipeline.embedding import Numbers
from pipeline.era import UNKNOWN, Era
from pipeline.live_version import LiveVersion
from pipeline.production import Production
from pipeline.revision import revise
from pipeline.suspicion import find_suspicious
from pipeline.vectors import Vectors

REFERENCE = -1

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Curated:
    """What to train on, and how it was chosen."""

    training: Vectors
    sources: Places  # of each row to train on its place in the feedback, or REFERENCE
    era: Era | None = None  # if the world has changed
    suspicious: int = 0
    renamed_rows: int = 0  # old ones, whose label by now the new ones tell
    forgotten: Numbers | None = None  # the vectors of those outdated of which they do not
    contradicted_share: float | None = None  # of the recent rows, by the live version

    @property
    def changed_since(self) -> int | None:
        """The row of feedback from which on the world is another."""
        return self.era.since if self.era else None

    @property
    def forgotten_rows(self) -> int:
        return 0 if self.forgotten is None else len(self.forgotten)


def curate(
    reference: Vectors,
    holdout: Vectors,
    production: Production,
    live: LiveVersion | None,
    recent_rows: int,
) -> Curated:
    """Choose the rows to train on from the reference and the feedback.

    A change that the live version knows of stays known.
    """
    pool, first = _join(reference, production), len(reference)
    wanted = np.append(np.ones(first, dtype=np.bool_), ~production.evaluation)
    if live is None or len(production) < LEAST_ROWS:
        return _choose(pool, first, wanted)
    fed = ask(live.scorer, production.values, production.targets)
    revision, worse_since = revise(reference, holdout, production, live, fed.wrong)
    suspicious = find_suspicious(fed, production, revision.start if revision else None)
    given = pool.targets
    if revision is not None:
        suspicious[revision.start :] &= ~revision.expected
        now = revision.era.now.apply(reference.targets, production.seqs, production.targets)
        pool = Vectors(pool.values, now, pool.embedding_id)
    wanted[first:] &= ~suspicious
    outdated = pool.targets == UNKNOWN
    return _choose(
        pool,
        first,
        wanted & ~outdated,
        era=revision.era if revision else None,
        suspicious=int(suspicious.sum()),
        renamed_rows=int((wanted & ~outdated & (pool.targets != given)).sum()),
        forgotten=pool.values[wanted & outdated],
        contradicted_share=float(fed.wrong[worse_since:][-recent_rows:].mean()),
    )


def _choose(pool: Vectors, first: int, wanted: Flags, **told: Any) -> Curated:
    chosen = np.flatnonzero(wanted)
    return Curated(pool.where(chosen), np.maximum(chosen - first, REFERENCE), **told)


def _join(reference: Vectors, rows: Production) -> Vectors:
    if len(rows) == 0:
        return reference
    values = np.concatenate([reference.values, rows.values])
    targets = np.concatenate([reference.targets, rows.targets])
    return Vectors(values, targets, reference.embedding_id)
