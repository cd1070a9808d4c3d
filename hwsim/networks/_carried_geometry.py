"""Check the geometry that a weight file carries against the weights beside it."""

from __future__ import annotations

import math
from pathlib import Path

from hwsim.errors import InputError
from hwsim.networks.geometry import Geometry, check_bounds, shape_text
from hwsim.networks.readers import CarriedGeometry
from hwsim.networks.tensors import Weights

#: Values of the matrix that a product keeps: no array in the file bounds them.
_MOST_OF_A_PRODUCT = 2**30
_RANK = {"conv": 4, "linear": 2, "product": 2}


def check_fit(path: Path, carried: CarriedGeometry, weights: Weights) -> None:
    """Refuse what the geometry and the weights contradict each other in."""
    place = f"{path}: {carried.place}"
    said: dict[int, Geometry] = {}
    for layer in carried.layers:
        said.setdefault(id(layer.first), layer)
    for layer in said.values():
        try:
            check_bounds(layer)
        except ValueError as error:
            raise InputError(f"{place}: layers.{layer.name}: {error}") from None
    names = {layer.name for layer in carried.layers}
    if len(names) < len(carried.layers):
        raise InputError(f"{place}: layers: a name stands twice")
    for name in weights:
        if name not in names:
            raise InputError(f"{place}: layers: {name!r} is missing, its weights are there")
    shapes = [_shape_of(place, layer, weights) for layer in carried.layers]
    for layer, shape in zip(carried.layers, shapes, strict=True):
        shares = layer.input_density_by_channel
        if shares is not None and len(shares) != (channels := shape[1] * layer.groups):
            raise InputError(
                f"{place}: layers.{layer.name}: input_density_by_channel: expected a share for "
                f"each of {channels} channels. Got {len(shares)}"
            )
    for name in carried.quantized_layers or ():
        if name not in names:
            raise InputError(f"{place}: quantized_layers: there is no layer {name!r}")


def _shape_of(place: str, layer: Geometry, weights: Weights) -> tuple[int, ...]:
    """Give the shape of a layer's weights, which the geometry may leave to them."""
    if layer.kind == "product":
        if layer.name in weights or len(layer.shape) != _RANK["product"]:
            raise InputError(
                f"{place}: layers.{layer.name}: a product of activations has no weights, and says "
                "its shape"
            )
        if math.prod(layer.shape) > _MOST_OF_A_PRODUCT:
            raise InputError(
                f"{place}: layers.{layer.name}: {shape_text(layer.shape)} values of a product are "
                f"more than {_MOST_OF_A_PRODUCT:,}"
            )
        return layer.shape
    if layer.name not in weights:
        raise InputError(f"{place}: layers: the file has no weights of {layer.name!r}")
    shape = weights[layer.name].shape
    if len(shape) != _RANK[layer.kind]:
        raise InputError(
            f"{place}: layers.{layer.name}: the weights of a {layer.kind} layer have rank "
            f"{_RANK[layer.kind]}, but these are {shape_text(shape)}"
        )
    if layer.shape and layer.shape != shape:
        raise InputError(
            f"{place}: layers.{layer.name}: says {shape_text(layer.shape)}, but the weights are "
            f"{shape_text(shape)}"
        )
    return shape
