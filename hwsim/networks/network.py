"""What a network is to hwsim: layers with weights and geometry, and where they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from hwsim.framing import frame, read_frame, reading

_KIND: Final = "network 1"
LayerKind = Literal["conv", "linear"]


def window_positions(size: int, window: int, stride: int, padding: int, dilation: int = 1) -> int:
    """Count the positions of a sliding window along one dimension.

    Parameters
    ----------
    size, window, stride, padding, dilation : int
        Input positions, window length, step, zeros added at either end, step between the taps.

    Returns
    -------
    int
        Output positions; less than 1 when the window does not fit.
    """
    return (size + 2 * padding - dilation * (window - 1) - 1) // stride + 1


@dataclass(frozen=True, eq=False)
class Layer:
    """One convolution or fully connected layer of a network.

    Parameters
    ----------
    name : str
        The state-dict name without ``.weight``, e.g. ``layer1.0.conv1``.
    kind : {"conv", "linear"}
        What the layer computes.
    weight : ndarray
        Float weights: (K, C/G, R, S) for a convolution, (K, C) for a linear layer.
    stride, padding, dilation : (int, int)
        Rows, columns. Convolutions only.
    groups : int
        G; channels and filters fall into G independent groups.
    input_size : (int, int)
        Rows and columns of the input feature map. Convolutions only.
    vectors : int
        Linear layers: input vectors of one sample (1 for a classifier, 197 for ViT-B/16 tokens).
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

    @property
    def filters(self) -> int:
        """K, the number of filters (output channels or output features)."""
        return int(self.weight.shape[0])

    @property
    def kernel(self) -> tuple[int, int]:
        """R, S: the rows and columns of a filter (1, 1 for a linear layer)."""
        if self.kind == "linear":
            return (1, 1)
        return (int(self.weight.shape[2]), int(self.weight.shape[3]))

    @property
    def channels(self) -> int:
        """C, the number of input channels (or features) over all groups."""
        return int(self.weight.shape[1]) * self.groups

    @property
    def reduction(self) -> int:
        """Weights of one filter, C/G * R * S: the K of the lowered GEMM."""
        return int(np.prod(self.weight.shape[1:]))

    @property
    def output_size(self) -> tuple[int, int]:
        """P, Q: the rows and columns of the output feature map (1, 1 for a linear layer)."""
        if self.kind == "linear":
            return (1, 1)
        height, width = map(
            window_positions,
            self.input_size,
            self.kernel,
            self.stride,
            self.padding,
            self.dilation,
        )
        return (height, width)

    @property
    def columns(self) -> int:
        """Output positions of one image, P * Q, or the input vectors of a linear layer."""
        if self.kind == "linear":
            return self.vectors
        rows, columns = self.output_size
        return rows * columns

    @property
    def macs(self) -> int:
        """Multiply-accumulates of the dense layer for one image."""
        return self.filters * self.reduction * self.columns


@dataclass(frozen=True, eq=False)
class Network:
    """A network as hwsim evaluates it: its convolutions and linear layers in order.

    Parameters
    ----------
    name : str
        For people: ``resnet18``, or the file's stem.
    layers : tuple of Layer
        In execution order.
    path : str or None
        The file that the weights came from.
    sha256 : str or None
        Hash of that file.
    topology : str or None
        The topology that gave the geometry (``resnet18``), or ``"embedded"`` when the weight
        file carried it.
    skipped : mapping
        Arrays of the file that are no layer weights, counted by reason
        (``{"batch-norm": 40, "running-stat": 60, "bias": 1}``).
    notes : tuple of str
        Anything about the origin that a reader of the results should know, e.g. that the
        weights were drawn at random.
    quantized_layers : tuple of str or None
        The layers that quantisation touches by default, by name; None when the origin says
        nothing (then all but the first and the last are the custom).
    provenance : str or None
        What wrote the file, if it says so.
    """

    name: str
    layers: tuple[Layer, ...]
    path: str | None = None
    sha256: str | None = None
    topology: str | None = None
    skipped: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    quantized_layers: tuple[str, ...] | None = None
    provenance: str | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Network):
            return NotImplemented
        return _plain(self, "layers") == _plain(other, "layers") and (
            len(self.layers) == len(other.layers)
            and all(map(_same_layer, self.layers, other.layers))
        )

    def __hash__(self) -> int:
        return hash((self.name, self.sha256, tuple(layer.name for layer in self.layers)))

    def to_bytes(self) -> bytes:
        """Write it whole, for another process or a file; :meth:`from_bytes` gives it back."""
        layers = [_plain(layer, "weight") for layer in self.layers]
        weights = {str(number): layer.weight for number, layer in enumerate(self.layers)}
        return frame(_KIND, {**_plain(self, "layers"), "layers": layers}, weights)

    @classmethod
    def from_bytes(cls, content: bytes) -> Network:
        """Read what :meth:`to_bytes` wrote.

        Raises
        ------
        InputError
            If it is not that, or not all of it.
        """
        header, weights = read_frame(_KIND, content)
        with reading(_KIND):
            layers = tuple(
                Layer(**_tuples(layer), weight=weights[str(number)])
                for number, layer in enumerate(header.pop("layers"))
            )
            return cls(**_tuples(header), layers=layers)


def _same_layer(one: Layer, other: Layer) -> bool:
    # Weights are compared by their bits: a NaN that has travelled is the same one.
    return (
        _plain(one, "weight") == _plain(other, "weight")
        and one.weight.dtype == other.weight.dtype
        and one.weight.shape == other.weight.shape
        and one.weight.tobytes() == other.weight.tobytes()
    )


def _plain(whole: Layer | Network, apart: str) -> dict[str, Any]:
    """Give all fields but the one that is written apart."""
    names = [each.name for each in fields(whole) if each.name != apart]
    values = {name: getattr(whole, name) for name in names}
    return {
        name: dict(each) if isinstance(each, Mapping) else each for name, each in values.items()
    }


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn back what JSON made lists of."""
    return {name: tuple(each) if isinstance(each, list) else each for name, each in values.items()}
