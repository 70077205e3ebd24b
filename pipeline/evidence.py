"""What the gate judges by: both versions' answers for rows that neither was trained on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.change import Flags
from pipeline.curation import REFERENCE, Curated
from pipeline.era import Era
from pipeline.knobs import RetrainingSettings
from pipeline.live_version import LiveVersion
from pipeline.production import EVALUATION_SHARE, Production
from pipeline.training import Trained, predict
from pipeline.vectors import Vectors

# Of a label whose holdout is outdated in more than this share, none judges: the few rows that are
# left would weigh as much as all those of another.
MOSTLY = 0.5
Labels = NDArray[np.str_]


@dataclass(frozen=True)
class Trial:
    """Some rows, and what both versions predict for them; `live` is None when there is none."""

    targets: Labels
    challenger: Labels
    live: Labels | None

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True)
class Evidence:
    holdout: Trial
    recent: Trial
    world_changed: bool = False
    contradicted_share: float | None = None
    expected_error: float = 0.0  # of the live version
    holdout_mark: float | None = None  # the best that its line has reached since the last change
    awaited_since_rollback: bool = False


def gather(
    wanted: RetrainingSettings,
    holdout: Vectors,
    production: Production,
    live: LiveVersion | None,
    trained: Trained,
    curated: Curated,
    rolled_back: int | None,
) -> Evidence:
    """Let both predict the holdout and the recent rows; `rolled_back` rows came before a rollback.

    After a change of the world one row in five is little to judge by, so the others are heard too.
    """
    holdout, mark = _still_true(holdout, live, curated)
    since = max(curated.changed_since or 0, (rolled_back or 0) + 1)
    if curated.changed_since is not None and live is not None:
        recent = _try_widely(wanted.recent_rows, production, since, live, trained, curated)
    else:
        judges = _last(wanted.recent_rows, production.evaluation & (production.seqs >= since))
        recent = _try(trained.model, live, production.where(judges))
    return Evidence(
        holdout=_try(trained.model, live, holdout),
        recent=recent,
        world_changed=curated.changed_since is not None,
        contradicted_share=curated.contradicted_share,
        expected_error=live.expected_error if live else 0.0,
        holdout_mark=mark,
        awaited_since_rollback=rolled_back is not None,
    )


def _still_true(
    holdout: Vectors, live: LiveVersion | None, curated: Curated
) -> tuple[Vectors, float | None]:
    """The holdout without what is outdated, and the mark if it was reached on the same rows."""
    mark = live.holdout_mark if live else None
    before = _find_outdated(live.era if live else None, len(holdout))
    outdated = _find_outdated(curated.era, len(holdout))
    same_rows = bool((before == outdated).all())
    for label in np.unique(holdout.targets):
        same = holdout.targets == label
        if outdated[same].mean() > MOSTLY:
            outdated[same] = True
    if outdated.all():
        outdated[:] = False  # better an old judge than none; the gate allows for it
    return holdout.where(~outdated), mark if same_rows else None


def _find_outdated(era: Era | None, rows: int) -> Flags:
    if era is None:
        return np.zeros(rows, dtype=np.bool_)
    return np.isin(np.arange(rows), era.now.holdout.ids)


def _last(most: int, flags: Flags) -> Flags:
    """Of the rows that are flagged the last ones only."""
    kept = np.zeros(len(flags), dtype=np.bool_)
    kept[np.flatnonzero(flags)[-most:]] = True
    return kept


def _try(model: Any, live: LiveVersion | None, rows: Vectors | Production) -> Trial:
    if len(rows) == 0:
        return Trial(rows.targets, rows.targets, rows.targets if live else None)
    said = live.predict(rows.values) if live else None
    return Trial(rows.targets, predict(model, rows.values), said)


def _try_widely(
    most: int,
    production: Production,
    since: int,
    live: LiveVersion,
    trained: Trained,
    curated: Curated,
) -> Trial:
    """Judge by the rows since the live version was trained as well: they are new to it.

    The challenger predicts those that it was trained on out of fold, as it predicts its reference;
    those that were set aside it never saw.
    """
    places = curated.sources[trained.held_out.rows]
    known = places != REFERENCE
    said = np.full(len(production), "", dtype=object)
    apart = np.zeros(len(production), dtype=np.bool_)
    apart[places[known]] = True
    said[places[known]] = trained.held_out.predictions[known]
    unseen = np.ones(len(production), dtype=np.bool_)
    unseen[curated.sources[curated.sources != REFERENCE]] = False
    new = (production.seqs > live.trained_through) & (unseen | apart)
    heard = _last(
        most * EVALUATION_SHARE, (production.evaluation | new) & (production.seqs >= since)
    )
    if (fresh := heard & unseen).any():
        said[fresh] = predict(trained.model, production.values[fresh])
    rows = production.where(heard)
    return Trial(rows.targets, said[heard].astype(np.str_), live.predict(rows.values))
