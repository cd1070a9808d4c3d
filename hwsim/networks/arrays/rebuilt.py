"""Weights that a file holds in parts: pruned, weight-normalised, spectrally normalised."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.arrays.names import Arrays, beside, place
from hwsim.networks.arrays.scratch import stored
from hwsim.networks.geometry import shape_text
from hwsim.networks.mapped import let_go

Array = NDArray[Any]


class _Form(NamedTuple):
    """Endings of the parts of one weight, the first deciding, and how they make it."""

    endings: tuple[str, ...]
    make: Callable[[Array, Array, Array], Array]


def rebuilt(path: Path, named: Arrays) -> dict[str, Array]:
    """Make whole weights of those that the file holds in parts, as torch computes them.

    ``torch.nn.utils.prune`` [1]_: original times mask; ``weight_norm`` [2]_: g v / norm(v);
    ``spectral_norm`` [3]_: original / (u W v).

    Raises
    ------
    InputError
        If parts do not fit each other, or a parametrisation is another one.

    References
    ----------
    .. [1] PyTorch, torch/nn/utils/prune.py, ``apply_mask``.
    .. [2] Salimans and Kingma, Weight Normalization, 2016 (arXiv 1602.07868), equation 2.
    .. [3] Miyato et al., Spectral Normalization, 2018 (arXiv 1802.05957), equation 8.
    """
    whole: dict[str, Array] = {}
    forms = {key: found for key in named if (found := _form_of(key, named))}
    used = {part for _, _, keys in forms.values() for part in keys}
    for key, array in named.items():
        if key in forms:
            form, stem, keys = forms[key]
            name = stem.replace(".parametrizations.", ".").removeprefix("parametrizations.")
            weight = _made(path, name, form, [named[k] for k in keys])
            place(path, whole, name, stored(weight))
            for part in keys:
                let_go(named[part])
        elif key not in used:
            place(path, whole, key, array)
    for key in whole:
        if ".parametrizations." in f".{key}":
            raise InputError(
                f"{path}: {key} belongs to a parametrisation that only the model can apply; "
                "save it after torch.nn.utils.parametrize.remove_parametrizations, or use "
                "hwsim.from_torch"
            )
    _check_masks(path, whole)
    return whole


def _form_of(key: str, named: Arrays) -> tuple[_Form, str, list[str]] | None:
    if not key.endswith(_ENDINGS):
        return None
    for form in _FORMS:
        first, *others = form.endings
        if key.endswith(first):
            stem = key.removesuffix(first)
            keys = [stem + ending for ending in others]
            if stem and all(each in named for each in keys):
                return form, stem, [key, *keys]
    return None


def _made(path: Path, name: str, form: _Form, found: list[Array]) -> Array:
    shapes = ", ".join(shape_text(each.shape) for each in found)
    if any(each.dtype.kind not in "fiub" for each in found):
        raise InputError(f"{path}: {name} is made of parts that are no real numbers")
    try:
        with np.errstate(all="ignore"):  # what is not finite is refused with the other weights
            return form.make(found[0], found[1], found[-1])
    except (ValueError, IndexError) as error:
        raise InputError(
            f"{path}: {name} is made of parts that do not fit each other ({shapes})"
        ) from error


def _pruned(original: Array, mask: Array, _: Array) -> Array:
    if mask.shape != original.shape:
        raise ValueError("shapes")
    whole: Array = original * (mask != 0)
    return whole


def _weight_normalised(g: Array, v: Array, _: Array) -> Array:
    if g.ndim not in (0, v.ndim):
        raise ValueError("shapes")
    axes = tuple(axis for axis in range(v.ndim) if not g.ndim or g.shape[axis] == 1)
    norm = np.sqrt(np.sum(np.square(v, dtype=np.float64), axis=axes, keepdims=True))
    whole: Array = np.multiply(v, g / norm, dtype=np.float64).astype(np.float32)
    if whole.shape != v.shape:
        raise ValueError("shapes")
    return whole


def _spectrally_normalised(original: Array, u: Array, v: Array) -> Array:
    # Of a transposed convolution the filters are the second dimension.
    axis = 0 if original.shape[0] == u.size else 1
    matrix = np.moveaxis(original, axis, 0).reshape(u.size, -1)
    sigma = u.ravel().astype(np.float64) @ (matrix @ v.ravel())
    whole: Array = (original / sigma).astype(np.float32)
    return whole


_FORMS = (
    _Form(("_orig", "_mask"), _pruned),
    _Form(("_orig", "_u", "_v"), _spectrally_normalised),
    _Form(("_g", "_v"), _weight_normalised),
    _Form((".original0", ".original1"), _weight_normalised),
    _Form((".original", ".0._u", ".0._v"), _spectrally_normalised),
)
#: Of the parts that decide.
_ENDINGS = tuple(form.endings[0] for form in _FORMS)


def _check_masks(path: Path, named: Arrays) -> None:
    """Refuse a mask that was not applied to the weights beside it."""
    for key, mask in named.items():
        if not key.endswith(("weight_mask", ".mask")):
            continue
        weight = named.get(beside(key, "weight"))
        if weight is None:
            continue
        if mask.shape == weight.shape and np.any(np.asarray(weight)[mask == 0] != 0):
            raise InputError(
                f"{path}: {key} has zeros where {beside(key, 'weight')} has none: save the product "
                f"of the two, or leave the mask out with --skip '{key}'"
            )
