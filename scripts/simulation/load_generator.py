"""Plays a phase against a running serving: predictions at a rate, feedback some rows later."""

import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.data.schema import Value
from scripts.cli.api_client import ApiClient
from scripts.simulation.row_source import RowSource, share_correct
from scripts.simulation.scenarios import Scenario

MALFORMED: tuple[tuple[bytes, int], ...] = (
    (b"{", 400),
    (b'{"features": []}', 422),
    (b'{"features": [NaN]}', 400),
    (b'{"features": {"no such feature": 1}}', 422),
    (b'{"image": "bm8gcGljdHVyZQ=="}', 422),
    (b"[" * 5000, 400),
    (b" " * 12_000_000, 413),
)


@dataclass
class Outcome:
    """What was sent in a phase, and how it was answered."""

    rows: int = 0
    failed: int = 0  # predictions that were not answered with 200, or errors with 500 and above
    labelled: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    pairs: list[tuple[str, str]] = field(default_factory=list)  # target and prediction
    sent: list[list[Value]] = field(default_factory=list)  # the observation of each pair
    seconds: list[float] = field(default_factory=list)

    @property
    def balanced_accuracy(self) -> float | None:
        return share_correct(self.pairs)


@dataclass
class LoadGenerator:
    """Keeps what waits for its feedback from phase to phase."""

    caller: ApiClient
    world: RowSource
    rate: float
    delay: int = 20  # predictions between a prediction and its feedback
    label_share: float = 1.0
    _waiting: deque[tuple[str, str]] = field(default_factory=deque)

    def play(
        self, name: str, phase: Scenario, rows: int, tick: Callable[[], object] = lambda: None
    ) -> Outcome:
        before, outcome = self.caller.answers.copy(), Outcome()
        pause, due = 1.0 / (self.rate * phase.hurry), time.monotonic()
        for place in range(rows):
            if name == "errors":
                self._send_malformed(place, outcome)
            else:
                self._send(phase, outcome)
            tick()
            due = max(due + pause, time.monotonic() - 1.0)  # a late start is not made up for
            time.sleep(max(0.0, due - time.monotonic()))
        outcome.answers = self.caller.answers - before
        return outcome

    def _send(self, phase: Scenario, outcome: Outcome) -> None:
        values, target = phase.draw(self.world)
        started = time.perf_counter()
        answer = self.caller.predict(values)
        outcome.seconds.append(time.perf_counter() - started)
        outcome.rows += 1
        if answer is None:
            outcome.failed += 1
            return
        outcome.sent.append(values)
        outcome.pairs.append((target, answer["prediction"]))
        if self.world.random.random() < self.label_share:
            self._waiting.append((answer["prediction_id"], target))
        self.give_feedback(self.delay, outcome)

    def give_feedback(self, keep: int = 0, outcome: Outcome | None = None) -> None:
        """Tell what was true of all predictions but the latest few."""
        while len(self._waiting) > keep:
            told = self.caller.give_feedback(*self._waiting.popleft())
            if outcome is not None:
                outcome.labelled += told

    def _send_malformed(self, place: int, outcome: Outcome) -> None:
        body, expected = MALFORMED[place % len(MALFORMED)]
        headers = {"content-type": "application/json"}
        answer = self.caller.send("POST", "/predict", "predict", data=body, headers=headers)
        outcome.rows += 1
        outcome.failed += answer.status_code != expected
