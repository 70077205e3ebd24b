"""Which rows a retraining learns from: doubtful feedback is set aside, outdated rows forgotten.

Three things can make feedback contradict the live model. Wrong labels here and there: the rows
around such a row, given in the same time, contradict it too, and it is set aside. A changed world:
it errs in places that can be told, and what was learned before about these places is forgotten.
Labels that are wrong throughout: almost everything contradicts the live model, more than a
changing world does, and the gate lets nothing pass that was learned from it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.change import LEAST_ROWS, Change, Flags, Said, ask, find_change, find_start
from pipeline.embedding import Numbers
from pipeline.era import NO_ERA, Era, flags_of
from pipeline.live_version import LiveVersion
from pipeline.outdated import find_outdated
from pipeline.production import Production
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
    forgotten: Numbers | None = None  # the vectors of what is outdated
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

    A change that the live version knows of stays known: what it made outdated remains so.
    """
    pool, first = _join(reference, production), len(reference)
    wanted = np.append(np.ones(first, dtype=np.bool_), ~production.evaluation)
    if live is None or len(production) < LEAST_ROWS:
        return _choose(pool, first, wanted)
    said = ask(live.scorer, pool.values, pool.targets)
    fed = said.of(slice(first, None))
    since = _place_of(production, live.era)
    worse_since, change = _look_for_change(fed, since or 0, live.expected_error)
    start = worse_since if change else since
    if change is None and since is not None:
        change = find_change(fed.of(slice(_first_after(production, live), None)))
    recent = since if worse_since is None else worse_since
    suspicious = find_suspicious(fed, production, start)
    if change is not None:
        suspicious[-len(change.expected) :] &= ~change.expected
    wanted[first:] &= ~suspicious
    era, outdated = None, np.zeros(len(wanted), dtype=np.bool_)
    if start is not None:
        known = live.era if live.era is not None and since is not None else NO_ERA
        new = pool.where(slice(first + start, None))
        outdated = known.outdated(first, production.seqs)
        before = slice(first + start)
        outdated[before] = find_outdated(
            said.of(before), pool.where(before), outdated[before], change, new
        )
        judges = _find_outdated_judges(holdout, live, known, change, new)
        seqs = production.seqs
        era = Era(int(seqs[start]), outdated[:first], judges, seqs[outdated[first:]])
    return _choose(
        pool,
        first,
        wanted & ~outdated,
        era=era,
        suspicious=int(suspicious.sum()),
        forgotten=pool.values[wanted & outdated],
        contradicted_share=float(fed.wrong[recent:][-recent_rows:].mean()),
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


def _place_of(production: Production, era: Era | None) -> int | None:
    """Where the feedback of an era begins."""
    if era is None or era.since > production.seqs[-1]:
        return None
    return int(np.searchsorted(production.seqs, era.since))


def _first_after(production: Production, live: LiveVersion) -> int:
    return int(np.searchsorted(production.seqs, live.trained_through + 1))


def _look_for_change(
    fed: Said, since: int, expected_error: float
) -> tuple[int | None, Change | None]:
    """From where on the live version errs more than it should, and where, if that can be told.

    What it says of rows from before the era that it knows is no sign of another change.
    """
    start = find_start(fed.wrong[since:], expected_error)
    if start is None:
        return None, None
    return since + start, find_change(fed.of(slice(since + start, None)))


def _find_outdated_judges(
    holdout: Vectors, live: LiveVersion, known: Era, change: Change | None, new: Vectors
) -> Flags:
    """Rows of the holdout that are outdated, and so cannot judge."""
    said = ask(live.scorer, holdout.values, holdout.targets)
    return find_outdated(said, holdout, flags_of(known.holdout, len(holdout)), change, new)
