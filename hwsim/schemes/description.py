"""What quantisation did to a network, one row a layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.networks.statistics import count_unique_of_all
from hwsim.schemes.quantized import QuantizedLayer, QuantizedNetwork, signs_of

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
    signs = signs_of(layers)
    positive = np.concatenate([each.positive for each in signs])
    negative = np.concatenate([each.negative for each in signs])
    filters = [len(each.positive) for each in signs]
    first = np.cumsum([0, *filters[:-1]])
    marks = positive, negative, positive & negative
    counts = [np.add.reduceat(each, first, dtype=np.int64).tolist() for each in marks]
    unique = _unique_values(layers, positive, negative, filters)
    return [_row(*each) for each in zip(layers, unique, filters, *counts, strict=True)]


def _row(
    quantized: QuantizedLayer,
    unique: int | str,
    filters: int,
    positive: int,
    negative: int,
    both: int,
) -> LayerRow:
    layer, effectual = quantized.layer, quantized.effectual
    product = layer.of_activations
    return {
        "layer": layer.name,
        "scheme": quantized.scheme,
        "weights": 0 if product else layer.weight.size,
        "density": quantized.density,
        "unique_values": unique,
        "positive_filters": positive - both,
        "negative_filters": negative - both,
        "zero_filters": filters - positive - negative + both,
        "effectual_parameters": 0 if product else effectual,
        "bits": quantized.storage_bits,
        "origin": quantized.origin,
    }


def _unique_values(
    layers: Sequence[QuantizedLayer],
    positive: NDArray[np.bool_],
    negative: NDArray[np.bool_],
    filters: Sequence[int],
) -> list[int | str]:
    """Count the distinct weights of each layer, from the signs of the filters of all."""
    with_scale = [layer.scale is not None for layer in layers]
    plain = [layer.levels for layer in layers if layer.scale is None]
    of_plain = (count or _MANY for count in count_unique_of_all(plain))
    here = np.repeat(with_scale, filters)
    scaled = [layer for layer in layers if layer.scale is not None]
    of_scaled = iter(_count_worths(scaled, positive[here], negative[here]) if scaled else [])
    return [next(of_scaled) if has_scale else next(of_plain) for has_scale in with_scale]


def _count_worths(
    layers: Sequence[QuantizedLayer], positive: NDArray[np.bool_], negative: NDArray[np.bool_]
) -> list[int]:
    """Count the distinct weights of layers whose levels are worth the scale of their filter."""
    scales = [layer.scale for layer in layers if layer.scale is not None]
    scale, owner = np.concatenate(scales), np.repeat(np.arange(len(layers)), list(map(len, scales)))
    zeros = [n for n, each in enumerate(layers) if each.effectual != each.layer.weight.size]
    values = np.concatenate([scale[positive], -scale[negative], np.zeros(len(zeros))])
    owners = np.concatenate([owner[positive], owner[negative], np.array(zeros, dtype=np.intp)])
    order = np.lexsort((values, owners))
    values, owners = values[order], owners[order]
    new = np.ones(len(values), np.bool_)
    new[1:] = (values[1:] != values[:-1]) | (owners[1:] != owners[:-1])
    counts: list[int] = np.bincount(owners[new], minlength=len(layers)).tolist()
    return counts
