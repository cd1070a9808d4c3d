"""The geometry of a layer: everything but its weights, with the bounds of every number."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, WithJsonSchema

from hwsim.errors import InputError
from hwsim.networks.network import Layer, LayerKind

#: The largest size, stride, channel or token count that a file may state. ImageNet classifiers
#: have up to 25,088 input features and 21,841 classes; the bound keeps products within 64 bits.
MAX_EXTENT = 1_000_000


def _numbers_schema(least: int, most: int) -> WithJsonSchema:
    """Describe a number for all dimensions, or a list of one for each."""
    number = {"type": "integer", "minimum": least, "maximum": MAX_EXTENT}
    listed = {"type": "array", "items": number, "minItems": 2, "maxItems": most}
    return WithJsonSchema({"anyOf": [number, listed]})


def _as_shares(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _as_pair(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return (value, value)
    if isinstance(value, list | tuple) and len(value) == 2:
        return tuple(value)
    raise ValueError("should be a whole number, or a pair [rows, columns]")


Extent = Annotated[int, Field(ge=1, le=MAX_EXTENT)]
Margin = Annotated[int, Field(ge=0, le=MAX_EXTENT)]
ExtentPair = Annotated[tuple[Extent, Extent], BeforeValidator(_as_pair), _numbers_schema(1, 2)]
#: Rows and columns of a network's input, where they are given.
Size = tuple[int, int] | None
Share = Annotated[float, Field(ge=0, le=1)]
Shares = Annotated[tuple[Share, ...], BeforeValidator(_as_shares)]
MarginPair = Annotated[tuple[Margin, Margin], BeforeValidator(_as_pair), _numbers_schema(0, 2)]


def _as_window(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,)
    if isinstance(value, list | tuple) and len(value) in (1, 2, 3):
        return tuple(value)
    raise ValueError("should be a whole number, a pair [rows, columns], or [frames, rows, columns]")


#: Of what slides over feature maps, or over a sequence of them: one number for all dimensions, rows
#: and columns, or frames, rows and columns.
ExtentWindow = Annotated[tuple[Extent, ...], BeforeValidator(_as_window), _numbers_schema(1, 3)]
MarginWindow = Annotated[tuple[Margin, ...], BeforeValidator(_as_window), _numbers_schema(0, 3)]


_PAIRS = ("stride", "padding", "padding_end", "dilation", "input_size")
_FROM_0 = ("padding", "padding_end")
_FROM_1 = ("stride", "dilation", "input_size", "groups", "vectors", "images")
_LEAST = {**dict.fromkeys(_FROM_1, 1), **dict.fromkeys(_FROM_0, 0)}
_numbers_of = attrgetter(*_LEAST)
_KINDS = ("conv", "linear", "product")


@dataclass(frozen=True)
class Geometry:
    """A layer without its weights.

    Parameters
    ----------
    name, kind, stride, padding, padding_end, dilation, groups, input_size, vectors, images, \
