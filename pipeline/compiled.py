"""Compiles a trained classifier to an ONNX graph, or says why it stays with scikit-learn."""

from dataclasses import dataclass
from typing import Any

from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

from pipeline.embedding import Numbers
from pipeline.forest import compile_forest
from pipeline.parity import Parity, ask, prove


@dataclass(frozen=True)
class Compiled:
    """The graph and its parity; or neither, and why scikit-learn itself must serve."""

    content: bytes | None
    parity: Parity | None
    reason: str | None = None


def compile_classifier(model: Any, around: Numbers, points: int, seed: int) -> Compiled:
    """Compile and prove on points around the given vectors.

    A forest is compiled by ourselves: one that is not equal raises ParityBroken. What skl2onnx
    cannot convert, or not faithfully, is left to scikit-learn.
    """
    width = around.shape[1]
    probes = ask(model, around, points, seed)
    if isinstance(model, RandomForestClassifier | ExtraTreesClassifier):
        content = compile_forest(model, width)
        return Compiled(content, prove(model, content, probes))
    reasons = []
    for in_double in (True, False):
        try:
            content = _convert(model, width, in_double)
            return Compiled(content, prove(model, content, probes))
        except Exception as error:  # converters and the runtime raise whatever they meet
            said = str(error).partition("\n")[0][:200]
            reasons.append(f"{type(error).__name__}: {said}")
    return Compiled(None, None, f"{type(model).__name__} does not compile ({reasons[0]})")


def _convert(model: Any, width: int, in_double: bool) -> bytes:
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType

    kind = DoubleTensorType if in_double else FloatTensorType
    options = {id(model): {"zipmap": False}}
    graph = to_onnx(model, initial_types=[("vectors", kind([None, width]))], options=options)
    content: bytes = graph.SerializeToString()
    return content
