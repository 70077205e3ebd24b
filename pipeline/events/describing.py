"""Makes events from rows of the store."""

import json
import struct
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pipeline.events.schema import (
    DECISION,
    DRIFT,
    FEEDBACK,
    PREDICTION,
    REQUESTS,
    Event,
    begin_event,
)
from pipeline.history.drift_log import read_moves


def describe_prediction(row: Any, labels: Sequence[str], features: Sequence[str]) -> Event:
    """The event has probabilities only if `labels` are given, features only if `features` are."""
    shares = _numbers(row.probabilities)
    told = {
        **_begin(row.at, PREDICTION, "predicted", row.id, row.seq),
        "service.version": row.version,
        "trace.id": row.request_id or row.id,
        "boucle.prediction.id": row.id,
        "boucle.prediction.label": row.prediction,
        "boucle.prediction.confidence": max(shares),
        "boucle.prediction.residual": row.pca_residual,
    }
    if labels:
        told["boucle.prediction.probabilities"] = dict(zip(labels, shares, strict=True))
    if features:
        told["boucle.features"] = dict(zip(features, json.loads(row.observation), strict=True))
    return told


def describe_feedback(row: Any, target: str) -> Event:
    return {
        **_begin(row.at, FEEDBACK, "answered", f"feedback-{row.id}", row.seq),
        **_describe_answer(row, target),
    }


def describe_correction(row: Any) -> Event:
    number = f"correction-{row.number}"
    return {
        **_begin(row.corrected_at, FEEDBACK, "corrected", number, row.number),
        **_describe_answer(row, row.after),
        "boucle.feedback.before": row.before,
        **({"boucle.actor": row.actor} if row.actor else {}),
    }


def describe_decision(row: Any) -> Event:
    told: Event = {
        **_begin(row.finished_at, DECISION, "decided", f"decision-{row.id}", row.id),
        "boucle.decision.state": row.state,
        "boucle.decision.trigger": row.trigger,
        "message": row.reason or "",
    }
    optional = {
        "service.version": row.version,
        "boucle.decision.parent": row.parent,
        "boucle.actor": row.actor or None,
        "boucle.decision.numbers": json.loads(row.numbers) if row.numbers else None,
        "boucle.decision.seconds": row.finished_at - row.started_at if row.started_at else None,
    }
    return {**told, **{name: value for name, value in optional.items() if value is not None}}


def describe_drift(row: Any, number: int) -> Event:
    moves = read_moves(row.features)
    said = "; ".join(f"`{name}` {move.words}" for name, move in moves.items())
    amounts = {name: move.amount for name, move in moves.items() if move.amount is not None}
    return {
        **_begin(row.at, DRIFT, "drifted", f"drift-{number}", number),
        "message": said or "No alarm holds",
        "boucle.drift.features": list(moves),
        "boucle.drift.amounts": amounts,
        "boucle.drift.count": len(moves),
    }


def describe_requests(row: Any) -> Event:
    return {
        **_begin(row.start, REQUESTS, "counted", f"requests-{row.start}", row.start),
        "boucle.requests.refused": row.refused,
        "boucle.requests.failed": row.failed,
    }


def _numbers(content: bytes) -> tuple[float, ...]:
    """Unpack what pipeline/store/encoding.py packed, without numpy, to use little memory."""
    return struct.unpack(f"<{len(content) // 8}d", content)


def _begin(at: float, dataset: str, action: str, number: str, sequence: int) -> Event:
    told = begin_event(datetime.fromtimestamp(at, UTC), dataset, action, number)
    return {**told, "event.sequence": sequence}


def _describe_answer(row: Any, target: str) -> Event:
    told: Event = {
        "boucle.feedback.id": row.id,
        "boucle.prediction.label": row.prediction,
        "boucle.feedback.target": target,
        "boucle.feedback.correct": target == row.prediction,
    }
    if row.version is not None:
        told["service.version"] = row.version
    if row.prediction_id is not None:
        told["boucle.prediction.id"] = row.prediction_id
    if row.probabilities is not None:
        told["boucle.prediction.confidence"] = max(_numbers(row.probabilities))
    if row.predicted_at is not None:
        told["boucle.feedback.delay_seconds"] = max(0.0, row.at - row.predicted_at)
    return told
