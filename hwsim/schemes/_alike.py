"""Layers of one shape, whose weights are worked on together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from hwsim.networks.filter_facts import BLOCK

if TYPE_CHECKING:
    from hwsim.networks.network import Layer
    from hwsim.schemes.scheme import Levels, Weight


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


def by_shape(
    layers: Mapping[str, Layer],
    quantize: Callable[[Sequence[str], Sequence[Weight]], Sequence[Levels]],
) -> dict[str, Levels]:
    """Quantise layers, those of one shape together, by a function of their names and weights."""
    made: dict[str, Levels] = {}
    for names in of_one_shape(layers):
        levels = quantize(names, [layers[name].weight for name in names])
        made.update(zip(names, levels, strict=True))
    return {name: made[name] for name in layers}
