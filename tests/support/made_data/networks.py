"""Small networks as ONNX files: what a backbone that somebody exported looks like from outside."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import StringTensorType
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline

OPSET = 17


def _save(path, nodes, shape, weights=()):
    into = helper.make_tensor_value_info("in", TensorProto.FLOAT, shape)
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, None)
    tensors = [numpy_helper.from_array(array, name) for name, array in weights]
    graph = helper.make_graph(nodes, "backbone", [into], [out], tensors)
    opsets = [helper.make_opsetid("", OPSET)]
    path.write_bytes(
        helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString()
    )
    return path


def save_picture_network(path, side=16, features=12, channels=3, last=False, shape=None):
    """A convolution with weights drawn at random, ReLU, and the mean of each channel."""
    random = np.random.default_rng(0)
    weights = [("w", random.normal(size=(features, channels, 3, 3)).astype(np.float32))]
    first = [helper.make_node("Transpose", ["in"], ["x"], perm=[0, 3, 1, 2])] if last else []
    nodes = [
        *first,
        helper.make_node("Conv", ["x" if last else "in", "w"], ["a"]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("GlobalAveragePool", ["b"], ["c"]),
        helper.make_node("Flatten", ["c"], ["out"]),
    ]
    usual = ["batch", side, side, 3] if last else ["batch", 3, side, side]
    return _save(path, nodes, shape or usual, weights)


def save_sound_network(path, samples="samples"):
    """The mean loudness of a sound, and its mean."""
    nodes = [
        helper.make_node("Abs", ["in"], ["a"]),
        helper.make_node("ReduceMean", ["a"], ["b"], axes=[1]),
        helper.make_node("ReduceMean", ["in"], ["c"], axes=[1]),
        helper.make_node("Concat", ["b", "c"], ["out"], axis=1),
    ]
    return _save(path, nodes, ["batch", samples])


def save_broken_network(path):
    """It answers with what is no number."""
    nodes = [
        helper.make_node("Sub", ["in", "in"], ["a"]),
        helper.make_node("Div", ["in", "a"], ["out"]),
    ]
    return _save(path, nodes, ["batch", "samples"])


def save_text_network(path, texts, features=8):
    """What scikit-learn fits on texts and exports: TF-IDF, reduced."""
    steps = make_pipeline(TfidfVectorizer(), TruncatedSVD(features, random_state=0)).fit(texts)
    types = [("text", StringTensorType([None, 1]))]
    plain = {TfidfVectorizer: {"locale": "C"}}  # English capitals are not known everywhere
    path.write_bytes(convert_sklearn(steps, initial_types=types, options=plain).SerializeToString())
    return path
