"""What quantisation did to a network, one row a layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.networks.statistics import count_unique_of_all
from hwsim.schemes.alike_levels import AlikeLevels
from hwsim.schemes.quantized import QuantizedLayer, QuantizedNetwork
from hwsim.schemes.quantized_layers import QuantizedLayers

#: What is said of a layer, by column.
LayerRow = dict[str, str | int | float]
#: What is said of values that are too many to count.
_MANY: Final = "float"


def describe(quantized: QuantizedNetwork) -> list[LayerRow]:
    """Tabulate what quantisation did; ``pandas.DataFrame(describe(q))`` makes a table of it.

    Parameters
    ----------
    quantized : QuantizedNetwork
        A network under a scheme.

    Returns
    -------
    list of dict
        One row a layer, in order:

        - ``layer``, ``scheme``: names;
        - ``weights``: how many;
        - ``density``: share that is not zero, 0 to 1;
        - ``unique_values``: distinct values of the quantised weights, zero among them; ``"float"``
          where a layer that no scheme gave few levels has more than 1,000;
        - ``positive_filters``, ``negative_filters``, ``zero_filters``: filters whose weights that
          are not zero are all positive, all negative, or not there at all (the rest are mixed);
        - ``effectual_parameters``: weights that are not zero;
        - ``bits``: storage of the layer's weights [bit], zeros and signs of filters included,
          scales not;
        - ``origin``: ``as given``, ``quantised after training`` or ``trained``.
    """
    return [describe_layer(layer) for layer in quantized.layers]


def describe_layer(quantized: QuantizedLayer) -> LayerRow:
    """Give the row of one layer."""
    return describe_layers(QuantizedLayers.alone(quantized))[0]


def describe_layers(layers: QuantizedLayers) -> list[LayerRow]:
    """Give the rows of layers alike."""
    signs, first = layers.levels, layers.layers[0]
    positive, negative = (
        np.count_nonzero(each, axis=1) for each in (signs.positive, signs.negative)
    )
    both = np.count_nonzero(signs.positive & signs.negative, axis=1)
    none = signs.positive.shape[1] - positive - negative + both
    product, count = first.of_activations, len(layers)
    columns = {
        "layer": layers.names,
        "scheme": [layers.scheme] * count,
        "weights": [0 if product else first.weight.size] * count,
        "density": layers.densities,
        "unique_values": _unique_values(layers),
        "positive_filters": (positive - both).tolist(),
        "negative_filters": (negative - both).tolist(),
        "zero_filters": none.tolist(),
        "effectual_parameters": [0] * count if product else layers.effectual,
        "bits": layers.storage_bits,
        "origin": layers.origins,
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _unique_values(layers: QuantizedLayers) -> Sequence[int | str]:
    """Count the distinct weights of each layer."""
    if layers.levels.scales is not None:
        return _count_worths(layers.levels, layers.levels.scales(), layers.layers[0].weight.size)
    if layers.levels.given:
        weights = [layer.weight for layer in layers.layers]
    else:
        weights = [layer.levels for layer in layers]
    return [count or _MANY for count in count_unique_of_all(weights)]


def _count_worths(levels: AlikeLevels, scales: NDArray[np.floating], size: int) -> list[int]:
    """Count the distinct weights of layers whose levels are worth the scale of their filter.

    No two weights that are NaN are one.
    """
    zeros = np.array([effectual != size for effectual in levels.effectual])
    worths = (
        np.where(levels.positive, scales, np.nan),
        np.where(levels.negative, -scales, np.nan),
        np.where(zeros, 0.0, np.nan)[:, None],
    )
    values = np.sort(np.concatenate(worths, axis=1), axis=1)  # what is not there comes last
    new = ~np.isnan(values)
    new[:, 1:] &= values[:, 1:] != values[:, :-1]
    there = levels.positive.astype(int) + levels.negative
    counts: list[int] = (new.sum(axis=1) + (there * np.isnan(scales)).sum(axis=1)).tolist()
    return counts
