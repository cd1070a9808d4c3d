"""MAERI as STONNE builds it: sizes, and how many there are of each component."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hwsim.activity import ComponentKey
from hwsim.engines.stonne.fabric.components import component_instances
from hwsim.engines.stonne.fabric.sizes import FabricSizes

if TYPE_CHECKING:
    from hwsim.arch import Arch

#: Where the pieces of a reduction are added up: in an accumulator at each adder, over the buffer,
#: or in nodes of the adder tree (STONNE's FENETWORK).
ACCUMULATION: Final = ("adders", "buffer", "tree")


@dataclass(frozen=True)
class MaeriMachine:
    """A MAERI.

    Parameters
    ----------
    num_ms : int
        Multipliers, the leaves of both trees.
    dn_bw, rn_bw : int
        Read and write ports of the global buffer, elements/cycle.
    accumulates : bool
        Whether each adder has an accumulator.
    fold_nodes : bool
        Whether the adder tree adds up the folds itself, in the nodes above those that complete a
        sum (``FENETWORK``); it then has no accumulators. With neither partial sums return from the
        buffer.
    """

    num_ms: int
    dn_bw: int
    rn_bw: int
    accumulates: bool
    fold_nodes: bool = False

    @classmethod
    def of(cls, arch: Arch) -> MaeriMachine:
        """Take the machine of an architecture.

        Raises
        ------
        InputError
            If a size is none that trees of adders and switches can have, or the option
            ``accumulation`` is none of :data:`ACCUMULATION`.
        """
        chosen = arch.option("accumulation", ACCUMULATION)
        return cls(
            *FabricSizes.of(arch), accumulates=chosen == "adders", fold_nodes=chosen == "tree"
        )

    def check(self, where: str) -> None:
        """Refuse sizes that trees of adders and switches cannot have.

        Parameters
        ----------
        where : str
            Begins the message.

        Raises
        ------
        InputError
            If there is one.
        """
        FabricSizes(self.num_ms, self.dn_bw, self.rn_bw).check(where)

    @property
    def sums_stay(self) -> bool:
        """Whether folds are added up behind the tree or in it, and no partial sum returns."""
        return self.accumulates or self.fold_nodes

    @property
    def leaves(self) -> int:
        """Multipliers below a read port."""
        return self.num_ms // self.dn_bw

    @property
    def switched(self) -> int:
        """Cycles from a port to a multiplier: 1 through switches, 0 where there are none."""
        return int(self.leaves > 1)

    @property
    def bus_inputs(self) -> int:
        """Adders that a line of the collection bus takes."""
        return self.num_ms // self.rn_bw + 1

    def instances(self) -> dict[ComponentKey, int]:
        """Count the components, in the order of STONNE's counters."""
        instances = component_instances(self.num_ms, self.dn_bw, self.rn_bw)
        adders = self.num_ms - 1
        if self.fold_nodes:
            # a second root, and from every other adder a wire to the node that adds up its folds
            instances["ReduceNetwork", "ADDER"] += 1
            instances["ReduceNetwork", "FIFO"] += 5
            instances["ReduceNetwork", "RN_WIRE"] += 2 + adders
            return instances
        if not self.accumulates:
            return instances
        found: dict[ComponentKey, int] = {}
        for component, number in instances.items():
            unit, name = component
            extra = {"RN_WIRE": adders, "FIFO": 2 * adders}.get(name, 0)
            found[component] = number + (extra if unit == "ReduceNetwork" else 0)
            if component == ("ReduceNetwork", "ADDER"):
                found["ReduceNetwork", "ACCUMULATOR"] = adders
        return found
