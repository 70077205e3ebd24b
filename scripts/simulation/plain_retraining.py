"""Plain retraining, beside the demo: a forest as scikit-learn has it, on all rows, ungated."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.arrays import Numbers
from pipeline.data.observation import encode_observation
from pipeline.data.schema import Value
from pipeline.registry.prepared import load_prepared
from pipeline.registry.registry import ModelRegistry
from pipeline.settings import Settings
from scripts.simulation.row_source import share_correct


class Plain:
    """It is told what Boucle is told, and asked what Boucle is asked."""

    def __init__(self, settings: Settings, artifacts: ModelRegistry) -> None:
        prepared = load_prepared(settings, artifacts)
        self._embedding = prepared.embedding
        self._vectors = [prepared.reference.values]
        self._targets = [prepared.reference.targets]
        self._model: Any = None

    def _embed(self, sent: Sequence[list[Value]]) -> Numbers:
        schema = self._embedding.schema
        return self._embedding.embed(np.array([encode_observation(schema, row) for row in sent]))[0]

    def learn(self, sent: Sequence[list[Value]], targets: Sequence[str]) -> None:
        self._vectors.append(self._embed(sent))
        self._targets.append(np.array(targets))
        self._model = None

    def quality(self, sent: Sequence[list[Value]], targets: Sequence[str]) -> float:
        """The balanced accuracy of a forest that was fitted on all rows so far."""
        from sklearn.ensemble import RandomForestClassifier

        if self._model is None:
            self._model = RandomForestClassifier(random_state=0)
            self._model.fit(np.concatenate(self._vectors), np.concatenate(self._targets))
        said = self._model.predict(self._embed(sent)).tolist()
        return share_correct(list(zip(targets, said, strict=True))) or 0.0
