"""The version that a challenger must beat, as retraining sees it."""

import io
from dataclasses import dataclass

import numpy as np

from pipeline.arrays import Labels, Numbers
from pipeline.data.holdout_sample import SCORES_FILE
from pipeline.embedding.vectors import EmbeddingMismatch
from pipeline.model.scorer import Scorer, load_scorer
from pipeline.registry.registry import ModelRegistry
from pipeline.registry.signed_folder import SignedFolder, UntrustedArtifact
from pipeline.retraining.evaluation import Pairing, squared_errors


@dataclass(frozen=True)
class Champion:
    """A verified version and its scorer."""

    sealed: SignedFolder
    scorer: Scorer

    @property
    def number(self) -> str:
        return str(self.sealed.manifest["version"])

    @property
    def labels(self) -> list[str]:
        return list(self.sealed.manifest["classes"])

    @property
    def expected_error(self) -> float:
        return 1.0 - float(self.sealed.manifest["out_of_fold"]["accuracy"])

    @property
    def trained_through(self) -> int:
        """The number of the last feedback row that it may have been trained on."""
        return int(self.sealed.manifest.get("production_through", 0))

    @property
    def learned_since(self) -> int | None:
        """The first feedback row that it learned from, None if it set no older rows aside."""
        since = self.sealed.manifest.get("learned_since")
        return None if since is None else int(since)

    def predict(self, values: Numbers) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
        if len(values) == 0:
            return np.zeros(0, dtype=np.str_)
        places, _ = self.scorer.score(values)
        return np.array(self.scorer.labels)[places]

    def squared_errors(self, values: Numbers, targets: Labels) -> Numbers:
        """The squared errors of its probabilities for labelled rows."""
        if len(values) == 0:
            return np.zeros(0)
        return squared_errors(self.scorer.score(values)[1], self.scorer.labels, targets)

    def pair_with(self, live: "Champion", values: Numbers, targets: Labels) -> Pairing:
        """The predictions of both for rows that neither was trained on."""
        squared = (self.squared_errors(values, targets), live.squared_errors(values, targets))
        return Pairing(targets, self.predict(values), live.predict(values), squared)

    def pair_on_holdout(self, live: "Champion") -> Pairing | None:
        """The predictions of both for the holdout, stored when they were trained.

        None if they are not stored, or if this version learned since labels changed their meaning,
        for the holdout is older than that.
        """
        mine, theirs = self._read_holdout(), live._read_holdout()
        if mine is None or theirs is None or self.learned_since is not None:
            return None
        (targets, said, squared), (asked, answered, wrong) = mine, theirs
        if not np.array_equal(targets, asked):
            return None
        return Pairing(targets, said, answered, (squared, wrong))

    def _read_holdout(self) -> tuple[Labels, Labels, Numbers] | None:
        """The labels of the holdout, those predicted, and the squared errors."""
        if SCORES_FILE not in self.sealed:
            return None
        with np.load(io.BytesIO(self.sealed.read(SCORES_FILE)), allow_pickle=False) as kept:
            shares, targets = kept["probabilities"], kept["targets"]
        said = np.array(self.labels)[shares.argmax(axis=1)]
        return targets, said, squared_errors(shares, self.labels, targets)


def load_champion(artifacts: ModelRegistry, embedding_id: str) -> Champion | None:
    """The live version; None if there is none that can be read.

    Raises EmbeddingMismatch if it has another embedding, for no challenger could be compared.
    """
    try:
        sealed = artifacts.current()
    except UntrustedArtifact:
        return None
    if sealed.manifest["embedding_id"] != embedding_id:
        raise EmbeddingMismatch(
            f"version {sealed.manifest['version']} is live and of another embedding than "
            f"{embedding_id}: put one of this embedding live, or start anew with make fresh."
        )
    return Champion(sealed, load_scorer(sealed))
