"""The sizes of a mesh, checked as the machine needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from hwsim.errors import InputError

if TYPE_CHECKING:
    from hwsim.arch import Arch

#: As many multipliers as hwsim takes of a flexible fabric.
_MOST_MULTIPLIERS: Final = 65536
#: Multipliers that STONNE lays the collection bus out for unless it is told another number.
DEFAULT_NUM_MS: Final = 64


class MeshSizes(NamedTuple):
    """Sizes of a mesh.

    Parameters
    ----------
    ms_rows, ms_cols : int
        Rows and columns of multipliers, each with an accumulator.
    dn_bw, rn_bw : int
        Read and write ports of the global buffer, elements/cycle.
    num_ms : int
        Multipliers that the collection bus is laid out for: STONNE's program counts inputs of its
        lines by this number and not by the mesh.
    """

    ms_rows: int
    ms_cols: int
    dn_bw: int
    rn_bw: int
    num_ms: int = DEFAULT_NUM_MS

    @classmethod
    def of(cls, arch: Arch) -> MeshSizes:
        """Take the sizes of an architecture.

        Raises
        ------
        InputError
            As :meth:`check`, and for a parameter that is nearly the name of one.
        """
        sizes = cls(*(arch[name] for name in cls._fields))
        arch.refuse_idle((*cls._fields, "tile_m", "tile_n"))
        sizes.check(f"arch {arch.label!r}")
        return sizes

    def check(self, where: str) -> None:
        """Refuse sizes that the machine cannot have.

        Parameters
        ----------
        where : str
            Whose sizes these are, for the message.

        Raises
        ------
        InputError
            If a size is below 1, the mesh too large, or the ports do not share out the edges of
            the mesh in trees of a power of two.
        """
        for name, value in zip(self._fields, self, strict=True):
            if not 1 <= value <= _MOST_MULTIPLIERS:
                raise InputError(
                    f"{where}: {name} must be in the range [1, {_MOST_MULTIPLIERS}]. Got {value}"
                )
        if self.multipliers > _MOST_MULTIPLIERS:
            raise InputError(
                f"{where}: a mesh has at most {_MOST_MULTIPLIERS} multipliers. "
                f"Got {self.ms_rows} x {self.ms_cols}"
            )
        leaves = self.ms_rows + self.ms_cols
        if leaves % self.dn_bw or self.leaves_of_port.bit_count() != 1:
            raise InputError(
                f"{where}: each of the dn_bw read ports feeds a tree of a power of two of the "
                f"ms_rows + ms_cols = {leaves} edges of the mesh. Got dn_bw = {self.dn_bw}"
            )

    @property
    def multipliers(self) -> int:
        """Multipliers of the mesh."""
        return self.ms_rows * self.ms_cols

    @property
    def leaves_of_port(self) -> int:
        """Edges of the mesh that a read port feeds."""
        return (self.ms_rows + self.ms_cols) // self.dn_bw

    @property
    def inputs_of_line(self) -> int:
        """Inputs of a line of the collection bus."""
        return self.num_ms // self.rn_bw + 1
