"""Predictions, quality, decisions and drift over time, from `GET /history`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Quality:
    """None where something is not known."""

    predictions: int
    confidence: float | None
    expected_accuracy: float | None
    labelled: int
    to_come: float | None
    accuracy: float | None
    balanced_accuracy: float | None


@dataclass(frozen=True)
class Point:
    at: float
    quality: Quality


@dataclass(frozen=True)
class LabelQuality:
    predicted: int
    labelled: int
    expected_precision: float | None
    precision: float | None
    recall: float | None
    actual: int


@dataclass(frozen=True)
class Mark:
    at: float
    state: str
    version: str | None
    reason: str


@dataclass(frozen=True)
class DriftPoint:
    """The features whose alarm holds from this moment on."""

    at: float
    features: list[str]


@dataclass(frozen=True)
class ErrorPoint:
    """Requests that were `refused` for a mistake in them (4xx), or `failed` in serving (5xx)."""

    at: float
    refused: int
    failed: int


@dataclass(frozen=True)
class History:
    begin: float
    end: float
    step: str
    points: list[Point]
    total: Quality
    labels: Mapping[str, LabelQuality]
    marks: list[Mark]
    drift: list[DriftPoint]
    errors: list[ErrorPoint]


def read_history(body: Mapping[str, Any]) -> History:
    return History(
        body["from"],
        body["to"],
        body["step"],
        [Point(point["at"], _read_quality(point)) for point in body["points"]],
        _read_quality(body["total"]),
        {label: LabelQuality(**told) for label, told in body["labels"].items()},
        [Mark(**mark) for mark in body["marks"]],
        [DriftPoint(**point) for point in body["drift"]],
        [ErrorPoint(**point) for point in body["errors"]],
    )


def _read_quality(body: Mapping[str, Any]) -> Quality:
    return Quality(**{name: body[name] for name in Quality.__annotations__})
