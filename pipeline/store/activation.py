"""A version put live by hand, forward or back, is a decision like any other; noted by serving and
the command.

Apart from what judges versions: serving must not pay for scikit-learn at its start.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from pipeline.store.feedback_log import count_feedback
from pipeline.store.retraining_queue import PROMOTED, ROLLED_BACK, Decision, record_decision


def record_manual_activation(
    connection: Connection, version: str, live_history: Sequence[str]
) -> None:
    """Write down that a version was put live by hand, after those that were live before."""
    was = live_history[0] if live_history else None
    if version == was:
        return
    state = ROLLED_BACK if version in live_history else PROMOTED
    reason = f"{state}: {version} was put live by hand, before it was {was}"
    numbers = {"rows": count_feedback(connection)}
    record_decision(connection, "by hand", Decision(state, reason, version, was, numbers))
