"""What can happen to the rows of a window: each fault says which features it touched."""

from collections.abc import Callable, Sequence

import numpy as np

from pipeline.arrays import Numbers
from pipeline.data.schema import Feature

Fault = Callable[["Faults", Numbers], list[int]]  # changes the rows; the places that it touched


class Faults:
    """Of one table; `spread` is the standard deviation of each feature over all its rows."""

    def __init__(self, features: Sequence[Feature], rows: Numbers, seed: int) -> None:
        self.features = features
        self.spread = np.nanstd(rows, axis=0)
        self.random = np.random.default_rng(seed)
        self.numbers = [p for p, f in enumerate(features) if f.type in ("number", "integer")]
        self.categories = [p for p, f in enumerate(features) if f.type == "category"]

    def some(self, places: Sequence[int], number: int = 1) -> list[int]:
        chosen = self.random.choice(places, min(number, len(places)), replace=False)
        return [int(place) for place in chosen]

    def any_feature(self) -> int:
        return int(self.random.integers(len(self.features)))


def calm(_faults: Faults, _rows: Numbers) -> list[int]:
    return []


def repeated(faults: Faults, rows: Numbers) -> list[int]:
    """Each row is that before it with a chance of 0.6: autocorrelation of 0.6."""
    for place in np.flatnonzero(faults.random.random(len(rows) - 1) < 0.6) + 1:
        rows[place] = rows[place - 1]
    return []


def shift(by: float, number: int) -> Fault:
    def change(faults: Faults, rows: Numbers) -> list[int]:
        places = faults.some(faults.numbers, number)
        rows[:, places] += by * faults.spread[places]
        return places

    return change


def unseen(faults: Faults, rows: Numbers) -> list[int]:
    (place,) = faults.some(faults.categories)
    new = len(faults.features[place].categories) + 1
    rows[faults.random.random(len(rows)) < 0.05, place] = new
    return [place]


def missing(faults: Faults, rows: Numbers) -> list[int]:
    place = faults.any_feature()
    feature = faults.features[place]
    gap = float(len(feature.categories)) if feature.type == "category" else np.nan
    rows[faults.random.random(len(rows)) < 0.10, place] = gap
    return [place]


def other_units(faults: Faults, rows: Numbers) -> list[int]:
    (place,) = faults.some(faults.numbers)
    rows[:, place] *= 100
    return [place]


def frozen(faults: Faults, rows: Numbers) -> list[int]:
    place = faults.any_feature()
    rows[:, place] = rows[0, place]
    return [place]


def shuffled(faults: Faults, rows: Numbers) -> list[int]:
    place = faults.any_feature()
    rows[:, place] = faults.random.permutation(rows[:, place])
    return [place]


def swapped(faults: Faults, rows: Numbers) -> list[int]:
    places = faults.some(faults.numbers, 2)
    rows[:, places] = rows[:, places[::-1]]
    return places
