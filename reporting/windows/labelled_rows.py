"""Labelled rows since the last pass, each with the error that was expected of its version."""

from collections.abc import Callable

from sqlalchemy import Engine, func, select

from pipeline.registry.registry import ModelRegistry
from pipeline.registry.signed_folder import UntrustedArtifact
from pipeline.store.corrections import not_erased
from pipeline.store.tables import feedback
from reporting.drift.error_drift import LabelledRow, cautious

MOST_ROWS = 10_000  # a pass; the next one reads on


class Expectations:
    """How often each version errs on rows that it was not shown, by its manifest."""

    def __init__(self, artifacts: ModelRegistry) -> None:
        self._artifacts = artifacts
        self._known: dict[str, float | None] = {}

    def of(self, version: str | None, live: float) -> float:
        """Of a row without a version, or of one that is gone: what is expected of the live one."""
        if version is None:
            return live
        if version not in self._known:
            self._known[version] = self._read(version)
        known = self._known[version]
        return live if known is None else known

    def _read(self, version: str) -> float | None:
        try:
            manifest = self._artifacts.open(version).manifest
        except UntrustedArtifact:
            return None
        scores = manifest.get("out_of_fold")
        if scores is None:  # a version of an older release
            return None
        return cautious(1 - scores["accuracy"], scores["rows"])


def read_labelled(
    engine: Engine, after: int, version: str, expect: Callable[[str | None], float]
) -> list[LabelledRow]:
    """Feedback after a row, oldest first, whatever version predicted it."""
    names = ("seq", "target", "prediction", "version")
    query = select(*(feedback.c[name] for name in names)).where(
        feedback.c.seq > after, not_erased()
    )
    query = query.order_by(feedback.c.seq).limit(MOST_ROWS)
    with engine.execution_options(readonly=True).connect() as connection:
        return [
            LabelledRow(
                row.seq, row.target != row.prediction, expect(row.version), row.version or version
            )
            for row in connection.execute(query)
        ]


def id_of(engine: Engine, seq: int) -> str:
    """What tells a row of feedback from one of another store; empty where there is none."""
    with engine.execution_options(readonly=True).connect() as connection:
        return str(connection.scalar(select(feedback.c.id).where(feedback.c.seq == seq)) or "")


def last_labelled(engine: Engine) -> int:
    """The number of the last row of feedback; 0 before the first."""
    with engine.execution_options(readonly=True).connect() as connection:
        return int(connection.scalar(select(func.max(feedback.c.seq))) or 0)
