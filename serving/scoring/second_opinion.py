"""What the version before the live one says to the same rows; used to choose what to check."""

from collections.abc import Callable

import numpy as np

from pipeline.arrays import Numbers
from pipeline.model.scorer import load_scorer
from pipeline.registry.registry import ModelRegistry
from pipeline.registry.signed_folder import UntrustedArtifact
from serving.scoring.live_model import LiveModel

Opinion = Callable[[Numbers], Numbers]


class SecondOpinion:
    """Loads the version when it is first asked for, and again after another one went live."""

    def __init__(self, artifacts: ModelRegistry) -> None:
        self._artifacts = artifacts
        self._known: tuple[str, Opinion | None] = ("", None)

    def beside(self, live: LiveModel) -> Opinion | None:
        """None where no other version of the same embedding is kept."""
        if self._known[0] != live.version:
            self._known = (live.version, self._load(live))
        return self._known[1]

    def _load(self, live: LiveModel) -> Opinion | None:
        before = [one for one in self._artifacts.live_history() if one != live.version]
        try:
            sealed = self._artifacts.open(before[0]) if before else None
            same = sealed and sealed.manifest["embedding_id"] == live.embedding.embedding_id
            if sealed is None or not same:
                return None
            scorer = load_scorer(sealed)
        except UntrustedArtifact:
            return None
        known = [place for place, label in enumerate(scorer.labels) if label in live.scorer.labels]
        places = [live.scorer.labels.index(scorer.labels[place]) for place in known]

        def say(vectors: Numbers) -> Numbers:
            _, given = scorer.score(vectors)
            said = np.zeros((len(vectors), len(live.scorer.labels)))
            said[:, places] = given[:, known]
            return said

        return say
