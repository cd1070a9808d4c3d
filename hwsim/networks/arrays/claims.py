"""Every array of a file is claimed by a layer, known to cost no MACs, or refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.arrays.costless import reason_of
from hwsim.networks.arrays.names import RECURRENT, Arrays, beside, is_vector, parts
from hwsim.networks.geometry import shape_text
from hwsim.networks.uncounted import Uncounted

#: Reasons for which an array may be left out that belongs to a weight in parts.
_OF_A_WEIGHT = ("vector", "scale", "buffer")
_PART = re.compile(r"^q?weights?_|packed|^W_q$|^qweight$")
_NORM = re.compile(r"(^|_)(layer_?|group_?|rms_?)?norm\d*$|^ln(_\w+|\d+)?$", re.IGNORECASE)
#: Arrays that a message names; the others are counted.
_SHOWN = 3


def layers_and_others(
    path: Path, named: Arrays, wanted: Callable[[str], bool]
) -> tuple[dict[str, str], list[Uncounted]]:
    """Sort the arrays of a file.

    Parameters
    ----------
    path : Path
        The file, for the messages.
    named : mapping of str to ndarray
        Its arrays.
    wanted : callable
        Tells by its name an array that is a layer's, whatever it is called.

    Returns
    -------
    layers : dict of str to str
        The array of each layer, by the layer's name.
    uncounted : list of Uncounted
        The others.

    Raises
    ------
    InputError
        If an array of two or more dimensions is neither, or two are one layer's.
    """
    layers: dict[str, str] = {}
    others: list[Uncounted] = []
    unclaimed: list[str] = []
    lengths = {size for array in named.values() if array.ndim > 1 for size in array.shape}
    for key, array in named.items():
        taken = array.ndim > 1 and wanted(key)
        reason = None if taken else reason_of(key, array, named)
        if reason == "vector" and _may_be_flattened(key, array, lengths):
            reason = None
        elif reason in _OF_A_WEIGHT and _is_part_of_a_weight(key, named):
            unclaimed.append(key)
            continue
        if reason == "look-up" and _reads_like_a_layer(key, named):
            unclaimed.append(key)
        elif reason is not None:
            others.append(Uncounted(key, array.shape, reason))
        elif taken or is_a_layer(key, array):
            layer = layer_name(key)
            if layer in layers:
                raise InputError(f"{path}: layer {layer!r} has two weight arrays")
            layers[layer] = key
        else:
            unclaimed.append(key)
    if not layers:
        raise InputError(f"{path}: {_no_layers(list(named))}")
    if unclaimed:
        raise InputError(f"{path}: {_unclaimed(unclaimed, named)}")
    return layers, others


def is_a_layer(key: str, array: NDArray[Any]) -> bool:
    """Tell by the name; a weight of one dimension with a bias is a layer's that was flattened."""
    modules, parameter = parts(key)
    if parameter == "weight":
        # A norm over several dimensions, and nothing beside it to tell.
        return not (modules and array.ndim > 1 and _NORM.search(modules[-1]))
    # in_proj_weight and its kin belong to torch.nn.MultiheadAttention.
    own = parameter.endswith("_proj_weight") or RECURRENT.search(parameter)
    return bool(own) and not is_vector(array)


def _is_part_of_a_weight(key: str, named: Arrays) -> bool:
    """Tell an array that is one of several that make a weight, which is not there."""
    owner, found, _ = key.replace("/", ".").rpartition(".weight.")
    if found:
        return f"{owner}.weight" not in named
    return bool(_PART.search(parts(key)[1])) and beside(key, "weight") not in named


def _may_be_flattened(key: str, array: NDArray[Any], lengths: set[int]) -> bool:
    """Tell a weight of one dimension that is no scale of features: it has no layer's length."""
    if parts(key)[1] != "weight" or array.ndim != 1:
        return False
    return array.dtype.kind in "iub" or (array.size > 1 and array.size not in lengths)


def layer_name(key: str) -> str:
    """Name the layer of a weight: ``fc`` of ``fc.weight``, ``in_proj`` of ``in_proj_weight``."""
    return key.removesuffix(".weight").removesuffix("_weight")


def _reads_like_a_layer(key: str, named: Arrays) -> bool:
    """Tell whether what reads a look-up's rows reads vectors as long as its columns are many.

    The rows of a table of (entries, features) are read by layers and norms of as many features.
    Where none is, but some are as long as there are entries, it may be a linear layer.
    """
    entries, features = named[key].shape
    if features == entries:
        return False
    read = {
        array.shape[1] if array.ndim > 1 else array.size
        for other, array in named.items()
        if other != key and (array.ndim > 1 or (array.ndim and "bias" not in other))
    }
    return features not in read and entries in read


def _no_layers(keys: list[str]) -> str:
    found = ", ".join(keys[:4]) + (", ..." if len(keys) > 4 else "")
    these = f"its arrays are {found}; --take GLOB takes those that are" if keys else "it is empty"
    return (
        f"holds no layer weights (arrays named LAYER.weight with 2 or 4 dimensions); {these}"
        + _hint(keys)
    )


def _unclaimed(keys: Sequence[str], named: Arrays) -> str:
    shown = ", ".join(f"{key} ({shape_text(named[key].shape)})" for key in keys[:_SHOWN])
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return (
        f"what are {shown}{more}? Neither layers that hwsim knows nor arrays that cost no MACs. "
        "Leave out with --skip GLOB what is no layer, take with --take GLOB what is (weights as "
        "filters x inputs), or import the network from torch or ONNX (docs/networks.md)"
    ) + _hint(keys)


#: Endings of names that tell what wrote the file, and what to do then.
_HINTS = (
    (("kernel", "kernel:0"), "Kernels of Keras, TensorFlow and Flax are read with --layout keras"),
    (("qweight", "qzeros"), "GPTQ and AWQ need qweight, qzeros and scales beside each other"),
    (("absmax", "quant_map"), "bitsandbytes: save the model after model.dequantize()"),
    (("packed",), "--unpack 'GLOB=FORMAT' takes packed weights apart"),
    (("W_q",), "HQQ: save the model's dequantised weights"),
    (("weight_u",), "spectral_norm needs weight_orig, weight_u and weight_v"),
    (("_g", "_v"), "weight_norm needs both weight_g and weight_v"),
)


def _hint(keys: Sequence[str]) -> str:
    for endings, advice in _HINTS:
        if any(key.endswith(endings) for key in keys):
            return f". {advice}"
    return ""
