"""A call of an operator, as those who take it see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.onnx.values import Shape, UnknownShape, Value


@dataclass(frozen=True, eq=False)
class Call:
    """An operator and what is known around it.

    Parameters
    ----------
    name : str
        What its layer is called.
    kind : str
        ``op_type``.
    inputs : tuple of Value or None
        In the operator's order; None where an optional one is left out.
    attributes : dict
        As Python's values.
    outputs : tuple of Value
        As inferred.
    """

    name: str
    kind: str
    inputs: tuple[Value | None, ...]
    attributes: dict[str, Any]
    outputs: tuple[Value, ...]

    def value(self, index: int) -> Value | None:
        """Give an input, None where there is none."""
        return self.inputs[index] if index < len(self.inputs) else None

    def shape(self, index: int) -> Shape:
        """Give the shape of an input.

        Raises
        ------
        UnknownShape
            If it is not known.
        """
        value = self.value(index)
        if value is None:
            raise UnknownShape
        return value.known_shape

    def floats(self, index: int) -> NDArray[np.floating]:
        """Give the elements of a constant as 32-bit floats.

        Raises
        ------
        InputError
            If they depend on the input, are complex, or no finite numbers.
        """
        value = self.value(index)
        if value is None or value.array is None:
            raise InputError(
                f"layer {self.name!r}: the weights of this {self.kind} depend on the input; "
                "hwsim takes constant ones, or leaves it out with --skip"
            )
        return as_floats(self.name, value.array)

    def constant(self, index: int) -> bool:
        """Whether the elements of an input are known."""
        value = self.value(index)
        return value is not None and value.constant

    def integers(self, name: str, default: tuple[int, ...]) -> tuple[int, ...]:
        """Give an attribute that is a list of integers."""
        return tuple(int(each) for each in self.attributes.get(name, default))


def as_floats(name: str, array: NDArray[Any]) -> NDArray[np.floating]:
    """Turn weights into 32-bit floats.

    Raises
    ------
    InputError
        If they are complex, or no finite numbers.
    """
    if array.dtype.kind not in "fiub" and not hasattr(array.dtype, "newbyteorder"):
        raise InputError(f"layer {name!r}: weights of type {array.dtype} are not read")
    if array.dtype.kind == "c":
        raise InputError(f"layer {name!r}: its weights are complex numbers")
    floats: NDArray[np.floating] = np.asarray(array, np.float32)
    if not np.isfinite(floats).all():
        raise InputError(f"layer {name!r}: its weights are not all finite numbers")
    return floats


def without_zero_point(
    name: str, levels: NDArray[np.floating], zero: Value | None, scale: Value | None, axis: int
) -> NDArray[np.floating]:
    """Turn integers into the numbers that they stand for: ``(levels - zero) * scale``.

    Parameters
    ----------
    name : str
        Of the layer, for messages.
    levels : ndarray
        The integers.
    zero, scale : Value or None
        Of all, or one for each index along ``axis``.
    axis : int
        Which.

    Raises
    ------
    InputError
        If zero point or scale are computed from the input.
    """
    for what, value in (("zero point", zero), ("scale", scale)):
        if value is not None and not value.constant:
            raise InputError(f"layer {name!r}: the {what} of its weights is no constant")
    zeros = _along(zero, levels.ndim, axis, 0.0)
    scales = _along(scale, levels.ndim, axis, 1.0)
    return np.asarray((levels - zeros) * scales, np.float32)


def _along(value: Value | None, rank: int, axis: int, default: float) -> NDArray[np.floating]:
    if value is None or value.array is None:
        return np.full((1,) * rank, default, np.float32)
    flat = np.asarray(value.array, np.float32)
    if flat.size == 1:
        return flat.reshape((1,) * rank)
    return flat.reshape([-1 if each == axis % rank else 1 for each in range(rank)])
