"""MLServer's runtime for the ONNX model; loaded in the environment of MLServer by peers.py."""

import numpy as np
from mlserver import MLModel
from mlserver.types import InferenceRequest, InferenceResponse, ResponseOutput

from benchmarks.rivals.scoring import load_onnx


class OnnxModel(MLModel):
    async def load(self) -> bool:
        self.score = load_onnx()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        rows = payload.inputs[0]
        scores = self.score(np.reshape(rows.data.root, rows.shape))
        output = ResponseOutput(
            name="predict_proba",
            shape=list(scores.shape),
            datatype="FP32",
            data=scores.ravel().tolist(),
        )
        return InferenceResponse(model_name=self.name, outputs=[output])
