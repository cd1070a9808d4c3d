"""Shapes and constants of an operator's outputs, from those of its inputs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError, one_line
from hwsim.networks.onnx import qonnx
from hwsim.networks.onnx.values import Shape, Value

#: Arrays of up to so many elements may decide a shape: sizes, axes, scales.
_SMALL: Final = 4096
#: A larger constant (2 GiB of floats) stays unknown rather than being held in memory.
_LARGEST: Final = 2**29
#: Operators that onnx computes from a version on; before it they had fewer options.
_REFERENCE_FROM: Final = {"DequantizeLinear": 19, "QuantizeLinear": 19}
#: Operators whose outputs differ at each run.
_RANDOM: Final = frozenset(
    {
        *("RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"),
        *("Multinomial", "Bernoulli"),
    }
)
#: Of onnxruntime, element by element.
_ELEMENTWISE: Final = (
    ("BiasGelu", "FastGelu", "Gelu", "QuickGelu", "QLinearLeakyRelu", "QLinearSigmoid"),
    ("QuantizeLinear", "DequantizeLinear", "LayerNormalization", "SkipLayerNormalization"),
    ("SimplifiedLayerNormalization", "SkipSimplifiedLayerNormalization"),
    ("GroupNorm", "RotaryEmbedding"),
)
#: Outputs are of the shape of the first input; onnx infers none for these.
_SHAPE_OF_FIRST: Final = frozenset(
    {(domain, kind) for domain in qonnx.DOMAINS for kind in qonnx.QUANTISERS}
    | {("", "GroupNormalization"), ("", "InstanceNormalization")}
    | {("com.microsoft", kind) for kinds in _ELEMENTWISE for kind in kinds}
)
_BROADCAST: Final = frozenset({("com.microsoft", "QLinearAdd"), ("com.microsoft", "QLinearMul")})


def outputs_of(
    node: Any, inputs: Sequence[Value | None], opsets: Mapping[str, int], ir_version: int
) -> list[Value]:
    """Say what is known of the outputs of an operator.

    Parameters
    ----------
    node : onnx.NodeProto
        The operator; none with a graph inside.
    inputs : sequence of Value or None
        In its order, None where an optional one is left out.
    opsets : mapping
        Versions by domain.
    ir_version : int
        Of the model.

    Returns
    -------
    list of Value
        One for each output.

    Raises
    ------
    InputError
        If the operator contradicts the shapes that it is given.
    """
    inferred = _inferred(node, inputs, opsets, ir_version)
    present = [each for each in inputs if each is not None]
    sources = frozenset().union(*(each.sources for each in present))
    if node.op_type == "Shape" and present and present[0].shape is not None:
        return [_constant(_shape_of(node, present[0].shape), frozenset())]
    if node.op_type == "Size" and present and present[0].shape is not None:
        return [_constant(np.array(math.prod(present[0].shape), np.int64), frozenset())]
    if node.op_type in _RANDOM or not all(each.constant for each in present):
        return inferred
    if any(each.shape is not None and math.prod(each.shape) > _LARGEST for each in inferred):
        return inferred
    arrays = _folded(node, [None if v is None else v.array for v in inputs], opsets, ir_version)
    if arrays is None:  # whoever needs the elements refuses it
        return [replace(each, sources=sources) for each in inferred]
    return [_constant(array, sources) for array in arrays]


def _constant(array: NDArray[Any], sources: frozenset[str]) -> Value:
    from onnx import helper

    element = helper.np_dtype_to_tensor_dtype(array.dtype)
    return Value(array.shape, int(element), array, sources)


def _shape_of(node: Any, shape: Shape) -> NDArray[np.int64]:
    attributes = attributes_of(node)
    return np.array(shape[attributes.get("start", 0) : attributes.get("end")], np.int64)


def attributes_of(node: Any) -> dict[str, Any]:
    """Give the attributes of a node as Python's values."""
    from onnx import helper

    return {each.name: helper.get_attribute_value(each) for each in node.attribute}


