"""The rows that a version forgot because the world changed their labels. Read by reporting.

To forget them makes no input rarer in the world. So drift is told from these rows too, with what
the version itself says of them by now.
"""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.embedding import Numbers
from pipeline.scorer import Scorer
from pipeline.seal import Sealed

FILE = "forgotten.npz"


@dataclass(frozen=True)
class Forgotten:
    values: Numbers
    labels: NDArray[np.str_]


def forgotten_files(values: Numbers, scorer: Scorer, share: float, seed: int) -> dict[str, bytes]:
    """That share of the rows, as the reference holds a share of those that were trained on."""
    if len(values) == 0:
        return {}
    kept = np.random.default_rng(seed).permutation(len(values))[: round(share * len(values))]
    places, _ = scorer.score(values[kept])
    labels = np.array(scorer.labels, dtype=np.str_)[places]
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, values=values[kept], labels=labels)
    return {FILE: buffer.getvalue()}


def forgotten_of(version: Sealed) -> Forgotten | None:
    if FILE not in version:
        return None
    with np.load(io.BytesIO(version.read(FILE)), allow_pickle=False) as arrays:
        return Forgotten(arrays["values"], arrays["labels"])
