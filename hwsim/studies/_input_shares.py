"""The share of each layer's input that is not zero: measured, stated, or from a file."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError, did_you_mean
from hwsim.networks.network import Layer, Network
from hwsim.plain_number import plain_float
from hwsim.workload import Activations
from hwsim.workload.lower import expected_of

MEASURED: Final = "measured"
DENSE: Final = "dense"
_COLUMNS: Final = ["layer", "share"]


@dataclass(frozen=True)
class InputShares:
    """What share of the inputs of layers is expected not to be zero.

    Parameters
    ----------
    common : float
        Of the layers that have none of their own, above 0 to 1; of all that streams, zeros of the
        padding included.
    by_layer : mapping of str to float
        Of the inputs of the others, without their padding.
    source : str or None
        Where those come from; None if there are none.
    by_channel : mapping of str to tuple of float
        Of the channels of the layers of which that is known, too.
    """

    common: float = 1.0
    by_layer: Mapping[str, float] = field(default_factory=dict)
    source: str | None = None
    by_channel: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def of(self, layer: Layer) -> float:
        """Give the share of a layer, above 0 to 1.

        An input of nothing but zeros is taken as one with a single value: no engine streams none.
        """
        share = self.by_layer.get(layer.name, self.common)
        return max(share, 1 / math.prod(layer.input_shape))

    @cached_property
    def _alike(self) -> Activations:
        return Activations(self.common)

    def activations(self, layer: Layer) -> Activations:
        """Say what is known of what streams past the weights of a layer.

        Where the share of the input itself is known, the zeros of its padding are zeros besides.
        """
        if layer.name not in self.by_layer:
            return self._alike
        return expected_of(layer, self.of(layer), self.by_channel.get(layer.name))


def names_masks(wanted: str | Path | None) -> bool:
    """Whether a request's ``activations`` are a file of the inputs themselves."""
    if wanted is None or wanted in (MEASURED, DENSE) or _number(wanted) is not None:
        return False
    return Path(wanted).suffix.lower() != ".csv"


def measured_masks(wanted: str | Path | None, chosen: Network) -> dict[str, NDArray[np.bool_]]:
    """Give where inputs were not zero, of the layers of which the network carries that.

    Parameters
    ----------
    wanted, chosen
        As for :func:`input_shares`; only what is measured is taken from the network.
    """
    if wanted not in (None, MEASURED):
        return {}
    return {
        layer.name: layer.input_masks for layer in chosen.layers if layer.input_masks is not None
    }


def input_shares(wanted: str | Path | None, network: Network, chosen: Network) -> InputShares:
    """Find the shares that a request asks for.

    Parameters
    ----------
    wanted : str, Path or None
        ``measured``: those that the network carries, and all layers have to have one; ``dense``; a
        share for all layers; a ``.csv`` file with the columns ``layer`` and ``share``; None: those
        that the network carries, the others are dense.
    network : Network
        The whole of it: its layers may be in the file.
    chosen : Network
        The layers to evaluate: all of them have to be.

    Raises
    ------
    InputError
        If the file cannot be used, a share is none, or one is missing.
    """
    if wanted == DENSE:
        return InputShares()
    if wanted is None or wanted == MEASURED:
        return _measured(chosen, every=wanted is not None)
    share = _number(wanted)
    if share is None:
        return _from_file(Path(wanted), network, chosen)
    if not 0 < share <= 1:
        raise InputError(f"activations {wanted}: expected a share above 0, at most 1")
    return InputShares(share)


def _measured(chosen: Network, every: bool) -> InputShares:
    known = {
        layer.name: layer.input_density
        for layer in chosen.layers
        if layer.input_density is not None
    }
    missing = [
        layer.name
        for layer in chosen.layers
        if layer.name not in known and layer.input_masks is None
    ]
    if every and missing:
        raise InputError(
            f"activations measured: nobody has measured the input of layer {missing[0]!r} of "
            f"{chosen.name} ({len(missing)} of {len(chosen.layers)} layers); import the network "
            "with data, or give a share, dense or a file"
        )
    by_channel = {
        layer.name: layer.input_density_by_channel
        for layer in chosen.layers
        if layer.input_density_by_channel is not None
    }
    masks = any(layer.input_masks is not None for layer in chosen.layers)
    source = MEASURED if known or masks else None
    return InputShares(1.0, known, source, by_channel)


def _number(wanted: str | Path) -> float | None:
    try:
        return plain_float(wanted) if isinstance(wanted, str) else None
    except ValueError:
        return None


def _from_file(path: Path, network: Network, chosen: Network) -> InputShares:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read ({error})") from error
    if not rows or rows[0] != _COLUMNS:
        raise InputError(f"{path}, line 1: expected the columns {','.join(_COLUMNS)}")
    names = [layer.name for layer in network.layers]
    found: dict[str, float] = {}
    for line, row in enumerate(rows[1:], 2):
        if not row:
            continue
        share = _number(row[1]) if len(row) == len(_COLUMNS) else None
        if share is None or not 0 <= share <= 1:
            raise InputError(
                f"{path}, line {line}: expected a layer and a share from 0 to 1. Got {row!r:.80}"
            )
        if row[0] not in names or row[0] in found:
            problem = "stands twice" if row[0] in found else "is no layer of the network"
            hint = "" if row[0] in found else did_you_mean(row[0], names)
            raise InputError(f"{path}, line {line}: {row[0]!r} {problem}{hint}")
        found[row[0]] = share
    for layer in chosen.layers:
        if layer.name not in found:
            raise InputError(
                f"{path}: no share of layer {layer.name!r}; give one for every layer, or leave "
                "layers out (--layers)"
            )
    return InputShares(1.0, {layer.name: found[layer.name] for layer in chosen.layers}, str(path))
