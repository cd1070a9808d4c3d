"""Calls of operations, in the order of execution, become layers: one for all calls alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from hwsim.networks.graphs.masks import Bools, joined
from hwsim.networks.network import Layer

#: What of a layer says how often it is called, by its kind.
_COUNT = {"conv": "images", "linear": "vectors", "product": "groups"}


class Calls:
    """Layers as they are called; the same weights on the same sizes are one layer."""

    def __init__(self) -> None:
        self._layers: list[Layer] = []
        self._masks: list[list[Bools | None]] = []  # of each call, joined when all are there
        self._by_name: dict[str, list[int]] = {}

    def add(self, layer: Layer, times: int = 1) -> str:
        """Take a call, and give the name of its layer.

        Parameters
        ----------
        layer : Layer
            What one call computes.
        times : int
            How often it is made.
        """
        masks = [layer.input_masks] * times
        called = repeated(replace(layer, input_masks=None), times)
        known = self._by_name.setdefault(layer.name, [])
        for index in known:
            if _alike(self._layers[index], called):
                self._layers[index] = _joined(self._layers[index], called)
                self._masks[index] += masks
                return self._layers[index].name
        if known:
            called = replace(called, name=f"{layer.name}#{len(known) + 1}")
        known.append(len(self._layers))
        self._layers.append(called)
        self._masks.append(masks)
        return called.name

    def layers(self) -> tuple[Layer, ...]:
        """Give the layers in the order of their first call."""
        return tuple(map(_with_masks, self._layers, self._masks))

    def __iter__(self) -> Iterator[Layer]:
        return iter(self._layers)


def _with_masks(layer: Layer, calls: list[Bools | None]) -> Layer:
    """Give a layer the masks of its calls, if they are known of all."""
    known = [each for each in calls if each is not None]
    if len(known) < len(calls) or len({len(each) for each in known}) > 1:
        return layer
    return replace(layer, input_masks=joined(layer, known))


def repeated(layer: Layer, times: int) -> Layer:
    """Let a layer be called more often."""
    if layer.kind == "product":
        shares = layer.input_density_by_channel
        whole = _product(layer, layer.groups * times)
        return replace(
            whole,
            input_density=layer.input_density,
            input_density_by_channel=None if shares is None else shares * times,
        )
    count = _COUNT[layer.kind]
    return replace(layer, **{count: getattr(layer, count) * times})


def _alike(one: Layer, other: Layer) -> bool:
    count = _COUNT[one.kind]
    if one.kind != other.kind or one.weight.shape[1:] != other.weight.shape[1:]:
        return False
    if one.kind == "product":
        return (one.filters // one.groups, one.vectors) == (
            other.filters // other.groups,
            other.vectors,
        )
    fields = ("stride", "padding", "padding_end", "dilation", "groups", "input_size", "vectors")
    same = all(getattr(one, name) == getattr(other, name) for name in fields if name != count)
    return same and (one.weight is other.weight or np.array_equal(one.weight, other.weight))


def _joined(one: Layer, other: Layer) -> Layer:
    count = _COUNT[one.kind]
    first, second = getattr(one, count), getattr(other, count)
    together = _product(one, first + second) if one.kind == "product" else one
    densities = _densities(one, other, second / (first + second))
    return replace(together, **{count: first + second}, **densities)


def _densities(one: Layer, other: Layer, share: float) -> dict[str, Any]:
    """Join measured densities, the other's with its share of the calls."""
    if one.input_density is None or other.input_density is None:
        return {"input_density": None, "input_density_by_channel": None}
    first, second = one.input_density_by_channel, other.input_density_by_channel
    by_channel: tuple[float, ...] | None = None
    if first is not None and second is not None:
        pairs = zip(first, second, strict=False)
        mixed = tuple((1 - share) * a + share * b for a, b in pairs)
        by_channel = first + second if one.kind == "product" else mixed
    mean = (1 - share) * one.input_density + share * other.input_density
    return {"input_density": mean, "input_density_by_channel": by_channel}


def _product(layer: Layer, groups: int) -> Layer:
    filters = layer.filters // layer.groups
    return Layer.product(layer.name, filters, layer.reduction, layer.vectors, groups)
