"""The sizes of an EIE, and the widths of what it stores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from hwsim.engines.widths import technology_of
from hwsim.errors import InputError

if TYPE_CHECKING:
    from hwsim.arch import Arch
    from hwsim.workload import Operands

#: Bits of a row of the memories for weights and activations (ISCA 2016, section IV).
ROW_BITS: Final = 64
#: A parameter that only prices depend on.
_PRICED: Final = "pointer_words"


@dataclass(frozen=True)
class EieSizes:
    """What the engine reads of a machine.

    Parameters
    ----------
    pes : int
        PEs; filter f belongs to PE f mod ``pes``.
    accumulators : int
        Sums that a PE holds, which is as many filters as it works on at a time.
    queue : int
        Activations that a PE may be behind the broadcast.
    run_bits, value_bits : int
        Bits of an entry: zeros before it, and its weight.
    weight_rows, activation_rows : int
        Rows of 64 bits of a PE's memories.
    activation_bits : int
        Of a word in the activations' memory.
    dram_words : int
        Words of an activation's width that DRAM moves a cycle.
    """

    pes: int
    accumulators: int
    queue: int
    run_bits: int
    value_bits: int
    weight_rows: int
    activation_rows: int
    activation_bits: int
    dram_words: int

    @classmethod
    def of(cls, arch: Arch, operands: Operands | None = None) -> Self:
        """Read them off a machine, the width of weights as a layer has it.

        Raises
        ------
        InputError
            If the machine lacks a parameter or its technology, or a row holds no entry.
        """
        technology = technology_of(arch, "eie")
        value = technology.weights
        if operands is not None:
            value = technology.weight_format(operands.weight_bits)
        names = ("pes", "accumulators", "queue", "run_bits", "weight_rows", "activation_rows")
        arch.refuse_idle((*names, "dram_words", _PRICED))
        sizes = {name: arch[name] for name in (*names, "dram_words")}
        if value.bits + sizes["run_bits"] > ROW_BITS:
            raise InputError(
                f"arch {arch.label!r}: an entry of {value.bits} and {sizes['run_bits']} bits does "
                f"not fit a row of {ROW_BITS}"
            )
        bits = technology.activations.bits
        return cls(value_bits=value.bits, activation_bits=bits, **sizes)

    @property
    def entry_bits(self) -> int:
        """Bits of a stored entry: its weight and the zeros before it."""
        return self.value_bits + self.run_bits

    @property
    def entries_of_row(self) -> int:
        """Entries that are read at once."""
        return ROW_BITS // self.entry_bits

    @property
    def filters_at_a_time(self) -> int:
        """Filters whose sums the PEs hold together."""
        return self.pes * self.accumulators
