"""Conditions, loops, scans and functions."""

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from hwsim.errors import InputError
from hwsim.networks.onnx.load import load_onnx
from tests.networks.onnx.graphs import facts, graph, node, read, weights, write

BOOL, INT64 = TensorProto.BOOL, TensorProto.INT64
W = {"w": weights(4, 4), "v": weights(4, 8)}


def _branches() -> list[object]:
    small = graph([node("MatMul", ["x", "w"], ["a"], "small")], {}, ["a"])
    large = graph([node("MatMul", ["x", "v"], ["b"], "large")], {}, ["b"])
    return [node("If", ["c"], ["y"], "if", then_branch=small, else_branch=large)]


@pytest.mark.parametrize(("taken", "name", "macs"), [(1, "small", 48), (0, "large", 96)])
def test_the_branch_that_is_taken(tmp_path: Path, taken: int, name: str, macs: int) -> None:
    nodes = [node("Equal", ["r", "k"], ["c"]), *_branches()]
    shapes = {"x": [3, 4], "r": ([], INT64)}
    arrays = {**W, "k": np.array(16000, np.int64)}
    rate = 16000 if taken else 8000
    network = read(tmp_path, nodes, shapes, arrays, values=[f"r={rate}"])
    assert facts(network) == [(name, "linear", macs)]
    assert [each.reason for each in network.uncounted if each.name in "wv"] == ["not reached"]


def test_a_branch_that_depends_on_the_input_is_listed(tmp_path: Path) -> None:
    nodes = [*_branches(), node("MatMul", ["x", "w"], ["z"], "after")]
    network = read(tmp_path, nodes, {"x": [3, 4], "c": ([], BOOL)}, W, outputs=["y", "z"])
    assert facts(network) == [("after", "linear", 48)]
    (branch, array) = network.uncounted
    assert (branch.name, branch.reason) == ("if", "operator that was not taken")
    assert branch.macs == 96
    assert (array.name, array.reason) == ("v", "operator that was not taken")
    assert "If 'if': 96 MACs are not counted: its condition depends on the input" in network.notes


def test_what_both_branches_give_is_known(tmp_path: Path) -> None:
    def branch(kind: str, name: str) -> object:
        return graph([node(kind, ["x"], [name])], {}, [name])

    same = node("If", ["c"], ["y"], then_branch=branch("Relu", "a"), else_branch=branch("Abs", "b"))
    network = read(
        tmp_path,
        [same, node("MatMul", ["y", "w"], ["z"], "after")],
        {"x": [3, 4], "c": ([], BOOL)},
        W,
        outputs=["z"],
    )
    assert facts(network) == [("after", "linear", 48)]


def test_a_loop_of_many_growing_trips_is_listed(tmp_path: Path) -> None:
    body = [node("MatMul", ["s", "w"], ["t"], "m"), node("Concat", ["t", "x"], ["u"], axis=0)]
    nodes = [_loop(["u"], body), node("MatMul", ["x", "v"], ["z"], "after")]
    arrays = {**W, "n": np.array(10_001, np.int64)}
    network = read(tmp_path, nodes, {"x": [2, 4]}, arrays, outputs=["y", "z"])
    assert network.uncounted[0].macs == 10_001 * 32
    assert any("10,001 trips of changing shapes" in note for note in network.notes)


def _loop(carried: list[str], body_nodes: list[object], grows: bool = False) -> object:
    body = helper.make_graph(
        body_nodes,
        "body",
        [
            helper.make_tensor_value_info("i", INT64, []),
            helper.make_tensor_value_info("go", BOOL, []),
            helper.make_tensor_value_info("s", 1, None),
        ],
        [helper.make_tensor_value_info("go", BOOL, [])]
        + [helper.make_tensor_value_info(name, 1, None) for name in carried],
    )
    return node("Loop", ["n", "", "x"], ["y", "all"][: len(carried)], "loop", body=body)


