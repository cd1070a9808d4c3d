"""The problem that an engine evaluates, with everything that any engine may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from numbers import Integral
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.framing import Arrays, frame, frame_digest, read_frame, reading
from hwsim.schemes.coding import CODINGS, Coding
from hwsim.workload.activations import Activations
from hwsim.workload.operands import Operands

_KIND: Final = "workload 3"
_KINDS: Final = ("conv", "linear")


@dataclass(frozen=True)
class ConvolutionWindow:
    """The shape of a convolution, for engines that take it as it is and not as a GEMM.

    Parameters
    ----------
    channels : int
        C/G: channels of one group.
    kernel : (int, int)
        R, S: rows and columns of a filter.
    output : (int, int)
        P, Q: rows and columns of the output feature map of one image.
    stride, dilation : (int, int)
        Along rows and columns.
    """

    channels: int
    kernel: tuple[int, int]
    output: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> ConvolutionWindow:
        """Make one of its fields as JSON gives them back, with lists for pairs."""
        pairs = {key: tuple(fields[key]) for key in ("kernel", "output", "stride", "dilation")}
        return cls(channels=fields["channels"], **pairs)


@dataclass(frozen=True, eq=False)
class Workload:
    """A layer as GEMMs, one for each group, the weights being one operand.

    A convolution becomes ``MK x KN`` by im2col: M filters of one group, K = C/G * R * S,
    N = P * Q output positions of one image. A linear layer has M input vectors, and the weights
    are the ``KN`` side.

    Parameters
    ----------
    layer : str
        Name of the layer; it decides no result and is no part of the fingerprint.
    levels : ndarray of int8, shape (groups, filters, reduction)
        What each weight is, over the scale of its filter; 0 is a weight that hardware may skip.
        Where the coding is ``value``, weights are numbers of their own and this is their sign.
        Row f of a group is one filter, unrolled. Booleans are taken as levels 0 and 1.
    streams : int
        How many vectors of the other operand pass the weights: N = P * Q for a convolution,
        M for a linear layer.
    kind : {"conv", "linear"}
        Where the workload came from; it decides which operand the weights are.
    coding : {"value", "sign", "ternary", "zero"}
        What one weight is to the hardware, as the scheme declares.
    activations : Activations
        What is known of the streaming side: the share of its non-zeros, or where they are.
    window : ConvolutionWindow, optional
        The convolution that the GEMMs came from: row f of ``levels`` is (channels, R, S)
        unrolled. None for a linear layer, and for a GEMM that came from no layer.
    operands : Operands, optional
        How the values are coded, and in how many bits; None if that is not known.
    compared_bits : tuple of int
        Bits that code a weight of this layer under each scheme that a study compares, this one's
        among them, so that what an engine searches for (a mapping) can be the best found for any
        of them and depends on no order; empty where nothing is compared.
    images : int
        Feature maps that a convolution's window slides over, one after the other; ``streams``
        counts the positions of all of them.

    Raises
    ------
    InputError
        If shapes or types do not fit one another.
    """

    layer: str
    levels: NDArray[np.int8]
    streams: int
    kind: str = "conv"
    coding: Coding = "value"
    activations: Activations = field(default_factory=Activations)
    window: ConvolutionWindow | None = None
    operands: Operands | None = None
    compared_bits: tuple[int, ...] = ()
    images: int = 1

    def __post_init__(self) -> None:
        levels = np.asarray(self.levels)
        if levels.dtype == np.bool_:
            levels = levels.view(np.int8)
        if levels.dtype != np.int8 or levels.ndim != 3 or levels.size == 0:
            raise InputError(
                f"workload {self.layer!r}: levels should be int8 of shape (groups, filters, "
                f"reduction), none of them 0. Got {levels.dtype} of shape {levels.shape}"
            )
        object.__setattr__(self, "levels", levels)
        self._check_plain()
        present = self.activations.nonzeros
        expected = (self.groups, self.streams, self.K)
        if present is not None and present.shape != expected:
            raise InputError(
                f"workload {self.layer!r}: zeros of activations should have the shape (groups, "
                f"streams, reduction) = {expected}. Got {present.shape}"
            )

    def _check_plain(self) -> None:
        if not isinstance(self.layer, str):
            raise InputError(f"workload {self.layer!r}: layer should be a name")
        for name, kind, words in (
            ("activations", Activations, "an Activations"),
            ("window", ConvolutionWindow | None, "a ConvolutionWindow or None"),
            ("operands", Operands | None, "an Operands or None"),
        ):
            if not isinstance(getattr(self, name), kind):
                raise InputError(
                    f"workload {self.layer!r}: {name} should be {words}. "
                    f"Got {getattr(self, name)!r}"
                )
        streams = self.streams
        if not isinstance(streams, Integral) or isinstance(streams, bool) or streams < 1:
            raise InputError(
                f"workload {self.layer!r}: streams should be a whole number, 1 or more. "
                f"Got {streams!r}"
            )
        object.__setattr__(self, "streams", int(streams))
        images = self.images
        if not isinstance(images, int) or isinstance(images, bool) or images < 1:
            raise InputError(
                f"workload {self.layer!r}: images should be a whole number, 1 or more. "
                f"Got {images!r}"
            )
        if self.window is not None and images > 1 and self.streams != self._positions * images:
            raise InputError(
                f"workload {self.layer!r}: streams should be the {self._positions} positions of "
                f"each of {images} images. Got {self.streams}"
            )
        bits = self.compared_bits
        if not isinstance(bits, tuple) or not all(isinstance(b, int) and b > 0 for b in bits):
            raise InputError(
                f"workload {self.layer!r}: compared_bits should be a tuple of whole numbers, 1 or "
                f"more. Got {bits!r:.80}"
            )
        for name, value, known in (
            ("kind", self.kind, _KINDS),
            ("coding", self.coding, CODINGS),
        ):
            if value not in known:
                raise InputError(
                    f"workload {self.layer!r}: {name} should be one of {', '.join(known)}. "
                    f"Got {value!r}"
                )

    @property
    def _positions(self) -> int:
        assert self.window is not None
        rows, columns = self.window.output
        return rows * columns

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Workload):
            return NotImplemented
        return self.layer == other.layer and self.fingerprint() == other.fingerprint()

    def __hash__(self) -> int:
        return hash((self.layer, self.levels.shape, self.streams))

    def of_one_image(self) -> Workload:
        """Give what is done for one of the images of a convolution.

        Raises
        ------
        InputError
            If zeros of the activations are known, so that no image is like another.
        """
        if self.activations.nonzeros is not None:
            raise InputError(
                f"workload {self.layer!r}: the zeros of {self.images} images are known one by one, "
                "and this engine takes one image for all; give the share of non-zeros instead"
            )
        return replace(self, images=1, streams=self.streams // self.images)

    @property
    def groups(self) -> int:
        """Independent GEMMs of the layer."""
        return int(self.levels.shape[0])

    @property
    def filters(self) -> int:
        """Filters of one group."""
        return int(self.levels.shape[1])

    @property
    def K(self) -> int:  # noqa: N802
        """Length of the reduction."""
        return int(self.levels.shape[2])

    @property
    def M(self) -> int:  # noqa: N802
        """Rows of the left matrix."""
        return self.filters if self.kind == "conv" else self.streams

    @property
    def N(self) -> int:  # noqa: N802
        """Columns of the right matrix."""
        return self.streams if self.kind == "conv" else self.filters

    @property
    def dataflow(self) -> str:
        """STONNE's name of the dataflow that keeps the weights stationary."""
        return "MK_STA_KN_STR" if self.kind == "conv" else "MK_STR_KN_STA"

    @cached_property
    def nonzeros(self) -> NDArray[np.bool_]:
        """True where a weight is not zero, shape (groups, filters, reduction)."""
        return np.asarray(self.levels != 0)

    @cached_property
    def effectual_weights(self) -> int:
        """Weights that are not zero, all groups."""
        return int(np.count_nonzero(self.levels))

    @property
    def macs(self) -> int:
        """Multiply-accumulates if every weight counted, all groups."""
        return self.levels.size * self.streams

    @property
    def effectual_macs(self) -> int:
        """Multiply-accumulates with a non-zero weight, all groups."""
        return self.effectual_weights * self.streams

    @property
    def density(self) -> float:
        """Share of the weights that are not zero, 0 to 1."""
        return self.effectual_weights / self.levels.size

    def fingerprint(self) -> str:
        """Identify what decides any engine's result: everything but the layer's name.

        Returns
        -------
        str
            Equal for equal workloads on every machine; 32 hexadecimal digits.
        """
        return frame_digest(_KIND, self._header(), self._arrays)

    def zeros_fingerprint(self) -> str:
        """Identify the GEMMs with their zeros, and neither levels, window nor coding.

        For engines to which a weight is zero or not, and a layer a matrix product.
        """
        dense = self.effectual_weights == self.levels.size
        header = {
            "shape": self.levels.shape,
            "streams": self.streams,
            "kind": self.kind,
            "activation_density": self.activations.density,
        }
        zeros = {} if dense else {"nonzeros": self.nonzeros}
        return frame_digest(_KIND, header, self._with_activations(zeros))

    def to_bytes(self) -> bytes:
        """Write it for another process or a file; :meth:`from_bytes` gives it back."""
        return frame(_KIND, {"layer": self.layer, **self._header()}, self._arrays)

    @classmethod
    def from_bytes(cls, content: bytes) -> Workload:
        """Read what :meth:`to_bytes` wrote.

        Raises
        ------
        InputError
            If it is not that, or not all of it.
        """
        header, arrays = read_frame(_KIND, content)
        with reading(_KIND):
            window, operands = header["window"], header["operands"]
            return cls(
                layer=header["layer"],
                levels=arrays["levels"],
                streams=header["streams"],
                kind=header["kind"],
                coding=header["coding"],
                activations=Activations(header["activation_density"], arrays.get("activations")),
                window=None if window is None else ConvolutionWindow.of(window),
                operands=None if operands is None else Operands(**operands),
                compared_bits=tuple(header["compared_bits"]),
                images=header["images"],
            )

    def _header(self) -> dict[str, Any]:
        return {
            "streams": self.streams,
            "kind": self.kind,
            "coding": self.coding,
            "activation_density": self.activations.density,
            "window": None if self.window is None else asdict(self.window),
            "operands": None if self.operands is None else asdict(self.operands),
            "compared_bits": self.compared_bits,
            "images": self.images,
        }

    @property
    def _arrays(self) -> Arrays:
        return self._with_activations({"levels": self.levels})

    def _with_activations(self, weights: Arrays) -> Arrays:
        known = self.activations.nonzeros
        return weights if known is None else {**weights, "activations": known}
