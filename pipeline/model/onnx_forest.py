"""Compiles a scikit-learn forest to an ONNX graph that votes exactly as the forest does.

skl2onnx makes a classifier node that sums rounded shares. The regressor node here sums the
probabilities in the leaves, and the sum is divided in float64, as scikit-learn does. It is also
faster.
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


def compile_forest(forest: Any, width: int) -> bytes:
    """The graph: `vectors` (float64) in, `probabilities` (float64) out."""
    classes = len(forest.classes_)
    trees = helper.make_tensor("trees", TensorProto.DOUBLE, [], [float(len(forest.estimators_))])
    graph = helper.make_graph(
        [helper.make_node("Cast", ["vectors"], ["narrow"], to=TensorProto.FLOAT)],
        "forest",
        [helper.make_tensor_value_info("vectors", TensorProto.DOUBLE, [None, width])],
        [helper.make_tensor_value_info("probabilities", TensorProto.DOUBLE, [None, classes])],
        [trees],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    votes = helper.make_node(
        "TreeEnsembleRegressor",
        ["narrow"],
        ["votes"],
        domain="ai.onnx.ml",
        n_targets=classes,
        aggregate_function="SUM",
        post_transform="NONE",
    )
    model.graph.node.append(votes)
    _write_trees(model.graph.node[-1], [tree.tree_ for tree in forest.estimators_])
    model.graph.node.append(helper.make_node("Cast", ["votes"], ["wide"], to=TensorProto.DOUBLE))
    model.graph.node.append(helper.make_node("Div", ["wide", "trees"], ["probabilities"]))
    content: bytes = onnx.ModelProto.SerializeToString(model)
    return content


def _write_trees(node: onnx.NodeProto, trees: list[Any]) -> None:
    """Write the attributes of the node for all trees.

    They are written in place, because adding a protobuf message to another one copies it.
    """
    attributes: dict[str, AttributeProto] = {}
    for place, tree in enumerate(trees):
        for name, (kind, values) in _describe(tree, place).items():
            if name not in attributes:
                attributes[name] = node.attribute.add(name=name, type=KINDS[kind])
            getattr(attributes[name], kind).extend(values.tolist())


def _describe(tree: Any, place: int) -> dict[str, tuple[str, Any]]:
    """The attributes of one tree as arrays, for onnx.helper would check each number."""
    is_leaf = tree.children_left < 0
    leaves = tree.value[:, 0, :]
    voters, targets = np.nonzero(leaves * is_leaf[:, None])
    thresholds = np.where(is_leaf, 0.0, tree.threshold)
    return {
        "nodes_treeids": ("ints", np.full(tree.node_count, place)),
        "nodes_nodeids": ("ints", np.arange(tree.node_count)),
        "nodes_featureids": ("ints", np.where(is_leaf, 0, tree.feature)),
        "nodes_modes": ("strings", np.where(is_leaf, b"LEAF", b"BRANCH_LEQ")),
        "nodes_values": ("floats", _round_down(thresholds)),
        "nodes_truenodeids": ("ints", np.where(is_leaf, 0, tree.children_left)),
        "nodes_falsenodeids": ("ints", np.where(is_leaf, 0, tree.children_right)),
        "target_treeids": ("ints", np.full(len(voters), place)),
        "target_nodeids": ("ints", voters),
        "target_ids": ("ints", targets),
        "target_weights": ("floats", leaves[voters, targets]),
    }


def _round_down(thresholds: Numbers) -> NDArray[np.float32]:
    """The largest float32 that is not above the threshold, so that float32 values compare alike."""
    rounded = thresholds.astype(np.float32)
    return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)
