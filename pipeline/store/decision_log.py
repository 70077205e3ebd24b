"""The log of every decision about the model: retrainings and rollbacks, by rule or by hand."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from pipeline.store.feedback_log import count_feedback
from pipeline.store.tables import retrainings

QUEUED, RUNNING = "queued", "running"
PROMOTED, REJECTED, FAILED = "promoted", "rejected", "failed"
ROLLED_BACK, SUPERSEDED = "rolled back", "superseded"
SHADOWED = "in shadow"  # it passed the gate, and is judged once more by the rows to come
DATA_TESTS_FAILED = "data_tests_failed"  # a number of a decision: tests that the new rows failed
DECIDED = (PROMOTED, REJECTED, FAILED, ROLLED_BACK, SUPERSEDED)


@dataclass(frozen=True)
class Decision:
    """What became of a retraining, in a word, a sentence and numbers."""

    state: str
    reason: str
    version: str | None = None
    parent: str | None = None
    numbers: Mapping[str, Any] | None = None


def decided_values(decision: Decision) -> dict[str, Any]:
    return {
        "state": decision.state,
        "stage": "done",
        "progress": 1.0,
        "version": decision.version,
        "parent": decision.parent,
        "reason": decision.reason,
        "numbers": json.dumps(dict(decision.numbers or {})),
    }


def record_decision(
    connection: Connection,
    trigger: str,
    decision: Decision,
    actor: str = "",
    foreign_model: str | None = None,
) -> None:
    """A decision that no queued job asked for, such as a rollback."""
    now = time.time()
    moments = {"requested_at": now, "not_before": now, "started_at": now, "finished_at": now}
    values = {"trigger": trigger, "actor": actor, "attempts": 1, "foreign_model": foreign_model}
    described = {**values, **moments, **decided_values(decision)}
    connection.execute(retrainings.insert().values(**described))


def record_manual_activation(
    connection: Connection,
    version: str,
    live_history: Sequence[str],
    actor: str = "",
    trigger: str = "by hand",
) -> None:
    """Write down that a version was put live by hand, after those that were live before."""
    was = live_history[0] if live_history else None
    if version == was:
        return
    state = ROLLED_BACK if version in live_history else PROMOTED
    reason = f"{state}: {version} was put live by hand, before it was {was}"
    numbers = {"rows": count_feedback(connection)}
    record_decision(connection, trigger, Decision(state, reason, version, was, numbers), actor)


def latest(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """The newest jobs and decisions, as a client sees them."""
    query = select(retrainings).order_by(retrainings.c.id.desc()).limit(limit)
    return [_shown(dict(row._mapping)) for row in connection.execute(query)]


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("id", "state", "stage", "progress", "trigger", "actor", "parent", "version", "reason")
    times = ("attempts", "requested_at", "started_at", "finished_at")
    numbers = json.loads(row["numbers"]) if row["numbers"] else {}
    return {**{name: row[name] for name in (*names, *times)}, "numbers": numbers}


def last_data_tests_failed(connection: Connection) -> int | None:
    """Of the latest decision before which data tests ran; None when they never did."""
    query = select(retrainings.c.numbers).order_by(retrainings.c.id.desc()).limit(1)
    query = query.where(retrainings.c.numbers.contains(f'"{DATA_TESTS_FAILED}"', autoescape=True))
    numbers = connection.scalar(query)
    return None if numbers is None else int(json.loads(numbers)[DATA_TESTS_FAILED])


def last_requested_at(connection: Connection) -> float | None:
    """When a retraining was last asked for."""
    found = connection.scalar(select(func.max(retrainings.c.requested_at)))
    return None if found is None else float(found)
