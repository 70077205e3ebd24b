"""Serving's answers as values. The client makes them, and the pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ACTIVE = ("queued", "running")


@dataclass(frozen=True)
class Prediction:
    id: str
    label: str
    probabilities: Mapping[str, float]
    version: str
    warnings: Sequence[str] = ()  # values far from all that was learned
    understood: Mapping[str, Any] = field(default_factory=dict)  # how text was read

    @property
    def confidence(self) -> float:
        return self.probabilities[self.label]


@dataclass(frozen=True)
class Receipt:
    """Serving's acknowledgement that a target is recorded."""

    target: str
    queued: bool


@dataclass(frozen=True)
class Retraining:
    """One retraining or decision of the log; times are unix seconds."""

    id: int
    state: str
    stage: str
    progress: float
    trigger: str
    actor: str
    version: str | None
    reason: str
    numbers: Mapping[str, Any]
    requested_at: float
    finished_at: float | None

    @property
    def active(self) -> bool:
        return self.state in ACTIVE

    @property
    def by_hand(self) -> bool:
        """Somebody put a version live."""
        return "was put live by hand" in self.reason


@dataclass(frozen=True)
class Loop:
    """How many feedback rows are missing for the next retraining, and the log, newest first."""

    every: int
    remaining: int
    retrainings: tuple[Retraining, ...]

    def find(self, wanted: int) -> Retraining | None:
        return next((one for one in self.retrainings if one.id == wanted), None)

    @property
    def active(self) -> Retraining | None:
        """The retraining that runs, else the newest in the queue."""
        waiting = [one for one in self.retrainings if one.active]
        running = [one for one in waiting if one.state == "running"]
        return next(iter(running or waiting), None)


def read_prediction(body: Mapping[str, Any]) -> Prediction:
    return Prediction(
        body["prediction_id"],
        body["prediction"],
        body["probabilities"],
        body["model_version"],
        body.get("warnings", ()),
        body.get("understood", {}),
    )


def read_retraining(body: Mapping[str, Any]) -> Retraining:
    return Retraining(
        id=body["id"],
        state=body["state"],
        stage=body["stage"] or "",
        progress=body["progress"] or 0.0,
        trigger=body["trigger"],
        actor=body["actor"] or "",
        version=body["version"],
        reason=body["reason"] or "",
        numbers=body["numbers"],
        requested_at=body["requested_at"],
        finished_at=body["finished_at"],
    )
