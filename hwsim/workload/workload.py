"""The problem that an engine evaluates, with everything that any engine may ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from numbers import Integral
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from hwsim.bit_rows import BitRows
from hwsim.errors import InputError
from hwsim.framing import Arrays, digest_after, frame, frame_digest, opening, read_frame, reading
from hwsim.later import MadeWhenAsked, later
from hwsim.schemes.coding import CODINGS, Coding
from hwsim.workload.activations import Activations
from hwsim.workload.operands import Operands

_KIND: Final = "workload 4"
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

    def share_inside(self, own: tuple[tuple[int, int], tuple[int, int]]) -> NDArray[np.float64]:
        """Tell how often each kernel position lies on the input's own rows and columns.

        Parameters
        ----------
        own : tuple of (int, int)
            Of the padded map: rows before them and how many, and columns.

        Returns
        -------
        ndarray, shape (R, S)
            Shares of the outputs, 0 to 1.
        """
        shares = []
        for (before, size), taps, outputs, stride, dilation in zip(
            own, self.kernel, self.output, self.stride, self.dilation, strict=True
        ):
            at = np.arange(taps)[:, None] * dilation + np.arange(outputs) * stride
            shares.append(np.mean((at >= before) & (at < before + size), axis=1))
        return np.outer(*shares)


#: Fields of a workload, what they may be, and how that is said.
_PARTS: Final = (
    ("activations", Activations, "an Activations"),
    ("window", (ConvolutionWindow, type(None)), "a ConvolutionWindow or None"),
    ("operands", (Operands, type(None)), "an Operands or None"),
)


class Sizes(NamedTuple):
    """Sizes of the GEMMs of a layer.

    Parameters
    ----------
    groups : int
        Independent GEMMs.
    M, K, N : int
        Of each: rows of the left matrix, length of the reduction, columns of the right matrix.
    weights, macs : int
        Of all groups: weights, and multiply-accumulates if every weight counted.
    """

    groups: int
    M: int
    K: int
    N: int
    weights: int
    macs: int


@dataclass(slots=True)
class _OfAll:
    """What one of layers alike has found out for all of them: how their zeros are identified."""

    dense_zeros: str = ""
    zeros_opening: bytes = b""


@dataclass(frozen=True, eq=False)
class Workload(MadeWhenAsked):
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
        What is known of the streaming side: the share of its non-zeros, in whole and by channel,
        or where they are, in one sample or in several.
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
        self._put_off("levels")
        if "levels" in vars(self):
            given = np.asarray(self.levels)
            plain = given.view(np.int8) if given.dtype == np.bool_ else given
            object.__setattr__(self, "levels", plain)
        levels = self.promised("levels")
        if levels.dtype != np.int8 or levels.ndim != 3 or levels.size == 0:
            raise InputError(
                f"workload {self.layer!r}: levels should be int8 of shape (groups, filters, "
                f"reduction), none of them 0. Got {levels.dtype} of shape {levels.shape}"
            )
        self._check_plain()
        present = self.activations.nonzeros
        if present is not None and present.shape[-3:] != (self.groups, self.streams, self.K):
            raise InputError(
                f"workload {self.layer!r}: zeros of activations should have the shape (groups, "
                f"streams, reduction) = {(self.groups, self.streams, self.K)}. Got {present.shape}"
            )
        shares = self.activations.by_channel
        if shares is not None and (len(shares) % self.groups or self.groups * self.K % len(shares)):
            raise InputError(
                f"workload {self.layer!r}: {len(shares)} shares of activations are not of the "
                f"channels of {self.groups} groups of {self.K}"
            )

    def _check_plain(self) -> None:
        if not isinstance(self.layer, str):
            raise InputError(f"workload {self.layer!r}: layer should be a name")
        for name, kinds, words in _PARTS:
            if not isinstance(getattr(self, name), kinds):
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
        return hash((self.layer, self.shape, self.streams))

    def with_weights(
        self, layer: str, levels: NDArray[np.int8], operands: Operands | None
    ) -> Workload:
        """Give the same problem with the weights of another layer.

        Parameters
        ----------
        layer, levels, operands
            As for the class; levels of the same shape. What was checked is not checked again.
        """
        other = object.__new__(Workload)
        vars(other).update(self._of_problem)
        vars(other).update(layer=layer, levels=levels, operands=operands)
        other._put_off("levels")
        return other

    @cached_property
    def _of_problem(self) -> dict[str, Any]:
        """What layers alike have in common."""
        own = {name: vars(self)[name] for name in _OF_PROBLEM}
        return {**own, "shape": self.shape, "sizes": self.sizes, "_of_all": self._of_all}

    @cached_property
    def _of_all(self) -> _OfAll:
        return _OfAll()

    def maps_apart(self, images_together: bool) -> int:
        """Count the feature maps of a sample that an engine takes one by one; 1 if it takes all."""
        return 1 if images_together or self.window is None else self.images

    def parts(self, images_together: bool) -> Iterator[Workload]:
        """Give what an engine simulates by itself, of every sample whose zeros are known.

        Parameters
        ----------
        images_together : bool
            Whether it takes all feature maps of a sample at once. Else each is one of its own;
            where no zeros are known all are alike, and one is given for them.
        """
        apart = self.maps_apart(images_together)
        if apart == self.activations.samples == 1:
            yield self
            return
        one = replace(self, activations=Activations(), images=self.images // apart)
        one = replace(one, streams=self.streams // apart)
        known = self.activations.nonzeros
        if known is None:
            yield replace(one, activations=self.activations)
            return
        for sample in known.reshape(-1, self.groups, self.streams, self.K):
            for image in np.split(sample, apart, axis=1):
                yield replace(one, activations=Activations(nonzeros=image))

    def shares_of_k(self) -> NDArray[np.float64]:
        """Expect the share of non-zeros at each place of the reduction, shape (groups, K).

        Where it is known by channel, all kernel positions of a channel have its share; those that
        lie on the padding more often than others have less of it.
        """
        shares = self.activations.by_channel
        if shares is None:
            found = np.full((self.groups, self.K), float(self.activations.density))
        else:
            by_group = np.reshape(shares, (self.groups, -1))
            found = np.repeat(by_group, self.K // by_group.shape[1], axis=1)
        if self.activations.own is None or self.window is None:
            return found
        taps = self.window.share_inside(self.activations.own)
        by_tap = np.tile((taps / taps.mean()).ravel(), self.K // taps.size)
        return np.asarray(np.minimum(found * by_tap, 1.0))

    def knowing(self, effectual: int, bits: BitRows | Callable[[], BitRows] | None = None) -> Self:
        """Take over what is known of levels that are not made yet.

        Parameters
        ----------
        effectual : int
            Levels that are not zero.
        bits : BitRows or callable, optional
            Where they are, shape (groups, filters, reduction), or what finds it; none where all
            are effectual.
        """
        own = vars(self)
        own["effectual_weights"] = effectual
        if isinstance(bits, BitRows):
            own["bits"] = bits
        elif bits is not None:
            own["_promises"]["bits"] = later(self.shape, np.bool_, bits)
        return self

    @property
    def held_bytes(self) -> int:
        """What its arrays take in memory now."""
        own = vars(self)
        made: int = sum(
            [own[name].nbytes for name in ("levels", "bits", "nonzeros") if name in own]
        )
        known = self.activations.nonzeros
        return made if known is None else made + known.nbytes

    @cached_property
    def shape(self) -> tuple[int, int, int]:
        """Groups, filters of a group, reduction: of the levels."""
        groups, filters, reduction = map(int, self.promised("levels").shape)
        return groups, filters, reduction

    @cached_property
    def sizes(self) -> Sizes:
        """Those of the GEMMs, and what they take if every weight counts."""
        groups, filters, K = self.shape
        M, N = (filters, self.streams) if self.kind == "conv" else (self.streams, filters)
        weights = groups * filters * K
        return Sizes(groups, M, K, N, weights, weights * self.streams)

    @property
    def size(self) -> int:
        """Weights, all groups."""
        return self.sizes.weights

    @property
    def groups(self) -> int:
        """Independent GEMMs of the layer."""
        return self.shape[0]

    @property
    def filters(self) -> int:
        """Filters of one group."""
        return self.shape[1]

    @property
    def K(self) -> int:  # noqa: N802
        """Length of the reduction."""
        return self.shape[2]

    @property
    def M(self) -> int:  # noqa: N802
        """Rows of the left matrix."""
        return self.sizes.M

    @property
    def N(self) -> int:  # noqa: N802
        """Columns of the right matrix."""
        return self.sizes.N

    @property
    def dataflow(self) -> str:
        """STONNE's name of the dataflow that keeps the weights stationary."""
        return "MK_STA_KN_STR" if self.kind == "conv" else "MK_STR_KN_STA"

    @cached_property
    def bits(self) -> BitRows:
        """Where weights are not zero, (groups, filters, reduction), a bit each."""
        if self.effectual_weights == self.size:
            return BitRows.full(self.shape)
        made: BitRows | None = self._made("bits")
        return BitRows.of(self.levels != 0) if made is None else made

    @cached_property
    def nonzeros(self) -> NDArray[np.bool_]:
        """True where a weight is not zero, shape (groups, filters, reduction)."""
        return self.bits.bits()

    @cached_property
    def effectual_weights(self) -> int:
        """Weights that are not zero, all groups."""
        return int(np.count_nonzero(self.levels))

    @property
    def macs(self) -> int:
        """Multiply-accumulates if every weight counted, all groups."""
        return self.sizes.macs

    @property
    def effectual_macs(self) -> int:
        """Multiply-accumulates with a non-zero weight, all groups."""
        return self.effectual_weights * self.streams

    @property
    def density(self) -> float:
        """Share of the weights that are not zero, 0 to 1."""
        return self.effectual_weights / self.size

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
        dense = self.effectual_weights == self.size
        if self.activations.nonzeros is not None:
            zeros: Arrays = {} if dense else {"nonzeros": self.bits}
            return frame_digest(_KIND, self._zeros_header, self._with_activations(zeros))
        return self.zeros_fingerprint_of(None if dense else self.bits)

    def zeros_fingerprint_of(self, bits: BitRows | None) -> str:
        """Give the same of a layer alike, where no zeros of activations are known.

        Parameters
        ----------
        bits : BitRows or None
            Where its weights are not zero, row by row; None where none is.
        """
        of_all = self._of_all
        if bits is None:
            of_all.dense_zeros = of_all.dense_zeros or frame_digest(_KIND, self._zeros_header, {})
            return of_all.dense_zeros
        if not of_all.zeros_opening:
            some = {"nonzeros": BitRows.full(self.shape)}
            of_all.zeros_opening = opening(_KIND, self._zeros_header, some)
        return digest_after(of_all.zeros_opening, {"nonzeros": bits})

    @property
    def _zeros_header(self) -> dict[str, Any]:
        known = self.activations
        shares = {"density": known.density, "by_channel": known.by_channel, "own": known.own}
        header = {
            "shape": self.shape,
            "streams": self.streams,
            "kind": self.kind,
            "activations": shares,
        }
        if known.own is not None:  # what the window sees of it is in the shares
            header["window"] = None if self.window is None else asdict(self.window)
        return header

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
                activations=Activations.of(header["activations"], arrays.get("activations")),
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
            "activations": self.activations.expected,
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


#: What layers alike have in common.
_OF_PROBLEM: Final = tuple(
    each.name for each in fields(Workload) if each.name not in ("layer", "levels", "operands")
)
