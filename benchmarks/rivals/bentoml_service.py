"""BentoML's services; run in the environment of BentoML by peers.py."""

import bentoml
import numpy as np

from benchmarks.rivals.scoring import load_onnx, load_scikit


@bentoml.service
class Documented:
    def __init__(self) -> None:
        self.score = load_scikit()

    @bentoml.api
    def predict(self, rows: np.ndarray) -> np.ndarray:
        return self.score(rows)


@bentoml.service(logging={"access": {"enabled": False}}, metrics={"enabled": False})
class Tuned:
    """Row by row: `batchable=True` gave no gain, and refused rows with a low latency limit."""

    def __init__(self) -> None:
        self.score = load_onnx()

    @bentoml.api
    async def predict(self, rows: list[list[float]]) -> list[list[float]]:
        return self.score(rows).tolist()
