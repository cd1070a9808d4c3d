"""What a network is to hwsim: layers with weights and geometry, and where they came from."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from hwsim.framing import frame, read_frame, reading
from hwsim.networks.uncounted import Reason, Uncounted, by_reason, described, from_described

_KIND: Final = "network 3"
#: Layers that a notebook shows of a network.
_SHOWN: Final = 60
LayerKind = Literal["conv", "linear", "product"]
#: Fields of a layer that are arrays.
_ARRAYS: Final = ("weight", "input_masks")


def window_positions(
    size: int,
    window: int,
    stride: int,
    padding: int,
    dilation: int = 1,
    padding_end: int | None = None,
) -> int:
    """Count the positions of a sliding window along one dimension.

    Parameters
    ----------
    size, window, stride, padding, dilation : int
        Input positions, window length, step, zeros added at either end, step between the taps.
    padding_end : int, optional
        Zeros added behind, where they are other than those before.

    Returns
    -------
    int
        Output positions; less than 1 when the window does not fit.
    """
    zeros = 2 * padding if padding_end is None else padding + padding_end
    return (size + zeros - dilation * (window - 1) - 1) // stride + 1


@dataclass(frozen=True, eq=False)
class Layer:
    """One convolution or fully connected layer of a network, or a product of activations.

    Parameters
    ----------
    name : str
        The state-dict name without ``.weight``, e.g. ``layer1.0.conv1``.
    kind : {"conv", "linear", "product"}
        What the layer computes. A product is of two activations, such as queries and keys: one of
        them takes the place of the weights, is never quantised as such, and is all ones here.
    weight : ndarray
        Float weights: (K, C/G, R, S) for a convolution, (K, C) for a linear layer, (K, C/G) for a
        product (see :meth:`product`).
    stride, padding, dilation : (int, int)
        Rows, columns. Convolutions only.
    groups : int
        G; channels and filters fall into G independent groups: heads of a product.
    input_size : (int, int)
        Rows and columns of the input feature map. Convolutions only.
    vectors : int
        Linear layers and products: input vectors of one sample (1 for a classifier, 197 for
        ViT-B/16 tokens; those of one head).
    padding_end : (int, int), optional
        Zeros behind the rows and columns, where they are other than the ``padding`` before them.
    images : int
        Convolutions: feature maps of one sample that pass the same weights, one after the other:
        calls of a module, frames of a convolution over time.
    input_density : float, optional
        Share of the layer's input that is not zero, as measured; None where nobody has. Of a
        product, that of the vectors that stream.
    input_density_by_channel : tuple of float, optional
        The same for each of the C channels or features, groups one after the other.
    input_masks : ndarray of bool, optional
        Where the input was not zero, sample by sample: an axis of samples, then the axes of
        :attr:`input_shape`.
    """

    name: str
    kind: LayerKind
    weight: NDArray[np.floating]
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
    input_masks: NDArray[np.bool_] | None = None

    @classmethod
    def product(
        cls, name: str, filters: int, reduction: int, vectors: int, groups: int = 1
    ) -> Layer:
        """Make a product of activations.

        Parameters
        ----------
        name : str
            Of the operation.
        filters, reduction : int
            Rows and columns of the matrix that is kept, of one group.
        vectors : int
            Vectors that stream past it.
        groups : int
            Independent products: heads, or matrices of a batch.
        """
        ones = np.broadcast_to(np.float32(1), (groups * filters, reduction))
        return cls(name, "product", ones, groups=groups, vectors=vectors)

    def with_weight(self, name: str, weight: NDArray[np.floating]) -> Layer:
        """Give the same of another layer, whose weights have the shape of this one's."""
        other = object.__new__(Layer)
        vars(other).update(vars(self), name=name, weight=weight)
        return other

    @cached_property
    def geometry_key(self) -> Hashable:
        """All that decides the layer's products but the values of its weights."""
        pairs = self.stride, self.padding, self.dilation, self.input_size, self.padding_end
        window = tuple(tuple(each) if isinstance(each, list) else each for each in pairs)
        return self.kind, self.weight.shape, window, self.groups, self.vectors, self.images

    @property
    def of_activations(self) -> bool:
        """Whether both operands are activations, and there are no weights."""
        return self.kind == "product"

    @property
    def filters(self) -> int:
        """K, the number of filters (output channels or output features)."""
        return int(self.weight.shape[0])

    @property
    def kernel(self) -> tuple[int, int]:
        """R, S: the rows and columns of a filter (1, 1 for a linear layer)."""
        if self.kind != "conv":
            return (1, 1)
        return (int(self.weight.shape[2]), int(self.weight.shape[3]))

    @property
    def channels(self) -> int:
        """C, the number of input channels (or features) over all groups."""
        return int(self.weight.shape[1]) * self.groups

    @property
    def reduction(self) -> int:
        """Weights of one filter, C/G * R * S: the K of the lowered GEMM."""
        return math.prod(map(int, self.weight.shape[1:]))

    @cached_property
    def output_size(self) -> tuple[int, int]:
        """P, Q: the rows and columns of the output feature map (1, 1 for a linear layer)."""
        if self.kind != "conv":
            return (1, 1)
        height, width = map(
            window_positions,
            self.input_size,
            self.kernel,
            self.stride,
            self.padding,
            self.dilation,
            self.padding_end or self.padding,
        )
        return (height, width)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of the input of a sample: (channels, rows, columns), or (vectors, features).

        Several images of a convolution come first: (images, channels, rows, columns).
        """
        if self.kind != "conv":
            return self.vectors, self.channels
        images = () if self.images == 1 else (self.images,)
        return *images, self.channels, *self.input_size

    @property
    def columns(self) -> int:
        """Output positions of all feature maps of a sample, or the input vectors of others."""
        if self.kind != "conv":
            return self.vectors
        rows, columns = self.output_size
        return rows * columns * self.images

    @property
    def macs(self) -> int:
        """Multiply-accumulates of the dense layer for one sample."""
        return self.filters * self.reduction * self.columns


@dataclass(frozen=True, eq=False)
class Network:
    """A network as hwsim evaluates it: its convolutions and linear layers in order.

    Parameters
    ----------
    name : str
        For people: ``resnet18``, or the file's stem.
    layers : tuple of Layer
        In execution order, if ``ordered``.
    path : str or None
        The file that the weights came from.
    sha256 : str or None
        Hash of that file.
    topology : str or None
        The topology that gave the geometry (``resnet18``), or ``"embedded"`` when the weight
        file carried it.
    uncounted : tuple of Uncounted
        Everything of the file or the graph that is no layer, each with its reason.
    notes : tuple of str
        Anything about the origin that a reader of the results should know, e.g. that the
        weights were drawn at random.
    quantized_layers : tuple of str or None
        The layers that quantisation touches by default, by name; None when the origin says
        nothing (then all but the first and the last are the custom).
    provenance : str or None
        What wrote the file, if it says so.
    ordered : bool
        Whether the layers stand in execution order; False where nothing told it, so that the first
        layer may not be the first.
    """

    name: str
    layers: tuple[Layer, ...]
    path: str | None = None
    sha256: str | None = None
    topology: str | None = None
    uncounted: tuple[Uncounted, ...] = ()
    notes: tuple[str, ...] = ()
    quantized_layers: tuple[str, ...] | None = None
    provenance: str | None = None
    ordered: bool = True

    @property
    def skipped(self) -> dict[Reason, int]:
        """How much of the file is no layer, by reason."""
        return by_reason(self.uncounted)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Network):
            return NotImplemented
        return _plain(self, "layers") == _plain(other, "layers") and (
            len(self.layers) == len(other.layers)
            and all(map(_same_layer, self.layers, other.layers))
        )

    def __hash__(self) -> int:
        return hash((self.name, self.sha256, tuple(layer.name for layer in self.layers)))

    def _repr_html_(self) -> str:
        from hwsim.html_table import html_table

        rows = [
            (layer.name, layer.kind, " x ".join(map(str, layer.weight.shape)), layer.macs)
            for layer in self.layers[:_SHOWN]
        ]
        whole = sum(layer.macs for layer in self.layers)
        more = len(self.layers) - len(rows)
        note = f"{len(self.layers)} layers, {whole:,} multiply-accumulates a sample"
        note += f"; {more} more layers" if more > 0 else ""
        heads = ("layer", "kind", "weights", "MACs")
        return html_table(self.name, heads, rows, "; ".join([note, *self.notes]))

    def to_bytes(self) -> bytes:
        """Write it whole, for another process or a file; :meth:`from_bytes` gives it back."""
        layers = [_plain(layer, *_ARRAYS) for layer in self.layers]
        arrays = {
            f"{number} {name}": array
            for number, layer in enumerate(self.layers)
            for name in _ARRAYS
            if (array := getattr(layer, name)) is not None
        }
        header = {**_plain(self, "layers"), "layers": layers}
        header["uncounted"] = described(self.uncounted)
        return frame(_KIND, header, arrays)

    @classmethod
    def from_bytes(cls, content: bytes) -> Network:
        """Read what :meth:`to_bytes` wrote.

        Raises
        ------
        InputError
            If it is not that, or not all of it.
        """
        header, arrays = read_frame(_KIND, content)
        with reading(_KIND):
            layers = tuple(
                Layer(
                    **_tuples(layer),
                    weight=arrays[f"{number} weight"],
                    input_masks=arrays.get(f"{number} input_masks"),
                )
                for number, layer in enumerate(header.pop("layers"))
            )
            uncounted = from_described(header.pop("uncounted"))
            return cls(**_tuples(header), layers=layers, uncounted=uncounted)


def _same_layer(one: Layer, other: Layer) -> bool:
    # Weights are compared by their bits: a NaN that has travelled is the same one.
    return _plain(one, *_ARRAYS) == _plain(other, *_ARRAYS) and all(
        _same_array(getattr(one, name), getattr(other, name)) for name in _ARRAYS
    )


def _same_array(one: NDArray[Any] | None, other: NDArray[Any] | None) -> bool:
    if one is None or other is None:
        return one is other
    same = one.dtype == other.dtype and one.shape == other.shape
    return same and one.tobytes() == other.tobytes()


def _plain(whole: Layer | Network, *apart: str) -> dict[str, Any]:
    """Give all fields but those that are written apart."""
    names = [each.name for each in fields(whole) if each.name not in apart]
    values = {name: getattr(whole, name) for name in names}
    return {
        name: dict(each) if isinstance(each, Mapping) else each for name, each in values.items()
    }


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn back what JSON made lists of."""
    return {name: tuple(each) if isinstance(each, list) else each for name, each in values.items()}
