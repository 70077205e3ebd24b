"""Going back because live feedback shows that the parent would do better; asked by the trainer.

The parent predicts the same rows: those that came after the promotion, so neither was trained on
them. Of the rows where one of both is right, the sign test asks whether the parent wins; it is
asked again as rows come in, so its level is strict. When the labels contradict
the parent nearly throughout as well, it is they that are not believed.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest
from sqlalchemy import Engine

from pipeline.artifacts import Artifacts
from pipeline.gate import most_believed
from pipeline.knobs import RetrainingSettings
from pipeline.live_version import LiveVersion
from pipeline.production import Production, read_production
from pipeline.scorer import load_scorer
from pipeline.seal import Refused

LEVEL = 0.001
WATCHED_ROWS = 1_000  # after so many rows a version has proved itself


@dataclass(frozen=True)
class Regret:
    """A live version that should give way to its parent, and why."""

    version: str
    parent: str
    reason: str
    numbers: dict[str, float]


def find_regret(artifacts: Artifacts, engine: Engine, wanted: RetrainingSettings) -> Regret | None:
    """Look at the rows since the live version was trained; None when it holds up."""
    try:
        current = artifacts.current()
        live = current.manifest
        parent = live.get("parent")
        if parent is None or parent not in artifacts.lineage()[1:]:
            return None
        before = artifacts.open(parent)
    except Refused:
        return None
    if before.manifest["embedding_id"] != live["embedding_id"]:
        return None
    rows = _rows_since(engine, live)
    if len(rows) < wanted.rollback_rows:
        return None
    now = LiveVersion(current, load_scorer(current))
    was = LiveVersion(before, load_scorer(before))
    right = now.predict(rows.values) == rows.targets
    was_right = was.predict(rows.values) == rows.targets
    if 1.0 - was_right.mean() > most_believed(was.expected_error, wanted):
        return None
    return _compare(now.number, was.number, right, was_right)


def _rows_since(engine: Engine, live: dict[str, object]) -> Production:
    after = int(str(live.get("production_through", 0)))
    return read_production(engine, str(live["embedding_id"]), after, WATCHED_ROWS)


def _compare(version: str, parent: str, now: np.ndarray, before: np.ndarray) -> Regret | None:
    lost, gained = int((before & ~now).sum()), int((now & ~before).sum())
    if lost <= gained or binomtest(lost, lost + gained, 0.5, alternative="greater").pvalue > LEVEL:
        return None
    reason = (
        f"rolled back: on {len(now)} rows since its promotion {version} was right in "
        f"{now.mean():.0%}, its parent {parent} would have been in {before.mean():.0%}"
    )
    numbers = {"recent_rows": len(now), "recent": float(now.mean()), "parent": float(before.mean())}
    return Regret(version, parent, reason, numbers)