input_density, input_density_by_channel
        As in :class:`hwsim.networks.network.Layer`.
    shape : tuple of int
        Shape of the weights: (K, C/G, R, S) or (K, C); () where only the weights tell.
    aka : tuple of str
        Other names that weight files use for the layer.
    """

    name: str
    kind: LayerKind
    shape: tuple[int, ...]
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    dilation: tuple[int, int] = (1, 1)
    groups: int = 1
    input_size: tuple[int, int] = (1, 1)
    vectors: int = 1
    padding_end: tuple[int, int] | None = None
    images: int = 1
    input_density: float | None = None
    input_density_by_channel: tuple[float, ...] | None = None
    aka: tuple[str, ...] = ()

    def called(self, name: str) -> Geometry:
        """Give the same of another layer, which remembers the first that it is the same of."""
        other = object.__new__(Geometry)
        vars(other).update(vars(self), name=name, _first=self.first)
        return other

    @property
    def first(self) -> Geometry:
        """The one that says all but the name of this one: where it was looked at, this one was."""
        found: Geometry = vars(self).get("_first", self)
        return found

    def layer(self, weight: NDArray[np.floating] | None) -> Layer:
        """Join the geometry with weights; a product of activations has none."""
        if weight is None:
            weight = np.broadcast_to(np.float32(1), self.shape)
        return Layer(
            name=self.name,
            kind=self.kind,
            weight=weight,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            groups=self.groups,
            input_size=self.input_size,
            vectors=self.vectors,
            padding_end=self.padding_end,
            images=self.images,
            input_density=self.input_density,
            input_density_by_channel=self.input_density_by_channel,
        )


def check_bounds(geometry: Geometry) -> None:
    """Check what did not come through a file's schema.

    Raises
    ------
    ValueError
        If the kind is not known, or a number is no whole one or out of the bounds that files have.
    """
    if geometry.kind not in _KINDS:
        raise ValueError(f"kind should be one of {', '.join(_KINDS)}. Got {geometry.kind!r}")
    share = geometry.input_density
    if share is not None and not _is_share(share):
        raise ValueError(f"input_density should be a share from 0.0 to 1.0. Got {share!r}")
    shares = geometry.input_density_by_channel
    if shares is not None and not (isinstance(shares, tuple) and all(map(_is_share, shares))):
        raise ValueError(
            f"input_density_by_channel should be shares from 0.0 to 1.0. Got {shares!r:.80}"
        )
    for (name, least), value in zip(_LEAST.items(), _numbers_of(geometry), strict=True):
        if name in _PAIRS:
            within = _is_pair(value, least) or (value is None and name == "padding_end")
        else:
            within = type(value) is int and least <= value <= MAX_EXTENT
        if not within:
            raise ValueError(_out_of_bounds(name, least, value))


def _is_pair(value: object, least: int) -> bool:
    if not isinstance(value, tuple) or len(value) != 2:
        return False
    rows, columns = value
    whole = type(rows) is int and type(columns) is int
    return whole and least <= rows <= MAX_EXTENT and least <= columns <= MAX_EXTENT


def _out_of_bounds(name: str, least: int, value: Any) -> str:
    pair = value if name in _PAIRS else (value,)
    whole = isinstance(pair, tuple) and all(type(number) is int for number in pair)
    if not (whole and len(pair) == (2 if name in _PAIRS else 1)):
        expected = "a pair (rows, columns)" if name in _PAIRS else "a whole number"
        return f"{name} should be {expected}. Got {value!r}"
    return f"{name} should be from {least} to {MAX_EXTENT:,}. Got {value!r}"


def _is_share(value: object) -> bool:
    return isinstance(value, float) and 0 <= value <= 1


def shape_text(shape: tuple[int, ...]) -> str:
    """Word a shape: ``64x3x7x7``; ``a single number`` for an array without dimensions."""
    return "x".join(map(str, shape)) or "a single number"


def as_input_size(size: tuple[int, int] | int | None) -> Size:
    """Check an input size that a user gave.

    Parameters
    ----------
    size : (int, int), int or None
        Rows and columns of the network's input, or one number for both.

    Returns
    -------
    (int, int) or None
        Rows and columns.

    Raises
    ------
    InputError
        If it is not one or two whole numbers from 1 to ``MAX_EXTENT``.
    """
    if size is None:
        return None
    pair = size if isinstance(size, tuple | list) else (size, size)
    numbers = [value for value in pair if isinstance(value, int | np.integer)]
    if len(pair) != 2 or len(numbers) != 2 or not all(1 <= n <= MAX_EXTENT for n in numbers):
        raise InputError(
            f"input size: expected rows and columns from 1 to {MAX_EXTENT:,}, "
            f"such as 224 or (224, 224). Got {size!r}"
        )
    return (int(pair[0]), int(pair[1]))
