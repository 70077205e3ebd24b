"""Compiles scikit-learn's histogram gradient boosting to an ONNX graph.

skl2onnx does not convert it from the newest releases of scikit-learn. The graph compares float64
numbers, as the trees do. It has no branch for missing values, because the embedding fills them.
"""

from typing import Any

import numpy as np
from onnx import TensorProto, helper
from onnx.numpy_helper import from_array


def compile_boosting(boosting: Any, width: int) -> bytes:
    """The graph: `vectors` (float64) in, `probabilities` (float64) out."""
    rounds = boosting._predictors  # lists of one tree for each class, or of one for two classes
    trees = [tree.nodes for trees in rounds for tree in trees]
    outputs = len(rounds[0])
    if any(nodes["is_categorical"].any() for nodes in trees):
        raise ValueError("its trees split categories")
    nodes = [
        helper.make_node(
            "TreeEnsembleRegressor",
            ["vectors"],
            ["sums"],
            domain="ai.onnx.ml",
            n_targets=outputs,
            aggregate_function="SUM",
            post_transform="NONE",
            **_attributes(trees, outputs),
        ),
        helper.make_node("Cast", ["sums"], ["wide"], to=TensorProto.DOUBLE),
        helper.make_node("Add", ["wide", "baseline"], ["raw"]),
        *_to_probabilities(outputs),
    ]
    constants = {"baseline": np.ravel(boosting._baseline_prediction).astype(np.float64)}
    if outputs == 1:
        constants["one"] = np.ones(1)
    graph = helper.make_graph(
        nodes,
        "boosting",
        [helper.make_tensor_value_info("vectors", TensorProto.DOUBLE, [None, width])],
        [helper.make_tensor_value_info("probabilities", TensorProto.DOUBLE, [None, None])],
        [from_array(value, name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    content: bytes = model.SerializeToString()
    return content


def _to_probabilities(outputs: int) -> list[Any]:
    if outputs > 1:
        return [helper.make_node("Softmax", ["raw"], ["probabilities"], axis=1)]
    return [
        helper.make_node("Sigmoid", ["raw"], ["second"]),
        helper.make_node("Sub", ["one", "second"], ["first"]),
        helper.make_node("Concat", ["first", "second"], ["probabilities"], axis=1),
    ]


def _attributes(trees: list[Any], outputs: int) -> dict[str, Any]:
    sizes = [len(nodes) for nodes in trees]
    nodes = np.concatenate(trees)
    tree_ids = np.repeat(np.arange(len(trees)), sizes)
    node_ids = np.concatenate([np.arange(size) for size in sizes])
    leaf = nodes["is_leaf"].astype(bool)
    thresholds = np.where(leaf, 0.0, nodes["num_threshold"])
    return {
        "nodes_treeids": tree_ids,
        "nodes_nodeids": node_ids,
        "nodes_featureids": np.where(leaf, 0, nodes["feature_idx"]),
        "nodes_modes": np.where(leaf, "LEAF", "BRANCH_LEQ").tolist(),
        "nodes_values_as_tensor": from_array(thresholds.astype(np.float64)),
        "nodes_truenodeids": np.where(leaf, 0, nodes["left"]),
        "nodes_falsenodeids": np.where(leaf, 0, nodes["right"]),
        "target_treeids": tree_ids[leaf],
        "target_nodeids": node_ids[leaf],
        "target_ids": (tree_ids % outputs)[leaf],
        "target_weights_as_tensor": from_array(nodes["value"][leaf].astype(np.float64)),
    }
