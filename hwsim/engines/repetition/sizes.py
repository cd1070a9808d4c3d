"""The sizes of a machine that adds once what meets the same weights, or of the one beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from hwsim.engines.widths import integer_technology_of

if TYPE_CHECKING:
    from hwsim.arch import Arch

#: How a PE meets weights: by tables of activation groups, or weight by weight.
DATAPATHS: Final = ("factored", "multiplied")
#: Parameters that only prices depend on.
_PRICED: Final = ("buffer_kb", "input_bytes", "weight_bytes")


@dataclass(frozen=True)
class UcnnSizes:
    """What the engine reads of a machine.

    Parameters
    ----------
    factored : bool
        Whether a PE walks tables of activation groups. Else it multiplies weight by weight.
    pes : int
        PEs.
    filters : int
        G, filters that a PE works on together.
    columns : int
        Vectors of activations that a PE takes side by side.
    positions : int
        T, positions of the reduction whose weights or tables a PE holds.
    group_limit : int
        Activations of which a group's sum is made at most.
    jump_bits : int
        Bits in which an entry of a table says how far to go on; 0 where it has a plain index.
    run_bits : int
        Bits of a run of zeros in DRAM.
    dram_words : int
        Words of an activation's width that DRAM moves a cycle.
    weight_bits, activation_bits : int
        Of the widest weight, and of an activation.
    """

    factored: bool
    pes: int
    filters: int
    columns: int
    positions: int
    group_limit: int
    jump_bits: int
    run_bits: int
    dram_words: int
    weight_bits: int
    activation_bits: int

    @property
    def sum_bits(self) -> int:
        """Bits of a group's sum: as many more than an activation's as its largest group needs."""
        largest = min(self.group_limit, self.positions)
        return self.activation_bits + (largest - 1).bit_length()

    @classmethod
    def of(cls, arch: Arch) -> Self:
        """Read them off a machine.

        Raises
        ------
        InputError
            If the machine lacks a parameter or its technology, or its numbers are floats.
        """
        reason = "sums of groups are exact for integers alone, e.g. int8"
        technology = integer_technology_of(arch, "ucnn", reason)
        names = (
            *("pes", "filters", "columns", "positions", "group_limit", "jump_bits"),
            *("run_bits", "dram_words"),
        )
        arch.refuse_idle((*names, *_PRICED))
        return cls(
            factored=arch.option("datapath", DATAPATHS) == "factored",
            weight_bits=technology.weights.bits,
            activation_bits=technology.activations.bits,
            **{name: arch[name] for name in names},
        )
