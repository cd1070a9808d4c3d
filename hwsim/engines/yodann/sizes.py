"""The sizes of a YodaNN, and what it cannot run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from hwsim.engines.widths import technology_of
from hwsim.errors import InputError

if TYPE_CHECKING:
    from hwsim.arch import Arch
    from hwsim.workload import Workload

#: What the SoPs wait for: everything that the one input stream brings, or, as the paper's
#: efficiencies count, only pixels that two tiles share.
STREAMING: Final = ("waited", "hidden")
#: What a SoP may multiply by, and the coding of weights that it takes.
_ONE_BIT: Final = {"sign": "sign", "mask": "zero"}


@dataclass(frozen=True)
class YodannSizes:
    """What the engine reads of a machine.

    Parameters
    ----------
    sops : int
        Units that sum products, each for a filter, or for two small ones.
    operators : int
        Products that a SoP forms in a cycle.
    channels : int
        Channels of the input whose windows are held together.
    memory_rows : int
        Rows of the image memory, shared out among the channels.
    streams : int
        Words of results that leave the chip a cycle, and filters that a SoP takes at most.
    activation_bits : int
        Of a word of the streams.
    waited : bool
        Whether the SoPs wait for the input stream.
    """

    sops: int
    operators: int
    channels: int
    memory_rows: int
    streams: int
    activation_bits: int
    waited: bool

    @classmethod
    def of(cls, arch: Arch) -> Self:
        """Read them off a machine.

        Raises
        ------
        InputError
            If the machine lacks a parameter or its technology, has multipliers, or holds fewer
            rows of an image than a window has.
        """
        technology = technology_of(arch, "yodann")
        if technology.multiplier not in _ONE_BIT:
            raise InputError(
                f"arch {arch.label}: multiplier {technology.multiplier}: the engine 'yodann' "
                f"has SoPs of {' or '.join(_ONE_BIT)} operators only"
            )
        names = ("sops", "operators", "channels", "memory_rows", "streams")
        arch.refuse_idle(names)
        sizes = cls(
            activation_bits=technology.activations.bits,
            waited=arch.option("streaming", STREAMING) == "waited",
            **{name: arch[name] for name in names},
        )
        if sizes.image_rows < sizes.widest_kernel:
            raise InputError(
                f"arch {arch.label}: {sizes.memory_rows} rows of memory for {sizes.channels} "
                f"channels are fewer than the {sizes.widest_kernel} rows of a window; set more "
                "memory_rows, or fewer channels"
            )
        return sizes

    @property
    def widest_kernel(self) -> int:
        """Side of the largest square window that a SoP sums at once."""
        return math.isqrt(self.operators)

    @property
    def image_rows(self) -> int:
        """Rows of a channel that the image memory holds."""
        return self.memory_rows // self.channels

    def filters_of_sop(self, products: int) -> int:
        """Count the filters of so many weights a channel that a SoP works on together."""
        return min(self.streams, self.operators // products)


def refuse(workload: Workload, arch: Arch) -> None:
    """Refuse a layer that the machine has no way to run.

    Raises
    ------
    InputError
        For weights of another coding than the SoPs', and for dilated windows.
    """
    where = f"arch {arch.label}, layer {workload.layer!r}"
    if arch.technology is not None and workload.coding != _ONE_BIT[arch.technology.multiplier]:
        raise InputError(
            f"{where}: the machine takes weights of one bit, of the coding "
            f"{_ONE_BIT[arch.technology.multiplier]!r}. Got {workload.coding!r}"
        )
    if workload.window is not None and max(workload.window.dilation) > 1:
        rows, columns = workload.window.dilation
        raise InputError(
            f"{where}: the machine slides windows of neighbouring pixels. Got a dilation of "
            f"{rows} x {columns}"
        )
