"""Going back because live feedback shows that the parent would do better; asked by the trainer.

The parent predicts the same rows: those that came after the promotion, so neither was trained on
them. Of the rows where one of both is right, the sign test asks whether the parent wins; it is
asked again as rows come in, so its level is strict. Probabilities are compared too: strictly
where the rows stand alone, less so where the holdout says the same. When the labels contradict
the parent nearly throughout as well, it is they that are not believed.
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

LEVEL = 0.001
BETTER = 0.05  # level of the sign test: who is right more often may be less sure
FURTHER_OFF = 0.2  # the share by which its probabilities are worse than its parent's
ON_HOLDOUT = 0.01  # level, so that the holdout says so too
LEVEL_OF_BOTH, FURTHER_OFF_BOTH = 0.05, 0.1  # of the rows, where it does
WATCHED_ROWS = 1_000  # after so many rows a version has proved itself


@dataclass(frozen=True)
class RollbackAdvice:
    """A live version that should give way to its parent, and why."""

    version: str
    parent: str
    reason: str
    numbers: dict[str, float]


class RollbackWatch:
    """Asked again and again; the versions are read when others are live."""

    def __init__(
        self, artifacts: ModelRegistry, engine: Engine, wanted: RetrainingSettings
    ) -> None:
        self._artifacts = artifacts
        self._engine = engine
        self._wanted = wanted
        self._lineage: list[str] = []
        self._rivals: tuple[Champion, Champion, Pairing | None] | None = None

    def find(self) -> RollbackAdvice | None:
        """Look at the rows since the live version was trained; None when it holds up."""
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
        regret = advise(now.number, was, pairing, holdout, self._wanted)
        if regret is None and len(rows) >= WATCHED_ROWS:
            self._rivals = None  # it has proved itself: these rows say the same for ever
        return regret

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
    """Whether the parent, which is the `live` of the pairing, does better beyond chance."""
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
