"""The sizes of the published SIGMA: multipliers, and words of a cycle."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hwsim.engines.stonne.fabric.sizes import FabricSizes
from hwsim.errors import InputError

if TYPE_CHECKING:
    from hwsim.arch import Arch

#: Words of the streaming matrix that are multicast a cycle, where a spec tells them from ``dn_bw``.
STREAM_BANDWIDTH = "stream_bw"
_MOST_WORDS = 65536


class MulticastSizes(NamedTuple):
    """Sizes of the machine.

    Parameters
    ----------
    num_ms : int
        Multipliers.
    dn_bw : int
        Words of the stationary matrix a cycle, and multipliers of a Flex-DPE.
    rn_bw : int
        Sums that leave the adders a cycle.
    stream_bw : int
        Words of the streaming matrix that are multicast a cycle: the k of a block.
    """

    num_ms: int
    dn_bw: int
    rn_bw: int
    stream_bw: int

    @classmethod
    def of(cls, arch: Arch) -> MulticastSizes:
        """Take the sizes of an architecture; ``stream_bw`` is ``dn_bw`` where the spec has none.

        Raises
        ------
        InputError
            If one is none that the machine can have.
        """
        num_ms, dn_bw, rn_bw = FabricSizes.of(arch, [STREAM_BANDWIDTH])
        stream_bw = arch.parameters.get(STREAM_BANDWIDTH, dn_bw)
        if not 1 <= stream_bw <= _MOST_WORDS:
            raise InputError(
                f"arch {arch.label!r} ({arch.where(('parameters', STREAM_BANDWIDTH))}): "
                f"{STREAM_BANDWIDTH} must be in the range [1, {_MOST_WORDS}] on this machine. "
                f"Got {stream_bw}"
            )
        return cls(num_ms, dn_bw, rn_bw, stream_bw)

    @property
    def engines(self) -> int:
        """Flex-DPEs: a Benes network each, as wide as the memory gives words a cycle."""
        return self.num_ms // self.dn_bw

    @property
    def benes_levels(self) -> int:
        """Levels of switches of a Benes network."""
        return 2 * self.half_levels + 1

    @property
    def half_levels(self) -> int:
        """Levels of a Benes network in front of its middle one, and behind it."""
        return self.dn_bw.bit_length() - 1
