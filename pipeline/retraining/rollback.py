"""Advises the trainer to go back to the parent version when live feedback shows it to be better.

The parent predicts the rows that came after the promotion, on which neither was trained. A sign
test asks whether the parent is right more often; it is repeated as rows come in, so its level is
strict. The probabilities are compared too, at a less strict level if the holdout agrees. When the
labels contradict the parent nearly throughout as well, the labels are taken to be wrong and nothing
is rolled back.
"""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import Engine

from pipeline.model.scorer import load_scorer
from pipeline.production.production_rows import ProductionRows, read_production_rows
from pipeline.registry.registry import ModelRegistry
from pipeline.registry.signed_folder import UntrustedArtifact
from pipeline.retraining.champion import Champion
from pipeline.retraining.evaluation import Pairing
from pipeline.retraining.gate import contradicted_if, describe_sureness
from pipeline.setting_tables import RetrainingSettings

LEVEL = 0.001  # of the tests on live rows alone
BETTER = 0.05  # level of the sign test; a version that is right more often may be less sure
FURTHER_OFF = 0.2  # the share by which its Brier score must be worse than its parent's
ON_HOLDOUT = 0.01  # level at which the holdout agrees
LEVEL_OF_BOTH, FURTHER_OFF_BOTH = 0.05, 0.1  # for live rows, if the holdout agrees
WATCHED_ROWS = 1_000  # a version that lasts so many rows is not watched any more


@dataclass(frozen=True)
class RollbackAdvice:
    """A live version that should give way to its parent, and why."""

    version: str
    parent: str
    reason: str
    numbers: dict[str, float]


class RollbackWatch:
    """Polled by the trainer. The versions are loaded anew only when another one is live."""

    def __init__(
        self, artifacts: ModelRegistry, engine: Engine, wanted: RetrainingSettings
    ) -> None:
        self._artifacts = artifacts
        self._engine = engine
        self._wanted = wanted
        self._lineage: list[str] = []
        self._rivals: tuple[Champion, Champion, Pairing | None] | None = None

    def find(self) -> RollbackAdvice | None:
        """Judge the live version by rows since its training; None unless its parent is better."""
        live_history = self._artifacts.live_history()
        if live_history != self._lineage:
            self._rivals = self._open_rivals(live_history)
            self._lineage = live_history
        if self._rivals is None:
            return None
        now, was, holdout = self._rivals
        rows = _rows_since(self._engine, now.sealed.manifest)
        if len(rows) < self._wanted.rollback_rows:
            return None
        pairing = now.pair_with(was, rows.values, rows.targets)
        advice = advise(now.number, was, pairing, holdout, self._wanted)
        if advice is None and len(rows) >= WATCHED_ROWS:
            self._rivals = None  # the same first rows would be judged for ever
        return advice

    def _open_rivals(
        self, live_history: list[str]
    ) -> tuple[Champion, Champion, Pairing | None] | None:
        try:
            current = self._artifacts.current()
            parent = current.manifest.get("parent")
            if parent is None or parent not in live_history[1:]:
                return None
            before = self._artifacts.open(parent)
            if before.manifest["embedding_id"] != current.manifest["embedding_id"]:
                return None
            now = Champion(current, load_scorer(current))
            was = Champion(before, load_scorer(before))
            return now, was, now.pair_on_holdout(was)
        except UntrustedArtifact:
            return None


def advise(
    version: str,
    parent: Champion,
    pairing: Pairing,
    holdout: Pairing | None,
    wanted: RetrainingSettings,
) -> RollbackAdvice | None:
    """Advice if the parent, which is `live` in the pairing, is better beyond chance."""
    now = float(np.mean(pairing.challenger == pairing.targets))
    before = float(np.mean(pairing.live == pairing.targets))
    if 1.0 - before > contradicted_if(
        wanted.max_contradicted, parent.expected_error, len(parent.labels)
    ):
        return None
    less_sure = _is_further_off(pairing, holdout) and not pairing.is_better(BETTER)
    if not pairing.is_worse(LEVEL) and pairing.collapsed(LEVEL) is None and not less_sure:
        return None
    reason = (
        f"rolled back: on {len(pairing)} rows since its promotion {version} was right in "
        f"{now:.0%}, its parent {parent.number} would have been in {before:.0%}"
    )
    if less_sure:
        reason += f"; {describe_sureness(pairing)}"
    numbers = {"recent_rows": len(pairing), "recent": now, "parent": before}
    return RollbackAdvice(version, parent.number, reason, numbers)


def _is_further_off(pairing: Pairing, holdout: Pairing | None) -> bool:
    if holdout is not None and holdout.is_further_off(ON_HOLDOUT, FURTHER_OFF_BOTH):
        return pairing.is_further_off(LEVEL_OF_BOTH, FURTHER_OFF_BOTH)
    return pairing.is_further_off(LEVEL, FURTHER_OFF)


def _rows_since(engine: Engine, live: dict[str, object]) -> ProductionRows:
    after = int(str(live.get("production_through", 0)))
    return read_production_rows(engine, str(live["embedding_id"]), after, WATCHED_ROWS)
