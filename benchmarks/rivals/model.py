"""The one model that the rivals serve, and a row to send them; each environment fits its own."""

import sys
from pathlib import Path

import joblib
import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

Features = dict[str, float] | list[float]


def first_row(dataset: str) -> Features:
    if dataset == "digits":
        return [float(value) for value in load_digits().data[0]]
    data = load_breast_cancer()
    return {
        str(name): float(value)
        for name, value in zip(data.feature_names, data.data[0], strict=True)
    }


def fit() -> Pipeline:
    data = load_breast_cancer()
    forest = RandomForestClassifier(n_estimators=100, random_state=0)
    steps = [("scaler", StandardScaler()), ("pca", PCA(0.95, random_state=0)), ("model", forest)]
    return Pipeline(steps).fit(data.data, data.target)


def save(folder: Path) -> None:
    """Write the pipeline whole, and its steps as the course keeps them."""
    folder.mkdir(parents=True, exist_ok=True)
    pipeline = fit()
    joblib.dump(pipeline, folder / "pipeline.joblib")
    for name, step in pipeline.named_steps.items():
        joblib.dump(step, folder / f"{name}.pkl")


def save_onnx(folder: Path) -> None:
    """Write the pipeline as ONNX with probabilities as one array."""
    from skl2onnx import to_onnx  # only the peers have it

    pipeline = joblib.load(folder / "pipeline.joblib")
    row = np.zeros((1, pipeline.n_features_in_), dtype=np.float32)
    graph = to_onnx(pipeline, row, options={"zipmap": False})
    (folder / "model.onnx").write_bytes(graph.SerializeToString())


if __name__ == "__main__":
    save(Path(sys.argv[1]))
    if "--onnx" in sys.argv:
        save_onnx(Path(sys.argv[1]))
