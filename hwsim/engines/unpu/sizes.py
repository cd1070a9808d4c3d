"""The sizes of an UNPU, and how bits of weights meet its tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from hwsim.engines.widths import integer_technology_of

if TYPE_CHECKING:
    from hwsim.arch import Arch
    from hwsim.workload import Workload

#: Parameters that only prices depend on.
_PRICED: Final = ("feature_kb", "weight_kb")


@dataclass(frozen=True)
class UnpuSizes:
    """What the engine reads of a machine.

    Parameters
    ----------
    cores : int
        Cores; they share out the reduction.
    lbpes : int
        Units of a core.
    bundles : int
        Bundles of tables of a unit; those of a core share out the output's positions, or filters.
    tables : int
        Tables of a bundle.
    inputs : int
        Activations whose sums a table holds.
    readers : int
        Filters that look a table up in a cycle.
    accumulators : int
        Sums that a reader holds.
    weight_bits : int
        Bits of the widest weight.
    activation_bits : int
        Bits of an activation.
    dram_words : int
        Words of an activation's width that DRAM moves a cycle.
    """

    cores: int
    lbpes: int
    bundles: int
    tables: int
    inputs: int
    readers: int
    accumulators: int
    weight_bits: int
    activation_bits: int
    dram_words: int

    @classmethod
    def of(cls, arch: Arch) -> Self:
        """Read them off a machine.

        Raises
        ------
        InputError
            If the machine lacks a parameter or its technology, or its numbers are floats.
        """
        reason = "a machine that takes weights bit by bit needs integers, e.g. int16"
        technology = integer_technology_of(arch, "unpu", reason)
        names = ("cores", "lbpes", "bundles", "tables", "inputs", "readers", "accumulators")
        arch.refuse_idle((*names, "dram_words", *_PRICED))
        return cls(
            weight_bits=technology.weights.bits,
            activation_bits=technology.activations.bits,
            dram_words=arch["dram_words"],
            **{name: arch[name] for name in names},
        )

    @property
    def bundles_of_core(self) -> int:
        """Bundles that work side by side on a part of the reduction."""
        return self.lbpes * self.bundles

    @property
    def entries(self) -> int:
        """Sums in a table."""
        return 1 << self.inputs

    @property
    def filters_held(self) -> int:
        """Filters for which a bundle uses a table before it is made anew."""
        return self.readers * self.accumulators


@dataclass(frozen=True)
class Serial:
    """A layer's weights as the tables see them.

    Parameters
    ----------
    bits : int
        Cycles that a weight takes.
    inputs : int
        Activations that a look-up covers.
    additions : int
        Additions that fill a table.
    """

    bits: int
    inputs: int
    additions: int

    @classmethod
    def of(cls, workload: Workload, sizes: UnpuSizes) -> Self:
        """Take a layer's weights, at most as wide as the machine takes them.

        Notes
        -----
        A bit is 0 or 1: a table of three activations holds their 8 sums, four of which are
        additions. Signs are +1 or -1, and the sums of all signs turned are the others with the
        sign turned: 8 sums serve four activations, four additions of pairs and eight of those.
        """
        if workload.coding == "sign":
            pairs = sizes.inputs + 1
            return cls(1, pairs, _sums_of_pairs(pairs) + sizes.entries)
        operands = workload.operands
        bits = sizes.weight_bits if operands is None else operands.weight_bits
        if operands is not None and operands.of_activations:
            bits = sizes.activation_bits
        entries = sizes.entries - 1 - sizes.inputs  # all but nothing and the activations themselves
        return cls(min(bits, sizes.weight_bits), sizes.inputs, entries)


def _sums_of_pairs(inputs: int) -> int:
    """Count sum and difference of each pair of activations."""
    return inputs // 2 * 2
