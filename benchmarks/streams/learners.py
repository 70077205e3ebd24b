"""Who is compared: Boucle's own loop, and the plainest things beside it.

Each predicts a block of rows, then is told their labels.
"""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from benchmarks.streams.stream import Stream
from pipeline.embedding.fit import fit_embedding
from pipeline.model.training import TrainedModel, train
from pipeline.production.production_rows import EVALUATION_SHARE, ProductionRows
from pipeline.registry.signed_folder import SignedFolder
from pipeline.retraining.challenger import challenge
from pipeline.retraining.champion import Champion
from pipeline.retraining.rollback import WATCHED_ROWS, advise
from pipeline.settings import Settings


class Learner(ABC):
    @abstractmethod
    def predict(self, rows: np.ndarray) -> np.ndarray: ...

    @abstractmethod
    def learn(self, rows: np.ndarray, targets: np.ndarray) -> None: ...


class Plain(Learner):
    """A forest as scikit-learn has it, on the same vectors, fitted again on all rows."""

    def __init__(self, stream: Stream, embedding: Any = None) -> None:
        self.embedding = embedding or stream.prepared.embedding
        self.rows = [stream.dataset.rows[stream.training]]
        self.targets = [stream.dataset.targets[stream.training]]
        self._fit()

    def _fit(self) -> None:
        vectors, _ = self.embedding.embed(np.concatenate(self.rows))
        forest = RandomForestClassifier(random_state=0, n_jobs=-1)
        self.model = forest.fit(vectors, np.concatenate(self.targets))

    def predict(self, rows: np.ndarray) -> np.ndarray:
        found: np.ndarray = self.model.predict(self.embedding.embed(rows)[0])
        return found

    def learn(self, rows: np.ndarray, targets: np.ndarray) -> None:
        self.rows.append(rows)
        self.targets.append(targets)
        self._fit()


class Never(Plain):
    """That forest, never fitted again."""

    def learn(self, rows: np.ndarray, targets: np.ndarray) -> None:
        pass


class Course(Plain):
    """The course's ten lines: scaler, PCA, forest, fitted again on all rows."""

    def __init__(self, stream: Stream) -> None:
        rows = stream.dataset.rows[stream.training]
        wanted = stream.settings.embedding
        super().__init__(
            stream, fit_embedding(stream.dataset.schema, rows, wanted, "pca").embedding
        )


class River(Learner):
    """river's adaptive random forest, told row by row."""

    def __init__(self, stream: Stream) -> None:
        from river.forest import ARFClassifier

        self.embedding = stream.prepared.embedding
        self.model = ARFClassifier(seed=0)
        reference = stream.prepared.reference
        self._teach(reference.values, reference.targets)

    def _teach(self, vectors: np.ndarray, targets: np.ndarray) -> None:
        for vector, target in zip(vectors.tolist(), targets.tolist(), strict=True):
            self.model.learn_one(dict(enumerate(vector)), target)

    def predict(self, rows: np.ndarray) -> np.ndarray:
        vectors, _ = self.embedding.embed(rows)
        return np.array([str(self.model.predict_one(dict(enumerate(v)))) for v in vectors.tolist()])

    def learn(self, rows: np.ndarray, targets: np.ndarray) -> None:
        self._teach(self.embedding.embed(rows)[0], targets)


class Boucle(Learner):
    """The functions that the trainer calls, in its order: challenge, promote, look back."""

    def __init__(self, stream: Stream, **retraining: Any) -> None:
        wanted = stream.settings.retraining.model_copy(update=retraining)
        self.settings: Settings = stream.settings.model_copy(update={"retraining": wanted})
        self.prepared, self.random = stream.prepared, np.random.default_rng(1)
        width = self.prepared.embedding.width
        self.production = ProductionRows(
            np.empty(0, np.int64),
            np.empty((0, width)),
            np.empty(0, "U1"),
            *2 * [np.empty(0, np.bool_)],
        )
        self.versions = [as_live(train(self.prepared.reference, stream.training_settings), 1, 0)]
        self.rolled_back: int | None = None
        self.promoted = self.rejected = self.rollbacks = self.changes = 0

    @property
    def live(self) -> Champion:
        return self.versions[-1]

    def predict(self, rows: np.ndarray) -> np.ndarray:
        return self.live.predict(self.prepared.embedding.embed(rows)[0])

    def learn(self, rows: np.ndarray, targets: np.ndarray) -> None:
        self._remember(rows, targets)
        self._look_back()
        found = challenge(
            self.settings, self.prepared, self.production, self.live, self.rolled_back
        )
        self.reason = found.verdict.reason
        if found.verdict.promote:
            self.promoted += 1
            self.rolled_back = None
            number = int(self.live.number) + 1
            facts = {"learned_since": found.candidate.since, "usual_classifier": found.usual}
            self.changes += found.candidate.since is not None
            self.versions.append(
                as_live(found.candidate.trained, number, len(self.production), **facts)
            )
        else:
            self.rejected += 1

    def _remember(self, rows: np.ndarray, targets: np.ndarray) -> None:
        known, values = self.production, self.prepared.embedding.embed(rows)[0]
        evaluation = self.random.random(len(rows)) < 1 / EVALUATION_SHARE
        self.production = ProductionRows(
            np.arange(1, len(known) + len(rows) + 1),
            np.concatenate([known.values, values]),
            np.concatenate([known.targets, targets]),
            np.concatenate([known.evaluation, evaluation]),
            np.concatenate([known.errors, self.live.predict(values) != targets]),
        )

    def _look_back(self) -> None:
        if len(self.versions) < 2:
            return
        since = self.production.where(self.production.seqs > self.live.trained_through)
        since = since.where(slice(0, WATCHED_ROWS))
        wanted, parent = self.settings.retraining, self.versions[-2]
        if len(since) < wanted.rollback_rows:
            return
        held = self.prepared.holdout
        pairing, of_holdout = (
            self.live.pair_with(parent, rows.values, rows.targets) for rows in (since, held)
        )
        holdout = of_holdout if self.live.learned_since is None else None
        if advise(self.live.number, parent, pairing, holdout, wanted):
            self.versions.pop()
            self.rollbacks += 1
            self.rolled_back = len(self.production)


def as_live(trained: TrainedModel, number: int, through: int, **told: Any) -> Champion:
    facts = {**trained.facts(), **told, "version": f"{number:04}", "production_through": through}
    return Champion(SignedFolder(Path(), facts), trained.scorer())
