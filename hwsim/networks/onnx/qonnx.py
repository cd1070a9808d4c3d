"""Quantisers that QONNX and brevitas write into a graph, on constant weights.

As defined by QONNX (github fastmachinelearning/qonnx, docs/qonnx-custom-ops): ``Quant`` rounds
``x / scale + zero_point`` into the range of its bits, and turns it back; ``BipolarQuant`` gives the
sign, that of 0 being positive, and so does ``Quant`` of one signed bit; ``FloatQuant`` rounds to
floats of a few bits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError, did_you_mean

DOMAINS: Final = ("qonnx.custom_op.general", "onnx.brevitas", "finn.custom_op.general")
QUANTISERS: Final = ("Quant", "IntQuant", "BipolarQuant", "Trunc", "FloatQuant")

_ROUND: Final = {
    "ROUND": np.round,
    "HALF_EVEN": np.round,
    "CEIL": np.ceil,
    "FLOOR": np.floor,
    "ROUND_TO_ZERO": np.trunc,
    "DOWN": np.trunc,
    "UP": lambda x: np.sign(x) * np.ceil(np.abs(x)),
    "HALF_UP": lambda x: np.sign(x) * np.floor(np.abs(x) + 0.5),
    "HALF_DOWN": lambda x: np.sign(x) * np.ceil(np.abs(x) - 0.5),
}


def quantised(
    kind: str, inputs: list[NDArray[Any]], attributes: Mapping[str, Any]
) -> NDArray[np.floating]:
    """Quantise constant weights.

    Parameters
    ----------
    kind : str
        Of ``QUANTISERS``.
    inputs : list of ndarray
        Weights, scale and what the kind has more: zero point and bits of ``Quant``; bits of the
        exponent and of the mantissa, bias of the exponent and largest value of ``FloatQuant``.
    attributes : mapping
        ``signed``, ``narrow``, ``rounding_mode``.

    Raises
    ------
    InputError
        If weights are quantised by a kind or a rounding that hwsim does not know.
    """
    values, scale = inputs[:2]
    rounding = _rounding(attributes)
    if kind == "BipolarQuant":
        return _signs(values, scale)
    if kind == "FloatQuant":
        return np.asarray(_floats(values / scale, inputs[2:], rounding) * scale, np.float32)
    if kind not in ("Quant", "IntQuant"):
        raise InputError(f"constants are quantised by {kind}, which hwsim does not know")
    zero_point, bits = inputs[2], float(inputs[3].reshape(-1)[0])
    signed, narrow = bool(attributes.get("signed", 1)), bool(attributes.get("narrow", 1))
    if signed and bits == 1:
        return _signs(values, scale)
    levels = rounding(values / scale + zero_point).clip(*_bounds(bits, signed, narrow))
    return np.asarray((levels - zero_point) * scale, np.float32)


def _signs(values: NDArray[Any], scale: NDArray[Any]) -> NDArray[np.floating]:
    return np.asarray(np.where(values >= 0, scale, -scale), np.float32)


def _floats(values: NDArray[Any], form: list[NDArray[Any]], rounding: Any) -> NDArray[np.floating]:
    """Round to floats of few bits; those below the least exponent share its steps."""
    exponent_bits, mantissa_bits, bias, *largest = form
    tiny = np.finfo(np.float32).tiny
    exponent = np.floor(np.log2(np.abs(values) + tiny))
    step = np.exp2(np.maximum(exponent, 1 - bias) - mantissa_bits)
    ends = 2.0 ** (2**exponent_bits - 1 - bias) * (2 - 2.0**-mantissa_bits)
    limit = np.minimum(ends, largest[0]) if largest else ends
    return np.asarray(np.clip(rounding(values / step) * step, -limit, limit), np.float32)


def _bounds(bits: float, signed: bool, narrow: bool) -> tuple[float, float]:
    if signed:
        return -(2 ** (bits - 1)) + narrow, 2 ** (bits - 1) - 1
    return 0, 2**bits - 1 - narrow


def _rounding(attributes: Mapping[str, Any]) -> Any:
    mode = attributes.get("rounding_mode", b"ROUND")
    name = (mode.decode() if isinstance(mode, bytes) else mode).upper()
    if name not in _ROUND:
        raise InputError(f"rounding_mode {name!r} is not known{did_you_mean(name, _ROUND)}")
    return _ROUND[name]
