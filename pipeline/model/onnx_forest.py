"""A scikit-learn forest as an ONNX graph that votes exactly as the forest does.

skl2onnx turns a forest into a classifier node that sums rounded shares. Here each tree adds the
raw probabilities of its leaf and the sum is divided in float64, which is what scikit-learn does,
and the regressor node that does it is also faster.
"""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import AttributeProto, TensorProto, helper

from pipeline.arrays import Numbers

KINDS: dict[str, Any] = {
    "ints": AttributeProto.INTS,
    "floats": AttributeProto.FLOATS,
    "strings": AttributeProto.STRINGS,
}


def forest_to_onnx(forest: Any, width: int) -> bytes:
    """The graph: `vectors` (float64) in, `probabilities` (float64) out."""
    classes = len(forest.classes_)
    votes = helper.make_node(
        "TreeEnsembleRegressor",
        ["narrow"],
        ["votes"],
        domain="ai.onnx.ml",
        n_targets=classes,
        aggregate_function="SUM",
        post_transform="NONE",
    )
    votes.attribute.extend(_attributes([tree.tree_ for tree in forest.estimators_]))
    nodes = [
        helper.make_node("Cast", ["vectors"], ["narrow"], to=TensorProto.FLOAT),
        votes,
        helper.make_node("Cast", ["votes"], ["wide"], to=TensorProto.DOUBLE),
        helper.make_node("Div", ["wide", "trees"], ["probabilities"]),
    ]
    trees = helper.make_tensor("trees", TensorProto.DOUBLE, [], [float(len(forest.estimators_))])
    graph = helper.make_graph(
        nodes,
        "forest",
        [helper.make_tensor_value_info("vectors", TensorProto.DOUBLE, [None, width])],
        [helper.make_tensor_value_info("probabilities", TensorProto.DOUBLE, [None, classes])],
        [trees],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    content: bytes = onnx.ModelProto.SerializeToString(model)
    return content


def _attributes(trees: list[Any]) -> list[AttributeProto]:
    attributes = []
    for name, (kind, values) in _describe(trees).items():
        attribute = AttributeProto(name=name, type=KINDS[kind])
        getattr(attribute, kind).extend(values)
        attributes.append(attribute)
    return attributes


def _describe(trees: list[Any]) -> dict[str, tuple[str, list[Any]]]:
    """The nodes of all trees, column by column; onnx.helper would look at each number."""
    sizes = [tree.node_count for tree in trees]
    tree_ids = np.repeat(np.arange(len(trees)), sizes)
    node_ids = np.concatenate([np.arange(size) for size in sizes])
    left = np.concatenate([tree.children_left for tree in trees])
    right = np.concatenate([tree.children_right for tree in trees])
    features = np.concatenate([tree.feature for tree in trees])
    thresholds = np.concatenate([tree.threshold for tree in trees])
    leaves = np.concatenate([tree.value[:, 0, :] for tree in trees])
    is_leaf = left < 0
    voters, targets = np.nonzero(leaves * is_leaf[:, None])
    modes = np.where(is_leaf, b"LEAF", b"BRANCH_LEQ")
    return {
        "nodes_treeids": ("ints", tree_ids.tolist()),
        "nodes_nodeids": ("ints", node_ids.tolist()),
        "nodes_featureids": ("ints", np.where(is_leaf, 0, features).tolist()),
        "nodes_modes": ("strings", modes.tolist()),
        "nodes_values": ("floats", _round_down(np.where(is_leaf, 0.0, thresholds)).tolist()),
        "nodes_truenodeids": ("ints", np.where(is_leaf, 0, left).tolist()),
        "nodes_falsenodeids": ("ints", np.where(is_leaf, 0, right).tolist()),
        "target_treeids": ("ints", tree_ids[voters].tolist()),
        "target_nodeids": ("ints", node_ids[voters].tolist()),
        "target_ids": ("ints", targets.tolist()),
        "target_weights": ("floats", leaves[voters, targets].tolist()),
    }


def _round_down(thresholds: Numbers) -> NDArray[np.float32]:
    """The largest float32 not above: a float32 value is on the same side of both."""
    rounded = thresholds.astype(np.float32)
    return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)
