"""Counts the requests of this worker that were refused or failed until they are written down."""

import threading
import time

from pipeline.store.records import Errors

REFUSED, FAILED = 400, 500  # from these answers on


class ErrorCount:
    """Requests add to it, and the maintenance thread empties it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._errors = Errors()

    def add(self, status: int) -> None:
        if status < REFUSED:
            return
        minute = int(time.time() // 60) * 60
        with self._lock:
            self._errors[minute, status >= FAILED] += 1

    def take(self) -> Errors:
        with self._lock:
            taken, self._errors = self._errors, Errors()
        return taken

    def put_back(self, errors: Errors) -> None:
        with self._lock:
            self._errors.update(errors)
