"""Feedback that is wrong: what the labels of some rows become on their way."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.str_]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Feedback:
    """Rows with their true labels, about to be told."""

    rows: Numbers
    targets: Labels
    random: np.random.Generator


Noise = Callable[[Feedback], Labels]


def others(given: Feedback) -> Labels:
    """Another label for each row, any of them as likely."""
    labels = np.unique(given.targets)
    places = np.searchsorted(labels, given.targets)
    steps = given.random.integers(1, len(labels), size=len(places))
    return labels[(places + steps) % len(labels)]


def none(given: Feedback) -> Labels:
    return given.targets


def at_random(share: float) -> Noise:
    def spoil(given: Feedback) -> Labels:
        wrong = given.random.random(len(given.targets)) < share
        return np.where(wrong, others(given), given.targets)

    return spoil


def one_class(given: Feedback) -> Labels:
    """15 % of all rows, all of the commonest label, are told to be of the next common."""
    (first, most), (second, _) = Counter(given.targets.tolist()).most_common(2)
    share = 0.15 * len(given.targets) / most
    wrong = (given.targets == first) & (given.random.random(len(given.targets)) < share)
    return np.where(wrong, second, given.targets)


def one_region(given: Feedback) -> Labels:
    """The 15 % of rows with the largest values of the most varied feature are all told wrong."""
    known = np.nan_to_num(given.rows)
    column = known[:, max(range(known.shape[1]), key=lambda c: len(np.unique(known[:, c])))]
    return np.where(column > np.quantile(column, 0.85), others(given), given.targets)


def attacker(given: Feedback) -> Labels:
    """5 % of the feedback is of somebody who wants the two commonest labels mixed up."""
    (first, _), (second, _) = Counter(given.targets.tolist()).most_common(2)
    his = given.random.random(len(given.targets)) < 0.05
    return np.where(his, np.where(given.targets == first, second, first), given.targets)


NOISES: dict[str, Noise] = {
    "right labels": none,
    "10 % wrong": at_random(0.1),
    "20 % wrong": at_random(0.2),
    "40 % wrong": at_random(0.4),
    "15 %, one class": one_class,
    "15 %, one region": one_region,
    "90 % wrong": at_random(0.9),
    "attacker, 5 %": attacker,
}