def test_a_loop_is_followed_once_for_all_trips(tmp_path: Path) -> None:
    loop = _loop(["t", "u"], [node("MatMul", ["s", "w"], ["t"], "m"), node("Relu", ["t"], ["u"])])
    after = node("MatMul", ["all", "v"], ["z"], "after")
    arrays = {**W, "n": np.array(5, np.int64)}
    network = read(tmp_path, [loop, after], {"x": [3, 4]}, arrays, outputs=["z"])
    assert facts(network) == [("m", "linear", 5 * 48), ("after", "linear", 5 * 96)]


def test_a_loop_whose_state_grows_is_followed_trip_by_trip(tmp_path: Path) -> None:
    body = [
        node("MatMul", ["s", "w"], ["t"], "m"),
        node("Concat", ["t", "x"], ["u"], axis=0),
    ]
    arrays = {**W, "n": np.array(3, np.int64)}
    network = read(tmp_path, [_loop(["u"], body)], {"x": [2, 4]}, arrays)
    assert facts(network) == [("m", "linear", (2 + 4 + 6) * 16)]


def test_a_loop_of_unknown_length_is_listed_with_one_trip(tmp_path: Path) -> None:
    loop = _loop(["t"], [node("MatMul", ["s", "w"], ["t"], "m")])
    nodes = [loop, node("MatMul", ["x", "v"], ["z"], "after")]
    network = read(tmp_path, nodes, {"x": [3, 4], "n": ([], INT64)}, W, outputs=["y", "z"])
    assert facts(network) == [("after", "linear", 96)]
    assert network.uncounted[0].macs == 48
    assert (
        "Loop 'loop': 48 MACs of a trip are not counted: its number of trips depends on the input"
        in network.notes
    )


def test_no_trips_are_no_layers(tmp_path: Path) -> None:
    loop = _loop(["t"], [node("MatMul", ["s", "w"], ["t"], "m")])
    nodes = [loop, node("MatMul", ["y", "v"], ["z"], "after")]
    arrays = {**W, "n": np.array(0, np.int64)}
    assert facts(read(tmp_path, nodes, {"x": [3, 4]}, arrays, outputs=["z"])) == [
        ("after", "linear", 96)
    ]


def test_a_scan_runs_for_each_slice(tmp_path: Path) -> None:
    body = helper.make_graph(
        [node("MatMul", ["r", "w"], ["p"], "m"), node("Add", ["p", "s"], ["t"])],
        "body",
        [helper.make_tensor_value_info(name, 1, None) for name in ("s", "r")],
        [helper.make_tensor_value_info(name, 1, None) for name in ("t", "p")],
    )
    scan = node("Scan", ["h", "x"], ["y", "all"], body=body, num_scan_inputs=1)
    after = node("MatMul", ["all", "v"], ["z"], "after")
    network = read(tmp_path, [scan, after], {"h": [1, 4], "x": [6, 1, 4]}, W, outputs=["z"])
    assert facts(network) == [("m", "linear", 6 * 16), ("after", "linear", 6 * 32)]


def test_scans_of_old_are_refused(tmp_path: Path) -> None:
    body = graph([node("MatMul", ["r", "w"], ["t"])], {"r": None}, ["t"])
    scan = node("Scan", ["", "x"], ["y"], "s", body=body, num_scan_inputs=1)
    with pytest.raises(InputError, match=r"'s': Scan is read from opset 9 on; see onnx\.v"):
        read(tmp_path, [scan], {"x": [1, 6, 4]}, W)


def test_functions_of_the_model_are_put_in_place(tmp_path: Path) -> None:
    twice = helper.make_function(
        "own",
        "Twice",
        ["a", "k"],
        ["c"],
        [node("MatMul", ["a", "k"], ["b"]), node("MatMul", ["b", "k"], ["c"])],
        [helper.make_opsetid("", 17)],
    )
    whole = graph([node("Twice", ["x", "w"], ["y"], domain="own")], {"x": [3, 4]}, ["y"], W)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    model = helper.make_model(whole, opset_imports=opsets, functions=[twice], ir_version=8)
    path = tmp_path / "m.onnx"
    path.write_bytes(model.SerializeToString())
    network = load_onnx(path)
    assert [(layer.vectors, layer.macs) for layer in network.layers] == [(6, 96)]
    assert write(tmp_path / "n.onnx", whole, own=1).exists()
