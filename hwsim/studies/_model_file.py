"""The network that a study is about: given, or read from a file, with a note of dead filters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

import numpy as np

from hwsim.networks import load_network
from hwsim.networks.arrays.options import FileOptions
from hwsim.networks.filter_facts import facts_of
from hwsim.networks.mapped import let_go
from hwsim.networks.network import Layer, Network
from hwsim.networks.reading_steps import Report, unseen
from hwsim.schemes.detection import trained_forms

#: How many layers a note names; a network with more has them in ``hwsim network show``.
_NAMED: Final = 3


def read_model(
    model: str | Path | Network,
    topology: str | Path | None = None,
    input_size: int | tuple[int, int] | None = None,
    options: FileOptions | None = None,
    report: Report = unseen,
) -> Network:
    """Take a network as it is, or read it from a file; ``report`` is told how far it is.

    Trained networks have filters that died; they are counted as they are, and a note says so, as
    a comparison on them rests on less than it seems. In a layer that was trained to few levels
    the scheme makes such filters, and nothing is said. A layer of zeros is as a rule an export
    that went wrong.
    """
    if isinstance(model, Network):
        network = model
    else:
        given = asdict(options or FileOptions())
        network = load_network(model, topology, input_size, **given, report=report)
    notes = _dead(network)
    return replace(network, notes=(*network.notes, *notes)) if notes else network


def _dead(network: Network) -> list[str]:
    """Say which layers and filters have no weight that is not zero."""
    layers: list[str] = []
    filters: list[str] = []
    for layer, dead in _dead_filters(network.layers):
        if dead == layer.filters:
            layers.append(layer.name)
        elif not trained_forms(layer.weight):
            filters.append(f"{layer.name} ({dead} of {layer.filters})")
        let_go(layer.weight)
    notes = []
    if layers:
        notes.append(f"every weight is zero in {_few(layers)}; was the right file exported?")
    if filters:
        notes.append(f"filters whose every weight is zero, counted as they are: {_few(filters)}")
    return notes


def _dead_filters(layers: Sequence[Layer]) -> Iterator[tuple[Layer, int]]:
    """Count the filters whose every weight is zero, in the layers that have some."""
    if not layers:
        return
    facts = [facts_of(layer.weight) for layer in layers]
    dead = np.concatenate([each.largest for each in facts]) == 0
    dead &= np.concatenate([each.smallest for each in facts]) == 0
    places = np.repeat(np.arange(len(facts)), [len(each.largest) for each in facts])
    for place, count in zip(*np.unique(places[dead], return_counts=True), strict=True):
        yield layers[place], int(count)


def _few(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more layers" if more > 0 else "")
