"""Clients that keep asking and answering, and note what failed and what was acknowledged."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import requests

from tests.cluster.kubernetes import Api


@dataclass
class Traffic:
    """A context; while it is open so many predictions and feedbacks a second go out."""

    features: list
    label: str
    predictions: float
    feedbacks: float
    failed: Counter = field(default_factory=Counter)
    sent: int = 0
    acknowledged: list = field(default_factory=list)

    def __post_init__(self):
        self._ended = threading.Event()
        self._lock = threading.Lock()
        rates = [(self._predict, self.predictions), (self._answer, self.feedbacks)]
        self._threads = [
            threading.Thread(target=self._keep_on, args=(act, rate / 4))
            for act, rate in rates
            for _ in range(4)
            if rate
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _keep_on(self, act, rate):
        api, due = Api(), time.monotonic()
        while not self._ended.is_set():
            due += 1 / rate
            time.sleep(max(0.0, due - time.monotonic()))
            with self._lock:
                self.sent += 1
            try:
                act(api)
            except requests.RequestException as error:
                self._note(f"{act.__name__}: {type(error).__name__}")

    def _note(self, what):
        with self._lock:
            self.failed[what] += 1

    def _predict(self, api):
        answer = api.send("POST", "/predict", json={"features": self.features})
        if not answer.ok:
            self._note(f"predict {answer.status_code}")
        return answer

    def _answer(self, api):
        predicted = self._predict(api)
        if not predicted.ok:
            return
        number = predicted.json()["prediction_id"]
        body = {"prediction_id": number, "target": self.label}
        answer = api.send("POST", "/feedback", json=body)
        if answer.ok:
            with self._lock:
                self.acknowledged.append(number)
        else:
            self._note(f"feedback {answer.status_code}")
