"""The time since the world last changed, and what the rows of before are called by now.

Kept with the version that found it out, so that those after it need not find it out again.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FILE = "era.npz"
UNKNOWN = ""  # the label of a row that is outdated, and nobody knows what it is by now

Labels = NDArray[np.str_]
Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Amended:
    """Rows that are believed to carry another label than was given to them."""

    ids: Ids  # rising
    labels: Labels

    def apply(self, ids: Ids, given: Labels) -> Labels:
        """What some rows are believed to be."""
        if len(self.ids) == 0:
            return given
        places = np.searchsorted(self.ids, ids).clip(max=len(self.ids) - 1)
        return np.where(self.ids[places] == ids, self.labels[places], given)


def amend(ids: Ids, given: Labels, believed: Labels) -> Amended:
    other = given != believed
    return Amended(ids[other], believed[other])


@dataclass(frozen=True)
class Beliefs:
    """What was found out about the labels of rows; the rest is as it was given."""

    reference: Amended
    holdout: Amended
    feedback: Amended

    def apply(self, reference: Labels, seqs: Ids, fed: Labels) -> Labels:
        """What the reference and some feedback are believed to be."""
        places = np.arange(len(reference))
        return np.append(self.reference.apply(places, reference), self.feedback.apply(seqs, fed))


NOTHING = Amended(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.str_))
AS_GIVEN = Beliefs(NOTHING, NOTHING, NOTHING)


@dataclass(frozen=True)
class Era:
    since: int  # the first row of feedback
    before: Beliefs  # when it began
    now: Beliefs

    def to_bytes(self) -> bytes:
        content = io.BytesIO()
        np.savez_compressed(content, allow_pickle=False, since=self.since, **dict(self._arrays()))
        return content.getvalue()

    def _arrays(self) -> Iterator[tuple[str, Any]]:
        for when, beliefs in (("before", self.before), ("now", self.now)):
            for part, amended in vars(beliefs).items():
                yield f"{when}_{part}_ids", amended.ids
                yield f"{when}_{part}_labels", amended.labels


def read_era(content: bytes) -> Era:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:

        def read(when: str) -> Beliefs:
            names = [f"{when}_{part}" for part in Beliefs.__annotations__]
            return Beliefs(*(Amended(arrays[f"{n}_ids"], arrays[f"{n}_labels"]) for n in names))

        return Era(int(arrays["since"]), read("before"), read("now"))
