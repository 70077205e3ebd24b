"""The queue of retrainings: asked for, claimed under a lease, finished with a decision."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, or_, select, update

from pipeline.store.decision_log import (
    FAILED,
    QUEUED,
    RUNNING,
    SUPERSEDED,
    Decision,
    decided_values,
)
from pipeline.store.feedback_log import request_retraining
from pipeline.store.tables import retrainings, state


@dataclass(frozen=True)
class Job:
    """A retraining as the worker sees it."""

    id: int
    trigger: str
    attempts: int
    version: str | None
    foreign_model: str | None = None


class LeaseLost(Exception):
    """Another worker has taken the job over; this one must not decide it."""


def claim(
    connection: Connection, owner: str, lease_seconds: float, attempts: int = 3
) -> Job | None:
    """Take the next job that is due, unless one is running.

    A dead worker's job is due again, but not without end: one that kills its worker would.
    """
    now = time.time()
    lock_queue(connection)
    alive = (retrainings.c.state == RUNNING) & (retrainings.c.lease_until > now)
    if connection.scalar(select(retrainings.c.id).where(alive)) is not None:
        return None
    while (row := connection.execute(_due(now)).first()) is not None:
        if row.state != RUNNING or not _is_given_up(row, attempts):
            break
        said = f"failed: whoever worked on it ended without a word, {row.attempts} times in all"
        values = {**decided_values(Decision(FAILED, said)), "finished_at": now}
        connection.execute(update(retrainings).where(retrainings.c.id == row.id).values(**values))
    if row is None:
        return None
    connection.execute(
        update(retrainings)
        .where(retrainings.c.id == row.id)
        .values(
            state=RUNNING,
            stage="starting",
            progress=0.0,
            attempts=row.attempts + 1,
            started_at=now,
            lease_owner=owner,
            lease_until=now + lease_seconds,
        )
    )
    if row.every is not None:
        _supersede(connection, row.id, now)
    return Job(row.id, row.trigger, row.attempts + 1, row.version, row.foreign_model)


def _is_given_up(row: Any, attempts: int) -> bool:
    """What may be live already is looked at once more."""
    return row.attempts >= attempts and row.version is None


def lock_queue(connection: Connection) -> None:
    """Lock a row, so that of several workers one claims at a time (SQLite is locked already)."""
    query = select(state.c.value).where(state.c.name == "schema_version")
    connection.execute(query.with_for_update())


def _due(now: float) -> Any:
    """What was left running first; then what people and alerts ask for; then the latest rows."""
    left = and_(retrainings.c.state == RUNNING, retrainings.c.lease_until <= now)
    waiting = and_(retrainings.c.state == QUEUED, retrainings.c.not_before <= now)
    counted = retrainings.c.bucket.is_not(None)
    order = (retrainings.c.state != RUNNING, counted, retrainings.c.id.desc())
    return select(retrainings).where(or_(left, waiting)).order_by(*order).limit(1)


def _supersede(connection: Connection, job_id: int, now: float) -> None:
    """Older rows of the count wait no longer: this job trains on all their feedback too."""
    older = (
        (retrainings.c.state == QUEUED)
        & retrainings.c.bucket.is_not(None)
        & (retrainings.c.id < job_id)
    )
    reason = f"superseded by retraining {job_id}, which trains on the same rows and later ones"
    done = {"state": SUPERSEDED, "finished_at": now, "progress": 1.0, "reason": reason}
    connection.execute(update(retrainings).where(older).values(**done))


def report_progress(
    connection: Connection,
    job: Job,
    owner: str,
    lease_seconds: float,
    stage: str,
    progress: float,
    version: str | None = None,
) -> None:
    """Note how far a job is and renew its lease, or raise LeaseLost."""
    values = {"stage": stage, "progress": progress, "lease_until": time.time() + lease_seconds}
    if version is not None:
        values["version"] = version
    _update_mine(connection, job, owner, values)


def finish(connection: Connection, job: Job, owner: str, decision: Decision) -> None:
    """Write the decision down for good."""
    _update_mine(connection, job, owner, {**decided_values(decision), "finished_at": time.time()})


def requeue(connection: Connection, job: Job, owner: str, reason: str, not_before: float) -> None:
    """Put a job back that failed for a reason which may pass."""
    values = {"state": QUEUED, "stage": None, "reason": reason, "not_before": not_before}
    _update_mine(connection, job, owner, values)


def put_back(connection: Connection, job: Job, owner: str, reason: str, not_before: float) -> None:
    """It did not fail, it was only not done: that counts as no attempt."""
    values = {"state": QUEUED, "stage": None, "reason": reason, "not_before": not_before}
    _update_mine(connection, job, owner, {**values, "attempts": job.attempts - 1})


def _update_mine(connection: Connection, job: Job, owner: str, values: Mapping[str, Any]) -> None:
    mine = (
        (retrainings.c.id == job.id)
        & (retrainings.c.state == RUNNING)
        & (retrainings.c.lease_owner == owner)
    )
    if connection.execute(update(retrainings).where(mine).values(**values)).rowcount != 1:
        raise LeaseLost(f"Retraining {job.id} was taken over by another worker.")


def find_judgement(connection: Connection, foreign_model: str) -> Any | None:
    """The last job or decision about a model that was trained elsewhere."""
    query = select(retrainings.c.id, retrainings.c.state, retrainings.c.reason)
    query = query.where(retrainings.c.foreign_model == foreign_model)
    return connection.execute(query.order_by(retrainings.c.id.desc()).limit(1)).first()


def request_for_alert(
    connection: Connection, trigger: str, key: str, since: float
) -> tuple[int | None, str]:
    """Queue a retraining for a group of alerts, once, and not soon after another alert's."""
    lock_queue(connection)
    if connection.scalar(select(retrainings.c.id).where(retrainings.c.request_key == key)):
        return None, "this alert was heard before"
    recent = retrainings.c.request_key.is_not(None) & (retrainings.c.requested_at > since)
    if connection.scalar(select(retrainings.c.id).where(recent)):
        return None, "another alert asked for a retraining a short while ago"
    return request_retraining(connection, trigger, actor="alert", request_key=key), "queued"
