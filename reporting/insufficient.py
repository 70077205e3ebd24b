"""The answer of every statistic here that has too little data: a reason, never a number."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Insufficient:
    rows: int
    reason: str


def too_few(rows: int, minimum: int, what: str) -> Insufficient | None:
    if rows >= minimum:
        return None
    return Insufficient(rows, f"{rows} {what}, at least {minimum} are needed")
