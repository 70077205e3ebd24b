"""How likely each answered prediction was wrong, as the version that made it foretold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Select, select

from pipeline.arrays import Numbers
from pipeline.quality.calibration import Calibration, cautious
from pipeline.registry.registry import ModelRegistry
from pipeline.registry.signed_folder import UntrustedArtifact
from pipeline.store.corrections import not_erased
from pipeline.store.encoding import unpack
from pipeline.store.tables import feedback, predictions
from reporting.windows.reference_file import read_calibration, read_reference

MOST_VERSIONS = 20  # that are remembered


@dataclass(frozen=True)
class Foretold:
    """By a version, of rows that it was not shown: in the mean, and by its confidence."""

    rate: float
    calibration: Calibration


class ExpectedErrors:
    """Knows each version once it was asked for. UntrustedArtifact where the live one is damaged."""

    def __init__(self, artifacts: ModelRegistry) -> None:
        self._artifacts = artifacts
        self._known: dict[str, Foretold | None] = {}

    def of(self, rows: Sequence[Any], live: str) -> Numbers:
        """Of rows of `answered()`. One of a version that is gone, or that predicted without a
        record of its probabilities, is as likely wrong as a version's rows in the mean."""
        expected = np.empty(len(rows))
        versions = np.array([row.version or "" for row in rows])
        for version in np.unique(versions).tolist():
            places = np.flatnonzero(versions == version).tolist()
            expected[places] = self._of_version(version, [rows[place] for place in places], live)
        return expected

    def _of_version(self, version: str, rows: Sequence[Any], live: str) -> Numbers:
        found = self._foretold(version) if version else None
        if found is None:
            return np.full(len(rows), self._of_live(live).rate)
        sure = [unpack(row.probabilities).max() if row.probabilities else np.nan for row in rows]
        wrong = found.calibration.wrong(np.array(sure))
        return np.where(np.isnan(wrong), found.rate, wrong)

    def _of_live(self, live: str) -> Foretold:
        found = self._foretold(live)
        if found is None:
            raise UntrustedArtifact(f"Version {live} is live, and cannot be read.")
        return found

    def _foretold(self, version: str) -> Foretold | None:
        if version not in self._known:
            if len(self._known) >= MOST_VERSIONS:
                self._known.clear()
            self._known[version] = self._read(version)
        return self._known[version]

    def _read(self, version: str) -> Foretold | None:
        try:
            opened = self._artifacts.open(version)
            reference = read_reference(opened)
            calibration = read_calibration(opened, reference)
        except UntrustedArtifact:
            return None
        return Foretold(cautious(reference.error, len(reference.targets)), calibration)


def answered() -> Select[Any]:
    """Feedback, with how sure the version was whose prediction it answers."""
    names = ("seq", "at", "target", "prediction", "version")
    query = select(*(feedback.c[name] for name in names), predictions.c.probabilities)
    query = query.outerjoin(predictions, predictions.c.id == feedback.c.prediction_id)
    return query.where(not_erased())
