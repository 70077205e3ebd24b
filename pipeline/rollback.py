"""Going back because live feedback shows that the parent would do better; asked by the trainer.

The parent predicts the same rows: those that came after the promotion, so neither was trained on
them. Of the rows where one of both is right, the sign test asks whether the parent wins; it is
asked again as rows come in, so its level is strict. When the labels contradict
the parent nearly throughout as well, it is they that are not believed.
"""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import Engine

from pipeline.artifacts import Artifacts
from pipeline.evaluation import Pairing
from pipeline.gate import contradicted_if
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
    pairing = Pairing(rows.targets, now.predict(rows.values), was.predict(rows.values))
    return advise(now.number, was, pairing, wanted)


def advise(
    version: str, parent: LiveVersion, pairing: Pairing, wanted: RetrainingSettings
) -> Regret | None:
    """Whether the parent, which is the `live` of the pairing, does better beyond chance."""
    now = float(np.mean(pairing.challenger == pairing.targets))
    before = float(np.mean(pairing.live == pairing.targets))
    if 1.0 - before > contradicted_if(
        wanted.max_contradicted, parent.expected_error, len(parent.labels)
    ):
        return None
    if not pairing.is_worse(LEVEL) and pairing.collapsed(LEVEL) is None:
        return None
    reason = (
        f"rolled back: on {len(pairing)} rows since its promotion {version} was right in "
        f"{now:.0%}, its parent {parent.number} would have been in {before:.0%}"
    )
    numbers = {"recent_rows": len(pairing), "recent": now, "parent": before}
    return Regret(version, parent.number, reason, numbers)


def _rows_since(engine: Engine, live: dict[str, object]) -> Production:
    after = int(str(live.get("production_through", 0)))
    return read_production(engine, str(live["embedding_id"]), after, WATCHED_ROWS)
