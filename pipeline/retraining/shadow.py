"""Judges a challenger that passed the gate by later live traffic, before it goes live.

Once enough labelled rows have come since its training, it and the live version predict all of them
from the recorded vectors. The embedding is frozen, so these are exactly the answers that it would
have given at the time. It is promoted unless it is worse beyond chance.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Engine, select

from pipeline.model.scorer import load_scorer
from pipeline.production.production_rows import read_production_rows
from pipeline.registry.registry import ModelRegistry
from pipeline.registry.signed_folder import UntrustedArtifact
from pipeline.retraining.champion import Champion
from pipeline.retraining.evaluation import Pairing
from pipeline.retraining.gate import (
    COLLAPSED,
    WORSE,
    describe_rows,
    describe_sureness,
    is_less_sure,
)
from pipeline.setting_tables import RetrainingSettings
from pipeline.store.decision_log import PROMOTED, REJECTED, SHADOWED, Decision
from pipeline.store.tables import retrainings

ENDED = (PROMOTED, REJECTED)


class ShadowWatch:
    """Polled when labels have come; judges the oldest challenger in shadow first."""

    def __init__(
        self, artifacts: ModelRegistry, engine: Engine, wanted: RetrainingSettings
    ) -> None:
        self._artifacts = artifacts
        self._engine = engine
        self._rows = wanted.shadow_rows
        self._trained: dict[str, tuple[int, str]] = {}  # version: last row trained on, embedding

    def find(self) -> Decision | None:
        """The decision about a challenger in shadow, None while there is none to make."""
        with self._engine.execution_options(readonly=True).connect() as connection:
            waiting = list(in_shadow(connection))
        live = self._artifacts.live_history()[:1]
        for version, parent in waiting:
            if [parent] != live:
                return _leave(version, parent, f"{', '.join(live)} went live meanwhile")
            decision = self._judge(version, parent)
            if decision is not None:
                return decision
        return None

    def _judge(self, version: str, parent: str) -> Decision | None:
        try:
            through, embedding_id = self._look_up(version)
            rows = read_production_rows(self._engine, embedding_id, through, self._rows)
            if len(rows) < self._rows:
                return None
            sealed, before = self._artifacts.open(version), self._artifacts.open(parent)
        except UntrustedArtifact:
            return _leave(version, parent, "it is no longer kept")
        challenger, live = (Champion(one, load_scorer(one)) for one in (sealed, before))
        pairing = challenger.pair_with(live, rows.values, rows.targets)
        return decide(version, parent, sealed.manifest["classes"], pairing)

    def _look_up(self, version: str) -> tuple[int, str]:
        if version not in self._trained:
            manifest = self._artifacts.open(version).manifest
            known = (int(manifest.get("production_through", 0)), str(manifest["embedding_id"]))
            self._trained[version] = known
        return self._trained[version]


def decide(version: str, parent: str, labels: Sequence[str], pairing: Pairing) -> Decision:
    """Decide by the rules that the gate has for recent rows."""
    numbers = {"rows": len(pairing), **describe_rows(labels, "shadow", pairing)}
    said = (
        f"on {len(pairing)} rows in shadow it alone is right on {pairing.gained}, the live version "
        f"alone on {pairing.lost}"
    )
    label = pairing.collapsed(COLLAPSED)
    if label is not None:
        said = f"{said}; it hardly finds '{label}' any more"
    further = is_less_sure(pairing)
    if further:
        said = f"{said}; {describe_sureness(pairing)}"
    rejected = pairing.is_worse(WORSE) or label is not None or further
    state = REJECTED if rejected else PROMOTED
    return Decision(state, f"{state}: {said}", version, parent, numbers)


def _leave(version: str, parent: str, why: str) -> Decision:
    return Decision(REJECTED, f"rejected: {version} was in shadow, {why}", version, parent)


def in_shadow(connection: Connection) -> Iterator[tuple[str, str]]:
    """Version and parent of each challenger still in shadow, the oldest first."""
    columns = (retrainings.c.state, retrainings.c.version, retrainings.c.parent)
    query = select(*columns).where(retrainings.c.version.is_not(None))
    query = query.where(retrainings.c.state.in_((SHADOWED, *ENDED)))
    rows = connection.execute(query.order_by(retrainings.c.id)).all()
    ended = {row.version for row in rows if row.state in ENDED}
    for row in rows:
        if row.state == SHADOWED and row.version not in ended:
            yield row.version, row.parent
