"""Loops of a graph: their bodies as often as they run, where the number of trips is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from hwsim.errors import InputError
from hwsim.networks.onnx.follower import Follower, Known
from hwsim.networks.onnx.inference import attributes_of, label
from hwsim.networks.onnx.values import Value

#: A loop whose state changes its shape is followed trip by trip, up to so many.
_MOST_TRIPS: Final = 10_000
#: onnx.TensorProto.DataType
_INT64: Final = 7
_BOOL: Final = 9


def follow_loop(
    walk: Follower, node: Any, inputs: list[Value | None], known: Known, times: int
) -> list[Value]:
    """Follow ``Loop``: number of trips, condition, and what is carried from trip to trip.

    The body is followed once for all trips where the state keeps its shape, else trip by trip.
    Where the number of trips or the condition depends on the input, the loop is listed with the
    multiply-accumulates of one trip.
    """
    body = attributes_of(node)["body"]
    names = [each.name for each in body.input]
    carried = [each or Value(None) for each in inputs[2:]]
    trips = _number(inputs[0])
    going = inputs[1] is None or _number(inputs[1]) == 1
    alike = [replace(each, array=None, sources=frozenset()) for each in carried]
    on = Value((), _BOOL, np.array(True))
    same = {**known, **dict(zip(names, [Value((), _INT64), on, *alike], strict=True))}
    outputs, aside = walk.aside(body, same, times)
    if trips is None or not going or _number(outputs[0]) != 1:
        walk.not_taken(node, aside.macs, "its number of trips depends on the input", " of a trip")
        return [Value(None) for _ in node.output]
    kept = [each.shape for each in outputs[1 : len(alike) + 1]] == [each.shape for each in alike]
    if trips and kept and not aside.unknown and not aside.needed:
        outputs = walk.graph(body, same, times * trips)
        return [*outputs[1 : len(alike) + 1], *_stacked(outputs[len(alike) + 1 :], trips)]
    if trips > _MOST_TRIPS:
        walk.not_taken(node, aside.macs * trips, f"{trips:,} trips of changing shapes")
        return [Value(None) for _ in node.output]
    state = carried
    for trip in range(trips):
        number = Value((), _INT64, np.array(trip, np.int64))
        here = {**known, **dict(zip(names, [number, on, *state], strict=True))}
        state = walk.graph(body, here, times)[1 : len(carried) + 1]
    return [*state, *(Value(None) for _ in node.output[len(state) :])]


def follow_scan(
    walk: Follower, node: Any, inputs: list[Value | None], known: Known, times: int
) -> list[Value]:
    """Follow ``Scan``: its body once for each slice of what it scans."""
    attributes = attributes_of(node)
    body, scanned = attributes["body"], int(attributes["num_scan_inputs"])
    states = [each or Value(None) for each in inputs[: len(inputs) - scanned]]
    rows = [each or Value(None) for each in inputs[len(inputs) - scanned :]]
    axes = attributes.get("scan_input_axes", [0] * scanned)
    extents = {v.shape[a] for v, a in zip(rows, axes, strict=True) if v.shape is not None}
    alike = [replace(each, array=None) for each in states]
    slices = [
        Value(None if v.shape is None else _without(v.shape, axis), v.element)
        for v, axis in zip(rows, axes, strict=True)
    ]
    names = [each.name for each in body.input]
    if len(names) != len(inputs):
        raise InputError(
            f"operator {label(node)}: Scan is read from opset 9 on; see onnx.version_converter"
        )
    here = {**known, **dict(zip(names, [*alike, *slices], strict=True))}
    if len(extents) != 1:
        _, aside = walk.aside(body, here, times)
        walk.not_taken(node, aside.macs, "what it scans has no known extent", " of a trip")
        return [Value(None) for _ in node.output]
    (trips,) = extents
    outputs = walk.graph(body, here, times * trips)
    return [*outputs[: len(states)], *_stacked(outputs[len(states) :], trips)]


def _number(value: Value | None) -> int | None:
    if value is None or value.array is None or value.array.size != 1:
        return None
    return int(value.array.reshape(-1)[0])


def _without(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    sizes = list(shape)
    del sizes[axis]
    return tuple(sizes)


def _stacked(outputs: list[Value], trips: int) -> list[Value]:
    return [
        Value(None if each.shape is None else (trips, *each.shape), each.element)
        for each in outputs
    ]
