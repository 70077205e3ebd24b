"""Whether two dated files call for a retraining. Used by compare.py."""

from dataclasses import dataclass

from reporting.batch.files import BatchPair
from reporting.drift.categorical_tests import LabelDrift
from reporting.drift.dataset_drift import DatasetDrift
from reporting.insufficient import Insufficient

THRESHOLD = 0.30
TARGET_THRESHOLD = 0.10  # of a label's share: with thousands of rows a single point is significant


@dataclass(frozen=True)
class Decision:
    retrain: bool
    reason: str

    def __str__(self) -> str:
        return f"{'RETRAINING_TRIGGERED' if self.retrain else 'NO_ACTION'} {self.reason}"


@dataclass(frozen=True)
class Comparison:
    dated: BatchPair
    drift: DatasetDrift | Insufficient
    target: LabelDrift | Insufficient
    threshold: float

    @property
    def share(self) -> float | None:
        return None if isinstance(self.drift, Insufficient) else self.drift.share

    @property
    def target_moved(self) -> str:
        """By how much the share of a label changed at most."""
        if self.dated.undated:
            return "undated"
        if isinstance(self.target, Insufficient):
            return "insufficient"
        return str(round(abs(self.target.change), 3))

    def decide(self) -> Decision:
        target = f"target_drift={self.target_moved}"
        if self.share is not None and self.share >= self.threshold:
            return Decision(True, f"{self._say_share('>=')} ({target})")
        share = self._say_share("<")
        found = self.target
        moved = isinstance(found, LabelDrift) and found.drifted
        if moved and abs(found.change) >= TARGET_THRESHOLD:  # type: ignore[union-attr]
            return Decision(True, f"{target} >= {TARGET_THRESHOLD:.2f} ({share})")
        return Decision(False, f"{share} ({target})")

    def _say_share(self, sign: str) -> str:
        if self.share is None:
            few = isinstance(self.drift, Insufficient)
            return f"drift_share=insufficient: {self.drift.reason if few else 'no feature'}"  # type: ignore[union-attr]
        return f"drift_share={self.share:.2f} {sign} {self.threshold:.2f}"
