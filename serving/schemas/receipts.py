"""What feedback may hold and is answered, for the fast path too: it starts without the bodies."""

from typing import Any

from pipeline.store.records import FeedbackReceipt

LONGEST_LABEL = 1000
FEEDBACK_ID = r"[A-Za-z0-9._:-]{1,64}"


def acknowledge(receipt: FeedbackReceipt, every: int) -> dict[str, Any]:
    """The fields of a FeedbackAnswer in `bodies.py`."""
    remaining = every - receipt.rows % every
    state = {"every": every, "remaining": remaining, "queued": receipt.queued}
    return {"feedback_id": receipt.feedback_id, "rows": receipt.rows, "retraining": state}
