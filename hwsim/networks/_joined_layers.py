"""Geometry and weights joined to layers, whoever says the geometry."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from pathlib import Path

from hwsim.errors import InputError
from hwsim.networks.geometry import Geometry
from hwsim.networks.network import Layer
from hwsim.networks.tensors import Weights


def joined(path: Path, expected: Sequence[Geometry], weights: Weights) -> tuple[Layer, ...]:
    """Make the layers; of those alike the first is looked at.

    Raises
    ------
    InputError
        If a layer has no output, or its groups do not divide its filters.
    """
    first: dict[Hashable, Layer] = {}
    layers: list[Layer] = []
    for geometry in expected:
        weight = weights.get(geometry.name)
        kind = id(geometry.first), None if weight is None else weight.shape
        alike = first.get(kind)
        if alike is None:
            alike = first[kind] = geometry.layer(weight)
            _check_output(path, alike)
            layers.append(alike)
        else:
            weight = alike.weight if weight is None else weight
            layers.append(alike.with_weight(geometry.name, weight))
    return tuple(layers)


def _check_output(path: Path, layer: Layer) -> None:
    if min(layer.output_size) < 1:
        (rows, columns), (high, wide) = layer.input_size, layer.kernel
        raise InputError(
            f"{path}: layer {layer.name!r} has no output: its input is {rows}x{columns}, "
            f"its kernel {high}x{wide}"
        )
    if layer.filters % layer.groups:
        raise InputError(
            f"{path}: layer {layer.name!r}: {layer.groups} groups do not divide "
            f"{layer.filters} filters"
        )
