"""The rule: when a column drifts, and when it is an alarm alone. docs/monitoring.md says why."""

from dataclasses import dataclass
from math import sqrt
from typing import Literal, NamedTuple

Direction = Literal["above", "below"]


@dataclass(frozen=True)
class Rule:
    """When a column drifts, and when the columns together are an alarm."""

    alpha: float = 0.01  # chance that a column drifts by chance in a pass, divided among them
    residual_alpha: float = 0.005  # the residual's own: it alarms alone
    minimum_rows: int = 200
    minimum_effect: float = 0.1  # standard deviations; a smaller move is real but does not matter
    psi: float = 0.1
    alarm_share: float = 0.3  # of the columns
    alarm_effect: float = 0.2  # standard deviations; a column that moved farther alarms alone


@dataclass(frozen=True)
class ColumnResult:
    """Drift is a score on the `direction` side of `threshold` and an effect that matters."""

    name: str
    method: str
    score: float
    threshold: float
    direction: Direction
    effect: float  # in standard deviations, whatever the method
    drifted: bool
    large: bool  # drifted so far that it is an alarm alone


class Score(NamedTuple):
    method: str
    value: float
    threshold: float
    direction: Direction


def judge(name: str, score: Score, effect: float, reference_rows: int, rule: Rule) -> ColumnResult:
    """A column that alarms alone must also exceed what the reference is uncertain by itself."""
    beyond = score.value < score.threshold
    if score.direction == "above":
        beyond = score.value >= score.threshold
    drifted = beyond and effect >= rule.minimum_effect
    large = drifted and effect >= rule.alarm_effect + 1 / sqrt(reference_rows)
    return ColumnResult(name, *score, effect, drifted, large)
