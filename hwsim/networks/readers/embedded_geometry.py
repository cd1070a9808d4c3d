"""The geometry that a file written by hwsim carries, as JSON in one extra array."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from hwsim.errors import InputError
from hwsim.networks.geometry import Extent, ExtentPair, Geometry, MarginPair, Share, Shares
from hwsim.networks.input_masks import take_masks
from hwsim.networks.network import Layer, Network
from hwsim.networks.readers.protocol import CarriedGeometry, Contents
from hwsim.networks.uncounted import Reason, described, from_described
from hwsim.yaml_file import StrictModel, first_problem

#: Name of the array: the bytes of a JSON document.
KEY = "__hwsim__"
#: The newest format, for networks with masks of inputs, and those of networks that need nothing of
#: it, so that older readers do.
FORMAT: Literal[3] = 3
_SECOND_FORMAT: Literal[2] = 2
_FIRST_FORMAT: Literal[1] = 1
_MAX_BYTES = 16_000_000
_MOST_LAYERS = 100_000
#: Keys that are written only where they say something: the first format does not know them.
_LATER = ("uncounted", "ordered")


class _Measured(StrictModel):
    """What every layer may say of its input."""

    input_density: Share | None = None
    input_density_by_channel: Shares | None = None


class EmbeddedConv(_Measured):
    """A convolution."""

    kind: Literal["conv"]
    stride: ExtentPair
    padding: MarginPair
    dilation: ExtentPair
    groups: Extent
    input_size: ExtentPair
    padding_end: MarginPair | None = None
    images: Extent = 1


class EmbeddedLinear(_Measured):
    """A linear layer."""

    kind: Literal["linear"]
    vectors: Extent


class EmbeddedProduct(_Measured):
    """A product of activations; it has no array, so that its shape stands here."""

    kind: Literal["product"]
    vectors: Extent
    groups: Extent
    shape: ExtentPair


_Layer = Annotated[EmbeddedConv | EmbeddedLinear | EmbeddedProduct, Field(discriminator="kind")]


class EmbeddedUncounted(StrictModel):
    """What is in the network and no layer."""

    name: Annotated[str, Field(max_length=1_000)]
    shape: Annotated[list[Annotated[int, Field(ge=0)]], Field(max_length=32)]
    reason: Reason
    macs: Annotated[int, Field(ge=0)] = 0


class Embedded(StrictModel):
    """The whole document."""

    format: Literal[1, 2, 3]
    network: Annotated[str, Field(min_length=1, max_length=1_000)]
    layers: Annotated[dict[str, _Layer], Field(min_length=1, max_length=_MOST_LAYERS)]
    quantized_layers: Annotated[list[str], Field(max_length=_MOST_LAYERS)] | None = None
    notes: Annotated[list[str], Field(max_length=1_000, default_factory=list)]
    uncounted: Annotated[list[EmbeddedUncounted], Field(max_length=1_000_000)] | None = None
    ordered: bool | None = None


def encode(network: Network) -> NDArray[np.uint8]:
    """Write down the geometry of a network.

    Parameters
    ----------
    network : Network
        The network.

    Returns
    -------
    ndarray of uint8
        The bytes of the JSON document.

    Raises
    ------
    InputError
        If the network has no layers, or a number in it is out of bounds.
    """
    quantized = network.quantized_layers
    try:
        layers = {layer.name: _embedded_layer(layer) for layer in network.layers}
        new = any(map(_is_new, layers.values())) or network.uncounted or not network.ordered
        masks = any(layer.input_masks is not None for layer in network.layers)
        document = Embedded(
            format=FORMAT if masks else _SECOND_FORMAT if new else _FIRST_FORMAT,
            network=network.name,
            layers=layers,
            quantized_layers=None if quantized is None else list(quantized),
            notes=list(network.notes),
            uncounted=[EmbeddedUncounted(**each) for each in described(network.uncounted)] or None,
            ordered=None if network.ordered else False,
        )
    except ValidationError as error:
        raise InputError(f"network {network.name!r}: {_first_problem(error)}") from error
    later = {name for name in _LATER if getattr(document, name) is None}
    text = document.model_dump_json(exclude_unset=True, exclude=later)
    return np.frombuffer(text.encode(), np.uint8)


def _embedded_layer(layer: Layer) -> EmbeddedConv | EmbeddedLinear | EmbeddedProduct:
    # What says nothing is left out: the first format does not know it.
    own: dict[str, Any] = {
        "padding_end": layer.padding_end,
        "images": layer.images if layer.images != 1 else None,
        "input_density": layer.input_density,
        "input_density_by_channel": layer.input_density_by_channel,
    }
    new = {name: value for name, value in own.items() if value is not None}
    if layer.kind == "linear":
        return EmbeddedLinear(kind="linear", vectors=layer.vectors, **new)
    if layer.kind == "product":
        filters, reduction = layer.weight.shape
        return EmbeddedProduct(
            kind="product",
            vectors=layer.vectors,
            groups=layer.groups,
            shape=(filters, reduction),
            **new,
        )
    return EmbeddedConv(
        kind="conv",
        stride=layer.stride,
        padding=layer.padding,
        dilation=layer.dilation,
        groups=layer.groups,
        input_size=layer.input_size,
        **new,
    )


def _is_new(layer: EmbeddedConv | EmbeddedLinear | EmbeddedProduct) -> bool:
    """Whether a layer needs the second format."""
    new = {"padding_end", "images", "input_density", "input_density_by_channel"}
    return layer.kind == "product" or bool(new & layer.model_fields_set)


class Decoded(NamedTuple):
    """A document in which layers of one geometry stand once.

    Parameters
    ----------
    document : Embedded
        With the first layer of each geometry.
    first : dict of str to str
        For every layer, in order, the one that stands for it.
    """

    document: Embedded
    first: dict[str, str]


def decode(path: Path, array: NDArray[Any]) -> Decoded:
    """Read the document back; what many layers say alike is looked at once.

    Parameters
    ----------
    path : Path
        The file, for the messages.
    array : ndarray of uint8
        The bytes of the JSON document.

    Raises
    ------
    InputError
        If it is no such document; the message names the key.
    """
    if array.dtype != np.uint8 or array.ndim != 1 or array.size > _MAX_BYTES:
        raise InputError(f"{path}: {KEY}: expected the bytes of a JSON document of at most 16 MB")
    first: dict[str, str] = {}
    try:
        document = json.loads(array.tobytes())
        layers = document.get("layers") if isinstance(document, dict) else None
        if isinstance(layers, dict) and len(layers) <= _MOST_LAYERS:
            alike: dict[str, str] = {}
            first = {name: alike.setdefault(repr(own), name) for name, own in layers.items()}
            document["layers"] = {name: layers[name] for name in alike.values()}
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: {KEY}: not a JSON document ({error})") from error
    if not isinstance(document, dict):
        raise InputError(f"{path}: {KEY}: expected a JSON object")
    found = document.get("format")
    if isinstance(found, int) and found > FORMAT:
        raise InputError(
            f"{path}: {KEY}: format {found} is newer than this hwsim, which reads format {FORMAT}"
        )
    try:
        return Decoded(Embedded.model_validate(document), first)
    except ValidationError as error:
        raise InputError(f"{path}: {KEY}: {_first_problem(error)}") from error


def _first_problem(error: ValidationError) -> str:
    key, message, _ = first_problem(error)
    return f"{key}: {message}" if key else message


def contents(path: Path, tensors: Mapping[str, NDArray[Any]]) -> Contents:
    """Take the document, if there is one, out of the arrays of a file.

    Parameters
    ----------
    path : Path
        The file, for the messages.
    tensors : mapping of str to ndarray
        All its arrays.

    Raises
    ------
    InputError
        If the document cannot be read.
    """
    arrays = dict(tensors)
    carried = arrays.pop(KEY, None)
    if carried is None:
        return Contents(arrays)
    document, first = decode(path, carried)
    masks = take_masks(arrays)
    quantized = document.quantized_layers
    plain = document.model_dump(include={"layers", "uncounted"})
    own = {
        name: Geometry(**{"name": name, "shape": (), **said})
        for name, said in plain["layers"].items()
    }
    return Contents(
        arrays,
        CarriedGeometry(
            network=document.network,
            layers=tuple(own[stands].called(name) for name, stands in first.items()),
            quantized_layers=None if quantized is None else tuple(quantized),
            place=KEY,
            masks=masks,
        ),
        notes=tuple(document.notes),
        provenance=f"hwsim, format {document.format}",
        uncounted=from_described(plain["uncounted"] or ()),
        ordered=document.ordered is not False,
    )
