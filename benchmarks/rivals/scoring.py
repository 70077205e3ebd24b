"""The saved model as one function of rows, with scikit-learn or ONNX Runtime; used by the peers."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np

Score = Callable[[Any], Any]
FOLDER = Path(os.environ.get("MODEL_FOLDER", "."))


def load_scikit() -> Score:
    score: Score = joblib.load(FOLDER / "pipeline.joblib").predict_proba
    return score


def load_onnx() -> Score:
    import onnxruntime  # slow, and only the tuned peers want it

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(FOLDER / "model.onnx", options)
    name = session.get_inputs()[0].name
    outputs = ["probabilities"]
    return lambda rows: session.run(outputs, {name: np.asarray(rows, np.float32)})[0]
