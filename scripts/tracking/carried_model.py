"""What a model in MLflow is loaded by: `mlflow.pyfunc.load_model("models:/NAME@champion")`.

It travels with the model, beside a copy of pipeline/, so it imports nothing else of ours.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.data.observation import encode_observation
from pipeline.model.scorer import load_scorer
from pipeline.registry.prepared import embedding_of
from pipeline.registry.signed_folder import SignedFolder


class CarriedModel:
    """Predicts as serving does: a label, its confidence, and the probability of each label."""

    def __init__(self, version: SignedFolder) -> None:
        self._embedding = embedding_of(version)
        self._scorer = load_scorer(version)

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Observations as rows of a table, a column for each feature."""
        del params
        table = pd.DataFrame(model_input)
        rows = table.astype(object).where(table.notna(), None).to_dict("records")
        schema = self._embedding.schema
        numbers = np.array([encode_observation(schema, row) for row in rows], dtype=float)
        vectors, _ = self._embedding.embed(numbers)
        places, shares = self._scorer.score(vectors)
        labels = self._scorer.labels
        told = pd.DataFrame(shares, columns=[f"probability_{label}" for label in labels])
        told.insert(0, "prediction", [labels[place] for place in places])
        told.insert(1, "confidence", shares.max(axis=1))
        return told


def _load_pyfunc(path: str) -> CarriedModel:
    """Called by MLflow with the folder of the version; each file is checked against its digest."""
    folder = Path(path)
    manifest = json.loads((folder / "manifest.json").read_text())
    return CarriedModel(SignedFolder(folder, manifest, tuple(manifest.get("trusted", ()))))
