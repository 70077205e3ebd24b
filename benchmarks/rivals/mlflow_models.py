"""Saves the model in MLflow's two flavours; run in the environment of MLflow by peers.py."""

import sys
from pathlib import Path

import joblib
import mlflow
import onnx


def main(folder: Path) -> None:
    pipeline = joblib.load(folder / "pipeline.joblib")
    mlflow.sklearn.save_model(
        pipeline,
        folder / "documented",
        pyfunc_predict_fn="predict_proba",
        skops_trusted_types=["sklearn.tree._tree.Tree"],
    )
    graph = onnx.load(folder / "model.onnx")
    session = {"intra_op_num_threads": 1}
    mlflow.onnx.save_model(graph, folder / "tuned", onnx_session_options=session)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
