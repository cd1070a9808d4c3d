"""How often linear layers run: the user's word, and what to say where nothing tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from hwsim.errors import InputError
from hwsim.networks.arrays.layout import neighbours_note
from hwsim.networks.arrays.names import RECURRENT
from hwsim.networks.arrays.options import FileOptions
from hwsim.networks.network import Layer
from hwsim.networks.tensors import Weights


def notes_of_order(weights: Weights, options: FileOptions, ordered: bool) -> Iterator[str]:
    """Note what nothing told of a network of linear layers: their order, and how often they run."""
    order = "the file's order" if ordered else "the order that their names suggest"
    vectors = "input vectors as stated" if options.tokens else "one input vector each"
    yield f"no topology: linear layers only, in {order}, {vectors}"
    if ordered:
        yield from neighbours_note([weight.shape for weight in weights.values()])
    if any(RECURRENT.search(name) and options.vectors(name) is None for name in weights):
        yield "recurrent layers run one time step; --tokens 'GLOB=STEPS' gives a sequence's"


def with_tokens(path: Path, layers: tuple[Layer, ...], options: FileOptions) -> tuple[Layer, ...]:
    """Give linear layers the numbers of vectors that the user states."""
    if not options.tokens:
        return layers
    given = {layer.name: options.vectors(layer.name) for layer in layers}
    for pattern in options.token_patterns:
        if not any(fnmatchcase(la.name, pattern) and la.kind == "linear" for la in layers):
            raise InputError(f"{path}: tokens: no linear layer matches {pattern!r}")
    return tuple(
        replace(layer, vectors=number, input_masks=None)  # masks are of as many vectors as before
        if layer.kind == "linear" and (number := given[layer.name]) not in (None, layer.vectors)
        else layer
        for layer in layers
    )
