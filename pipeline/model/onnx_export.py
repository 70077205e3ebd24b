"""Compiles a trained classifier to an ONNX graph, or says why its own library must serve it."""

from dataclasses import dataclass
from typing import Any

from sklearn.ensemble import HistGradientBoostingClassifier

from pipeline.arrays import Numbers
from pipeline.model.classifier import Model, is_forest
from pipeline.model.onnx_boosting import compile_boosting
from pipeline.model.onnx_forest import compile_forest
from pipeline.model.parity import Parity, check_parity, probe


@dataclass(frozen=True)
class OnnxExport:
    """The graph and its parity; or neither, and why the classifier's own library must serve."""

    content: bytes | None
    parity: Parity | None
    reason: str | None = None


def export_to_onnx(model: Model, around: Numbers, points: int, seed: int) -> OnnxExport:
    """Compile the classifier, and compare both on points around the given vectors.

    If no converter knows it, or if the graph answers differently, its own library serves it.
    """
    width, estimator = around.shape[1], model.estimator
    probes = probe(model, around, points, seed)
    reasons = []
    for convert in _converters(estimator):
        try:
            content = convert(estimator, width)
            return OnnxExport(content, check_parity(model, content, probes))
        except Exception as error:  # converters and the runtime raise anything
            said = str(error).partition("\n")[0][:200]
            reasons.append(f"{type(error).__name__}: {said}")
    return OnnxExport(None, None, f"{type(estimator).__name__} does not compile ({reasons[0]})")


def _converters(estimator: Any) -> list[Any]:
    if is_forest(estimator):
        return [compile_forest]
    if isinstance(estimator, HistGradientBoostingClassifier):
        return [compile_boosting]
    package = type(estimator).__module__.partition(".")[0]
    if package in ("lightgbm", "xgboost"):
        return [_convert_boosted]
    return [_convert_in_double, _convert]


def _convert_in_double(estimator: Any, width: int) -> bytes:
    from skl2onnx.common.data_types import DoubleTensorType

    return _convert(estimator, width, DoubleTensorType)


def _convert(estimator: Any, width: int, kind: Any = None) -> bytes:
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType

    options = {id(estimator): {"zipmap": False}}
    types = [("vectors", (kind or FloatTensorType)([None, width]))]
    graph = to_onnx(estimator, initial_types=types, options=options)
    content: bytes = graph.SerializeToString()
    return content


def _convert_boosted(estimator: Any, width: int) -> bytes:
    """LightGBM and XGBoost, by onnxmltools (an optional requirement)."""
    import onnxmltools
    from onnxmltools.convert.common.data_types import FloatTensorType

    package = type(estimator).__module__.partition(".")[0]
    convert = getattr(onnxmltools, f"convert_{package}")
    further = {"zipmap": False} if package == "lightgbm" else {}
    graph = convert(
        estimator, initial_types=[("vectors", FloatTensorType([None, width]))], **further
    )
    content: bytes = graph.SerializeToString()
    return content
