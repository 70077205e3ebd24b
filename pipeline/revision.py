"""What is true since the world changed, and what the rows of before are called by now.

Soon after a change few rows tell of the new world, and to forget the old ones leaves a hole. But
where what used to be one thing nearly always turns out to be another, the old rows are worth
keeping under that name.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from pipeline.change import Change, Flags, Said, find_change, find_start
from pipeline.era import AS_GIVEN, UNKNOWN, Beliefs, Era, Labels, amend
from pipeline.live_version import LiveVersion
from pipeline.old_world import OldWorld
from pipeline.production import Production
from pipeline.vectors import Vectors

LEAST_NAMED = 3  # rows that must agree on a new name
AGREEMENT = 2 / 3  # share of them that must


@dataclass(frozen=True)
class Revision:
    """Of the rows since some place in the feedback: the errors that the old world makes."""

    start: int
    era: Era
    expected: Flags
    explained: Flags  # those whose new label was foretold, too


def revise(
    reference: Vectors, holdout: Vectors, production: Production, live: LiveVersion, wrong: Flags
) -> tuple[Revision | None, int]:
    """The change that the live version knows of, or another one; `wrong` are its errors.

    Also from where on it errs more than it should, or else where the era begins. Neither rows of
    before that, nor those it was trained on, nor what the change explains, show another change.
    """

    def look(start: int, before: Beliefs) -> Revision | None:
        return look_back(reference, holdout, production, start, before)

    known, since, believed, puzzling = None, 0, AS_GIVEN, wrong.copy()
    if (era := live.era) is not None and era.since <= production.seqs[-1]:
        since, believed = int(np.searchsorted(production.seqs, era.since)), era.now
        known = look(since, era.before) or _stand_by(era, since, len(production))
        puzzling[since:] &= ~known.explained
    new = production.evaluation | (production.seqs > live.trained_through)
    asked = np.flatnonzero(new)
    asked = asked[asked >= since]
    begin = find_start(puzzling[asked], live.expected_error)
    if begin is None:
        return known, since
    start = int(asked[begin])
    return look(start, believed) or known, start


def _stand_by(era: Era, start: int, rows: int) -> Revision:
    """The change cannot be told any more; what was found out holds."""
    none = np.zeros(rows - start, dtype=np.bool_)
    return Revision(start, era, none, none)


def look_back(
    reference: Vectors, holdout: Vectors, production: Production, start: int, before: Beliefs
) -> Revision | None:
    """Where the rows of before are no longer true, and what they are by now."""
    earlier, later = production.where(slice(start)), production.where(slice(start, None))
    earlier = earlier.where(~earlier.evaluation)
    believed = before.apply(reference.targets, earlier.seqs, earlier.targets)
    if len(np.unique(believed)) < 2:
        return None
    world = OldWorld(np.concatenate([reference.values, earlier.values]), believed)
    said = world.ask(later.values, later.targets)
    change = find_change(said)
    if change is None:
        return None
    names = _learn_names(said, later, change.expected)
    now = _rename(believed, world.recall(), change, names)
    places, kept, rows = np.arange(len(reference)), np.arange(len(holdout)), len(reference)
    judges = before.holdout.apply(kept, holdout.targets)
    beliefs = Beliefs(
        amend(places, reference.targets, now[:rows]),
        amend(
            kept,
            holdout.targets,
            _rename(judges, world.ask(holdout.values, judges), change, names),
        ),
        amend(earlier.seqs, earlier.targets, now[rows:]),
    )
    foretold = np.array([names.get(label) for label in said.predictions.tolist()])
    explained = change.expected & (foretold == later.targets)
    return Revision(start, Era(int(later.seqs[0]), before, beliefs), change.expected, explained)


def _learn_names(said: Said, rows: Production, expected: Flags) -> dict[str, str]:
    """For each label that is no longer true in some places: what the rows there mostly are."""
    names: dict[str, str] = {}
    learned = expected & ~rows.evaluation
    for label in np.unique(said.predictions[learned]).tolist():
        counts = Counter(rows.targets[learned & (said.predictions == label)].tolist())
        name, most = counts.most_common(1)[0]
        if most >= max(LEAST_NAMED, AGREEMENT * counts.total()):
            names[label] = name
    return names


def _rename(labels: Labels, said: Said, change: Change, names: dict[str, str]) -> Labels:
    """Where errors are expected, what the old world says of a row is no longer true.

    Of a row that it contradicts nothing is known, so it stays what it is.
    """
    outdated = change.expects(said) & ((said.predictions == labels) | (labels == UNKNOWN))
    now = labels.astype(object)
    now[outdated] = [names.get(label, UNKNOWN) for label in said.predictions[outdated].tolist()]
    return now.astype(np.str_)
