"""The world that simulated traffic comes from: observations, and what is true of them.

It draws from the holdout rows that the live version carries. From the second lap on numbers move
by a hundredth of their spread, so that no observation comes twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.arrays import Numbers
from pipeline.data.holdout_sample import HoldoutSample
from pipeline.data.revealing import reveal
from pipeline.data.schema import Schema, Value
from pipeline.registry.prepared import embedding_of, rows_of
from pipeline.registry.registry import open_registry
from pipeline.settings import Settings
from scripts.cli.command import CommandError
from scripts.simulation.recordings import Recordings, open_recordings

JITTER = 0.01
CHANGED_SHARE = 0.25  # of the rows, after a change of the concept
SEVERAL_LABELS = 5  # with so many labels two of them swap names

Row = Numbers


@dataclass
class RowSource:
    schema: Schema
    rows: HoldoutSample
    random: np.random.Generator
    changed: bool = False  # whether labels mean something else by now
    moved: bool = False  # whether the camera, or a sensor, has been moved
    recordings: Recordings | None = None  # of a dataset of sounds or films
    _turns: list[int] = field(default_factory=list)
    _lap: int = 0

    def __post_init__(self) -> None:
        spread = np.nanstd(self.rows.values, axis=0)
        self.spread: Row = np.where(np.isfinite(spread), spread, 0.0)
        self.numbers = np.array([f.type in ("number", "integer") for f in self.schema.features])
        self._watched = int(np.argmax(np.where(self.numbers, self._count_values(), -1)))
        seen = self.rows.values[:, self._watched]
        self._high = float(np.nanquantile(seen, 1 - CHANGED_SHARE))
        if not (seen > self._high).any():  # of few values, as categories have, the highest
            self._high = float(np.nanmax(seen)) - 0.5

    def _count_values(self) -> NDArray[np.int_]:
        return np.array([len(np.unique(column)) for column in self.rows.values.T])

    def draw(self, label: str | None = None) -> tuple[Row, str]:
        """An observation as a row of numbers, and its true target; of one label, if wanted."""
        place = self._next_place() if label is None else self._place_of(label)
        row = self.rows.values[place].copy()
        if self._lap > 1 or label is not None:
            self.move(row, JITTER)
        return row, self.truth(row, str(self.rows.targets[place]))

    def _next_place(self) -> int:
        if not self._turns:
            self._turns = self.random.permutation(len(self.rows)).tolist()
            self._lap += 1
        return self._turns.pop()

    def _place_of(self, label: str) -> int:
        return int(self.random.choice(np.flatnonzero(self.rows.targets == label)))

    def move(self, row: Row, share: float) -> None:
        """Add noise, as a share of each number's spread, within the range that is known."""
        row += share * self.spread * self.numbers * self.random.normal(size=len(row))
        for place, feature in enumerate(self.schema.features):
            if feature.minimum is not None and feature.maximum is not None:
                row[place] = np.clip(row[place], feature.minimum, feature.maximum)
            if feature.type == "integer":
                row[place] = np.round(row[place])

    def truth(self, row: Row, target: str) -> str:
        """The target in the world as it is now.

        After a change two of many labels have swapped their names; of few labels each passes to
        the next in that quarter of the rows where one feature is high.
        """
        if not self.changed:
            return target
        labels = self.schema.labels
        if len(labels) >= SEVERAL_LABELS:
            swapped = {labels[3]: labels[4], labels[4]: labels[3]}
            return swapped.get(target, target)
        if row[self._watched] <= self._high:
            return target
        return labels[(labels.index(target) + 1) % len(labels)]

    def values(self, row: Row) -> list[Value]:
        """The row as a client sends it."""
        return list(reveal(self.schema, row.tolist()).values())


def share_correct(pairs: Sequence[tuple[str, str]]) -> float | None:
    """The balanced accuracy of pairs of target and prediction; None without any."""
    by_label: dict[str, list[bool]] = {}
    for target, prediction in pairs:
        by_label.setdefault(target, []).append(target == prediction)
    if not by_label:
        return None
    return sum(sum(right) / len(right) for right in by_label.values()) / len(by_label)


def make_world(settings: Settings, seed: int) -> RowSource:
    version = open_registry(settings.artifacts).current()
    rows = rows_of(version)
    if rows is None:
        raise CommandError(
            "The live version carries no rows of the holdout; train one with make train."
        )
    schema, random = embedding_of(version).schema, np.random.default_rng(seed)
    if any(feature.network for feature in schema.features):
        raise CommandError("A network reads the texts, and a version keeps none to send.")
    recordings = open_recordings(schema, settings, random) if schema.extraction else None
    return RowSource(schema, rows, random, recordings=recordings)
