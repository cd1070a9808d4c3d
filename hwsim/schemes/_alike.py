"""Layers of one shape, whose weights are worked on together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from hwsim.networks.filter_facts import BLOCK

if TYPE_CHECKING:
    from hwsim.networks.network import Layer


def of_one_shape(layers: Mapping[str, Layer]) -> Iterator[list[str]]:
    """Choose layers whose weights have one shape and type, by their names.

    Each comes once: with so many others that all their weights stay in a core's cache, or alone.
    """
    filled: dict[object, list[str]] = {}
    for name, layer in layers.items():
        weight = layer.weight
        kind = weight.shape, weight.dtype
        names = filled.setdefault(kind, [])
        if names and (len(names) + 1) * weight.size > BLOCK:
            yield names
            names = filled[kind] = []
        names.append(name)
    yield from filled.values()
