"""Writes down that a version was put live by hand: serving and scripts/rollback.py do so."""

from collections.abc import Sequence

from sqlalchemy import Connection

from pipeline.jobs import PROMOTED, ROLLED_BACK, Decision, record_decision
from pipeline.records import count_feedback


def note_activation(connection: Connection, version: str, lineage: Sequence[str]) -> None:
    """`lineage` is what was live before, the latest first."""
    was = lineage[0] if lineage else None
    if version == was:
        return
    state = ROLLED_BACK if version in lineage else PROMOTED
    reason = f"{state}: {version} was put live by hand, before it was {was}"
    numbers = {"rows": count_feedback(connection)}
    record_decision(connection, "by hand", Decision(state, reason, version, was, numbers))
