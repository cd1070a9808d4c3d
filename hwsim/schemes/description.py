"""What quantisation did to a network, one row a layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from hwsim.networks.statistics import count_unique
from hwsim.schemes.quantized import QuantizedLayer, QuantizedNetwork

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
    return describe_layers([quantized])[0]


def describe_layers(layers: Sequence[QuantizedLayer]) -> list[LayerRow]:
    """Give the rows of several layers; counting the filters of all at once takes less."""
    if not layers:
        return []
    positive = np.concatenate([layer.signs.positive for layer in layers])
    negative = np.concatenate([layer.signs.negative for layer in layers])
    filters = [len(layer.signs.positive) for layer in layers]
    first = np.cumsum([0, *filters[:-1]])
    marks = positive, negative, positive & negative
    counts = [np.add.reduceat(each, first, dtype=np.int64).tolist() for each in marks]
    return [_row(*each) for each in zip(layers, filters, *counts, strict=True)]


def _row(
    quantized: QuantizedLayer, filters: int, positive: int, negative: int, both: int
) -> LayerRow:
    layer, effectual = quantized.layer, quantized.effectual
    return {
        "layer": layer.name,
        "scheme": quantized.scheme,
        "weights": 0 if layer.of_activations else layer.weight.size,
        "density": quantized.density,
        "unique_values": _unique_values(quantized),
        "positive_filters": positive - both,
        "negative_filters": negative - both,
        "zero_filters": filters - positive - negative + both,
        "effectual_parameters": 0 if layer.of_activations else effectual,
        "bits": quantized.storage_bits,
        "origin": quantized.origin,
    }


def _unique_values(quantized: QuantizedLayer) -> int | str:
    scale, signs = quantized.scale, quantized.signs
    if scale is None:
        return count_unique(quantized.levels) or _MANY
    # A filter has one or two: so few that sorting them as an array takes longer.
    values = {*scale[signs.positive].tolist(), *(-scale[signs.negative]).tolist()}
    return len(values if quantized.effectual == quantized.layer.weight.size else {*values, 0})
