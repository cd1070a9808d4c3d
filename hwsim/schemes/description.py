"""What quantisation did to a network, one row a layer."""

from __future__ import annotations

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
    has_positive, has_negative = quantized.signs.positive, quantized.signs.negative
    positive, negative = map(int, map(np.count_nonzero, (has_positive, has_negative)))
    both = int(np.count_nonzero(has_positive & has_negative))
    return {
        "layer": quantized.layer.name,
        "scheme": quantized.scheme,
        "weights": 0 if quantized.layer.of_activations else quantized.layer.weight.size,
        "density": quantized.density,
        "unique_values": _unique_values(quantized, has_positive, has_negative),
        "positive_filters": positive - both,
        "negative_filters": negative - both,
        "zero_filters": len(has_positive) - positive - negative + both,
        "effectual_parameters": 0 if quantized.layer.of_activations else quantized.effectual,
        "bits": quantized.storage_bits,
        "origin": quantized.origin,
    }


def _unique_values(
    quantized: QuantizedLayer, has_positive: np.ndarray, has_negative: np.ndarray
) -> int | str:
    if quantized.scale is None:
        return count_unique(quantized.levels) or _MANY
    # No zero where every weight counts: an empty array in its place.
    zero = quantized.scale[:0] if quantized.effectual == quantized.layer.weight.size else [0]
    values = [quantized.scale[has_positive], -quantized.scale[has_negative], zero]
    # A filter has one or two: so few that sorting them as an array takes longer.
    return len(set(np.concatenate(values).tolist()))
