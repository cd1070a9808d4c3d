"""What SIGMA is built of, once for all of its layers: registers, logic and where they lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Final

from hwsim.activity import ComponentKey
from hwsim.arch import Technology
from hwsim.arch.multiplier import multiplier_area
from hwsim.arch.parts import Components
from hwsim.arch.parts.figure import Figure
from hwsim.arch.parts.memory import MemoryPrices
from hwsim.energy.physical._adder_tree import AdderTree
from hwsim.energy.physical._buffer import Buffer
from hwsim.energy.physical._geometry import Floorplan
from hwsim.energy.physical.weights import widest_product_bits
from hwsim.errors import InputError

BUFFER: Final = ("GlobalBuffer", "GLOBALBUFFER")
_WIRES: Final = (
    ("DSNetwork", "DN_WIRE"),
    ("MSNetwork", "MN_WIRE"),
    ("ReduceNetwork", "RN_WIRE"),
    ("CollectionBus", "CB_WIRE"),
)
#: Machines that are kept: the sizes and technologies of a large study.
_MACHINES: Final = 256


@lru_cache(maxsize=_MACHINES)
def sigma_built(
    technology: Technology,
    components: Components,
    multipliers: int,
    ports: int,
    multicasts: bool,
    instances: tuple[tuple[ComponentKey, int], ...],
) -> SigmaBuilt:
    """Give what a machine is built of; the same object for the same machine."""
    return SigmaBuilt(technology, components, multipliers, ports, multicasts, dict(instances))


@dataclass(frozen=True, eq=False)
class SigmaBuilt:
    """The parts of one machine.

    Parameters
    ----------
    technology : Technology
        Formats and widths.
    components : Components
        Prices and areas.
    multipliers, ports : int
        ``num_ms`` and ``dn_bw``.
    multicasts : bool
        Whether it is the published machine.
    instances : mapping of (unit, component) to int
        How many there are of each component.
    """

    technology: Technology
    components: Components
    multipliers: int
    ports: int
    multicasts: bool
    instances: Mapping[ComponentKey, int]
    _accesses: dict[tuple[str, int], Figure] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def tree(self) -> AdderTree:
        """The adder tree."""
        depth = self.multipliers.bit_length() - 1
        return AdderTree(self.technology, self.components, depth=depth)

    @cached_property
    def buffer(self) -> Buffer:
        """The global buffer."""
        return Buffer(self.technology, self.components, self.ports, switched=self.multicasts)

    @cached_property
    def memory(self) -> MemoryPrices:
        """Prices of an access to the buffer, its area and leakage."""
        return self.buffer.memory

    def access(self, action: str, bits: int) -> Figure:
        """Price a value of so many bits that is read from the buffer or written into it.

        Parameters
        ----------
        action : {"READ", "WRITE"}
            Which.
        bits : int
            Of the value.
        """
        if (action, bits) not in self._accesses:
            price = self.memory.read if action == "READ" else self.memory.write
            self._accesses[action, bits] = self.buffer.share(price, bits)
        return self._accesses[action, bits]

    @cached_property
    def leakage(self) -> Mapping[ComponentKey, Figure]:
        """What the logic of each component leaks."""
        return {key: self.components.leakage(area) for key, area in self.logic.items()}

    @cached_property
    def plan(self) -> Floorplan:
        """Where the logic lies."""
        return Floorplan(sum(self.logic.values()), self.multipliers)

    @cached_property
    def registers(self) -> Mapping[ComponentKey, float]:
        """Bits of the registers of each component; built for the machine's widest formats.

        A multiplier has one for an activation, a weight and what it puts out; in STONNE two more,
        of the queue that a partial sum comes in by and of the link to its neighbour.
        """
        formats, widest = self.technology, widest_product_bits(self.technology)
        outputs = 3 if self.tree.has_queues else 1
        grows = formats.tree_width == "grows"
        # Where the tree grows, multiplier 0 alone takes partial sums.
        put_out = widest if grows else self._sum_bits
        of_multiplier = formats.activations.bits + formats.weights.bits + outputs * put_out
        return {
            ("MSNetwork", "FIFO"): self.multipliers * of_multiplier
            + outputs * (self._sum_bits - put_out),
            ("ReduceNetwork", "FIFO"): self.tree.built(widest)[1],
            ("DSNetwork", "SWITCH"): self._routing_bits(),
            ("CollectionBus", "FIFO"): self._sum_bits
            * self.instances.get(("CollectionBus", "FIFO"), 0),
            BUFFER: self.ports * formats.activations.bits,
        }

    def _routing_bits(self) -> float:
        """Bits that hold the ways through Benes networks; packets of STONNE's trees bring theirs.

        A switch has two control bits (Qin et al., HPCA 2020, section IV-A).
        """
        return 2 * self._switches if self.multicasts else 0

    @property
    def _switches(self) -> float:
        return self.instances.get(("DSNetwork", "SWITCH"), 0)

    @cached_property
    def logic(self) -> Mapping[ComponentKey, float]:
        """Area of all instances of each component, um2; built for the machine's widest formats."""
        part, formats = self.components, self.technology
        multiplier = multiplier_area(formats, part).value
        # Partial sums take the way of operands in STONNE's machine only.
        switched = max(formats.activations.bits, formats.weights.bits)
        if not self.multicasts:
            switched = self._sum_bits
        areas = {
            ("MSNetwork", "MULTIPLIER"): self.multipliers * multiplier,
            ("ReduceNetwork", "ADDER"): self.tree.built(widest_product_bits(formats))[0],
            ("DSNetwork", "SWITCH"): part.gate_area(2 * switched).value * self._switches,
        }
        for key, bits in self.registers.items():
            if key != BUFFER:
                areas[key] = areas.get(key, 0.0) + part.register_area(bits).value
        areas |= dict.fromkeys(_WIRES, 0.0)  # they run above the logic
        built = [key for key in self.instances if key[1] != "GLOBALBUFFER"]
        for unit, component in built:
            instances = self.instances[unit, component]
            if instances and (unit, component) not in areas:
                raise InputError(
                    f"physical pricing of SIGMA: no area and leakage of component {component!r} "
                    f"in {unit} ({instances:g} instances)"
                )
        return {key: areas.get(key, 0.0) for key in built}

    @property
    def _sum_bits(self) -> int:
        return self.technology.partial_sums.bits
