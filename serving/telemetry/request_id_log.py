"""Which request each prediction came with, until it is written down: a second later, beside it.

Of the fast path the id of a request is that of its prediction, unless the client brings one.
"""

import threading


class RequestIdLog:
    """Requests add to it, and the maintenance thread empties it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._request_of: dict[str, str] = {}

    def add(self, prediction_id: str, request_id: str) -> None:
        if prediction_id != request_id:
            with self._lock:
                self._request_of[prediction_id] = request_id

    def take(self) -> dict[str, str]:
        with self._lock:
            taken, self._request_of = self._request_of, {}
        return taken

    def put_back(self, request_of: dict[str, str]) -> None:
        with self._lock:
            self._request_of = request_of | self._request_of