def _folded(
    node: Any,
    arrays: list[NDArray[Any] | None],
    opsets: Mapping[str, int],
    ir_version: int,
) -> list[NDArray[Any]] | None:
    """Compute an operator on constants; None where nobody knows how."""
    if node.domain in qonnx.DOMAINS and node.op_type in qonnx.QUANTISERS:
        given = [array for array in arrays if array is not None]
        return [qonnx.quantised(node.op_type, given, attributes_of(node))]
    if node.op_type == "Identity":
        return [a for a in arrays if a is not None]
    from onnx import helper
    from onnx.reference import ReferenceEvaluator

    names = [name for name in node.input if name]
    graph = helper.make_graph(
        [node],
        "constants",
        [helper.make_value_info(name, _any_type()) for name in dict.fromkeys(names)],
        [helper.make_value_info(name, _any_type()) for name in node.output if name],
    )
    versions = dict(opsets)
    if not node.domain:
        versions[""] = max(versions[""], _REFERENCE_FROM.get(node.op_type, 0))
    opset = [helper.make_opsetid(domain, version) for domain, version in versions.items()]
    model = helper.make_model(graph, opset_imports=opset, ir_version=ir_version)
    feeds = {name: a for name, a in zip(node.input, arrays, strict=True) if a is not None}
    try:
        found = ReferenceEvaluator(model).run(None, feeds)
    except Exception:  # an operator that the reference lacks, or an option of it
        return None
    if not all(isinstance(each, np.ndarray | np.generic) for each in found):
        return None
    by_name = dict(zip([name for name in node.output if name], found, strict=True))
    empty = np.empty(0, np.float32)
    return [np.asarray(by_name.get(name, empty)) for name in node.output]


def _any_type() -> Any:
    from onnx import TypeProto

    return TypeProto()


def _inferred(
    node: Any, inputs: Sequence[Value | None], opsets: Mapping[str, int], ir_version: int
) -> list[Value]:
    unknown = [Value(None) for _ in node.output]
    first = inputs[0] if inputs else None
    if (node.domain, node.op_type) in _SHAPE_OF_FIRST:
        return [Value(first.shape, first.element) if first else Value(None), *unknown[1:]]
    if (node.domain, node.op_type) in _BROADCAST:
        shapes = [v.shape for v in (first, inputs[3]) if v is not None and v.shape is not None]
        if first is not None and len(shapes) == 2:
            return [Value(np.broadcast_shapes(*shapes), first.element)]
    return _by_onnx(node, inputs, opsets, ir_version) or unknown


def _by_onnx(
    node: Any, inputs: Sequence[Value | None], opsets: Mapping[str, int], ir_version: int
) -> list[Value] | None:
    from onnx import defs, helper, shape_inference

    domain = "" if node.domain == "ai.onnx" else node.domain
    if domain not in opsets or not defs.has(node.op_type, domain):
        return None
    known = {n: v for n, v in zip(node.input, inputs, strict=True) if v is not None}
    if not all(value.element for value in known.values()):
        return None  # a sequence, a map, or what an unknown operator gave
    try:
        types = shape_inference.infer_node_outputs(
            defs.get_schema(node.op_type, opsets[domain], domain),
            node,
            {name: helper.make_tensor_type_proto(v.element, v.shape) for name, v in known.items()},
            {name: _tensor(v) for name, v in known.items() if _small(v)},
            opset_imports=[helper.make_opsetid(d, version) for d, version in opsets.items()],
            ir_version=ir_version,
        )
    except shape_inference.InferenceError as error:
        reason = one_line(error).removeprefix("[ShapeInferenceError] ")
        raise InputError(f"operator {label(node)}: {reason[:160]}") from error
    return [_value(types.get(name)) for name in node.output]


def label(node: Any) -> str:
    """Name an operator for people: its name, else its kind and output."""
    return repr(node.name) if node.name else f"{node.op_type} of {node.output[0]!r}"


def _small(value: Value) -> bool:
    return value.array is not None and value.array.size <= _SMALL


def _tensor(value: Value) -> Any:
    from onnx import numpy_helper

    return numpy_helper.from_array(np.asarray(value.array))


def _value(kind: Any) -> Value:
    if kind is None or not kind.HasField("tensor_type"):
        return Value(None)
    tensor = kind.tensor_type
    if not tensor.HasField("shape"):
        return Value(None, tensor.elem_type)
    sizes = tuple(d.dim_value if d.HasField("dim_value") else -1 for d in tensor.shape.dim)
    return Value(sizes if min(sizes, default=0) >= 0 else None, tensor.elem_type)
