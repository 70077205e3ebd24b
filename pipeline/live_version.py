"""The version that a challenger must beat, as retraining sees it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.artifacts import Artifacts
from pipeline.embedding import Numbers
from pipeline.era import FILE, Era, read_era
from pipeline.scorer import Scorer, load_scorer
from pipeline.seal import Refused, Sealed


@dataclass(frozen=True)
class LiveVersion:
    """A verified version and its scorer."""

    sealed: Sealed
    scorer: Scorer
    era: Era | None = None  # if it knows that the world has changed

    @property
    def number(self) -> str:
        return str(self.sealed.manifest["version"])

    @property
    def expected_error(self) -> float:
        return 1.0 - float(self.sealed.manifest["out_of_fold"]["accuracy"])

    @property
    def holdout_mark(self) -> float | None:
        """The best balanced accuracy on the holdout in its line since the world last changed."""
        mark = self.sealed.manifest.get("holdout_mark")
        return None if mark is None else float(mark)

    @property
    def trained_through(self) -> int:
        """The last row of feedback that it may have been trained on."""
        return int(self.sealed.manifest.get("production_through", 0))

    def predict(self, values: Numbers) -> NDArray[np.str_]:
        places, _ = self.scorer.score(values)
        said: NDArray[np.str_] = np.array(self.scorer.labels)[places]
        return said


def open_live(artifacts: Artifacts, embedding_id: str) -> LiveVersion | None:
    """The live version if it can be read and speaks of the same vectors."""
    try:
        sealed = artifacts.current()
    except Refused:
        return None
    if sealed.manifest["embedding_id"] != embedding_id:
        return None
    era = read_era(sealed.read(FILE)) if FILE in sealed else None
    return LiveVersion(sealed, load_scorer(sealed), era)
