"""MAERI in joules: SIGMA's trees, links between multipliers, and accumulators at the adders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final

from hwsim.activity import ACTIVATIONS, OUTPUTS, PARTIAL_SUMS, WEIGHTS, ActionKey, ComponentKey
from hwsim.arch import Technology
from hwsim.arch.parts import Components
from hwsim.energy.physical._sigma_built import SigmaBuilt
from hwsim.energy.physical.chip import Chip, charges_many
from hwsim.energy.physical.dram import charge_dram
from hwsim.energy.physical.ledger import Ledger
from hwsim.energy.physical.sigma import SigmaPricing
from hwsim.energy.physical.weights import multiplication, widest_product_bits
from hwsim.engines.stonne.maeri.machine import ACCUMULATION
from hwsim.workload.operands import Operands

_ACCUMULATOR: Final = ("ReduceNetwork", "ACCUMULATOR")
_SWITCH: Final = ("DSNetwork", "SWITCH")
#: Machines that are kept, as for SIGMA.
_MACHINES: Final = 256


@charges_many
def charge_maeri(ledger: Ledger, operands: Operands, chip: Chip) -> None:
    """Charge everything that a layer makes MAERI do.

    Parameters
    ----------
    ledger : Ledger
        With an activity of the engine ``maeri``.
    operands : Operands
        The layer's operands.
    chip : Chip
        With ``num_ms``, ``dn_bw`` and ``rn_bw``.
    """
    instances = tuple(ledger.activity.instances.items())
    sizes = chip.arch["num_ms"], chip.arch["dn_bw"]
    accumulation = chip.arch.option("accumulation", ACCUMULATION)
    technology = _widened(chip.technology, accumulation)
    built = _built(technology, chip.components, *sizes, instances, accumulation)
    machine = _MaeriPricing(ledger, operands, chip, built)
    machine.charge_multipliers()
    machine.charge_distribution()
    machine.charge_reduction()
    machine.charge_accumulators()
    machine.charge_fold_nodes()
    machine.charge_collection()
    machine.charge_buffer()
    charge_dram(ledger, operands, chip)
    machine.charge_idle()


def _widened(technology: Technology, accumulation: str) -> Technology:
    """Make the tree as wide as a partial sum where any node may add to one."""
    if accumulation == "adders":
        return technology
    return replace(technology, tree_width="partial-sums")


@lru_cache(maxsize=_MACHINES)
def _built(
    technology: Technology,
    components: Components,
    multipliers: int,
    ports: int,
    instances: tuple[tuple[ComponentKey, int], ...],
    accumulation: str,
) -> MaeriBuilt:
    known = technology, components, multipliers, ports, False, dict(instances)
    return MaeriBuilt(*known, accumulation=accumulation)


@dataclass(frozen=True, eq=False)
class MaeriBuilt(SigmaBuilt):
    """SIGMA's parts, with what adds up the folds of every neuron.

    Parameters
    ----------
    accumulation : {"adders", "buffer", "tree"}
        An accumulator at each adder, partial sums that return to every neuron, or a register in
        each node of the tree and a second root.
    """

    accumulation: str = "adders"

    @cached_property
    def registers(self) -> Mapping[ComponentKey, float]:
        """Bits of the registers of each component; built for the machine's widest formats.

        A multiplier hands on the activation that it holds. An accumulator has the register of its
        sum, and one in front and behind where STONNE's queues are built. A node that adds up folds
        has a register for them.
        """
        formats, sums = self.technology, self.technology.partial_sums.bits
        put_out = sums if self.accumulation == "buffer" else widest_product_bits(formats)
        bits = formats.activations.bits + formats.weights.bits + put_out
        found = {**super().registers, ("MSNetwork", "FIFO"): self.multipliers * bits}
        if self._accumulators:
            queues = 2 * self._accumulators * sums if self.tree.has_queues else 0
            found["ReduceNetwork", "FIFO"] += queues
            found[_ACCUMULATOR] = self._accumulators * sums
        if self.accumulation == "tree":
            of_second_root = self.tree.queues * sums
            found["ReduceNetwork", "FIFO"] += self.multipliers * sums + of_second_root
        return found

    @cached_property
    def logic(self) -> Mapping[ComponentKey, float]:
        """Area of all instances of each component, um2; built for the machine's widest formats."""
        if self.accumulation == "buffer":
            return super().logic
        others = {key: number for key, number in self.instances.items() if key != _ACCUMULATOR}
        adder = self.components.adder_area(self.technology.partial_sums).value
        operand = max(self.technology.activations.bits, self.technology.weights.bits)
        routed = self.components.gate_area(2 * operand).value  # no partial sum is distributed
        found = dict(replace(self, instances=others, accumulation="buffer").logic)
        if _SWITCH in self.instances:
            found[_SWITCH] = routed * self.instances[_SWITCH]
        for queues in (("MSNetwork", "FIFO"), ("ReduceNetwork", "FIFO")):
            found[queues] = self.components.register_area(self.registers[queues]).value
        if self.accumulation == "tree":
            found["ReduceNetwork", "ADDER"] += adder  # the second root
        else:
            register = self.components.register_area(self.registers[_ACCUMULATOR]).value
            found[_ACCUMULATOR] = self._accumulators * adder + register
        return found

    @property
    def _accumulators(self) -> int:
        return self.instances.get(_ACCUMULATOR, 0)


class _MaeriPricing(SigmaPricing):
    built: MaeriBuilt

    def charge_multipliers(self) -> None:
        charge, part, unit = self.ledger.charge, self.components, "MSNetwork"
        product = multiplication(self.operands, self.technology, part)
        charge(ActionKey(unit, "MULTIPLIER", "MULTIPLICATION"), product)
        sums_back = ActionKey(unit, "MULTIPLIER", "FORWARD_PSUM", PARTIAL_SUMS)
        charge(sums_back, part.gate(self.sum_bits))
        self._include_configuration(unit, "MULTIPLIER")

        link = ActionKey(unit, "MN_WIRE", "WRITE", ACTIVATIONS)
        charge(link, part.wire(self.bits[ACTIVATIONS], self.plan.pitch_mm))
        activation, weight, sums = (
            ActionKey(unit, "FIFO", "PUSH", operand)
            for operand in (ACTIVATIONS, WEIGHTS, PARTIAL_SUMS)
        )
        # A queue's price is that of its register at the push; the pop is part of it.
        products = self.multiplications
        charge(activation, part.register(self.bits[ACTIVATIONS]), count=products)
        self.ledger.include(activation, "the register that it came into drives the link")
        loaded = self.counted("MSNetwork", "FIFO", "PUSH", WEIGHTS) - products
        charge(weight, part.register(self.bits[WEIGHTS]), count=loaded)
        self.ledger.include(weight, "a weight that stays is pushed anew but does not move")
        charge(sums, part.register(self.product_bits), count=products)
        charge(sums, part.register(self.sum_bits))
        self._include_pops(unit)

    def charge_accumulators(self) -> None:
        """Charge what happens between adders and bus; nothing where there are no accumulators."""
        if self.built.accumulation != "adders":
            return
        part, sums = self.components, self.technology.partial_sums
        into = ActionKey("ReduceNetwork", "RN_WIRE", "WRITE", OUTPUTS)
        self.ledger.include(into, "the accumulator lies beside its adder")
        queued = ActionKey("ReduceNetwork", "FIFO", "PUSH", OUTPUTS)
        if self.tree.has_queues:
            self.ledger.charge(queued, part.register(self.sum_bits))
        else:
            self.ledger.include(queued, "no queues: the accumulator's register is what there is")
        self.ledger.include(queued._replace(action="POP"), "part of the push")
        self.ledger.charge(ActionKey(*_ACCUMULATOR, "ADD"), part.adder(sums))
        written = ActionKey(*_ACCUMULATOR, "WRITE", OUTPUTS)
        self.ledger.charge(written, part.register(self.sum_bits))
        self.ledger.include(written._replace(action="READ"), "part of the write")

    def charge_fold_nodes(self) -> None:
        """Charge the nodes of the tree that add up folds; nothing where there are none.

        A sum goes up as many levels as its node is above the adder that completes it.
        """
        if self.built.accumulation != "tree":
            return
        part, charge = self.components, self.ledger.charge
        up = ActionKey("ReduceNetwork", "RN_WIRE", "WRITE", OUTPUTS)
        self.ledger.include(up, "a row for each level that the sums leave")
        for level, passed in enumerate(self.ledger.activity.levels.get(up, ()), 1):
            wire = part.wire(self.sum_bits, self.plan.level_mm(level))
            self.ledger.add(*up[:2], "WRITE to a fold node", passed, wire, OUTPUTS)
        charge(
            ActionKey("ReduceNetwork", "ADDER", "ADD_2_1", OUTPUTS), self.tree.adder(self.sum_bits)
        )
        queued = ActionKey("ReduceNetwork", "FIFO", "PUSH", OUTPUTS)
        charge(queued, part.register(self.sum_bits))
        held = self.counts.get(up, 0)
        self.ledger.add(*queued[:2], "HOLD", held, part.register(self.sum_bits), OUTPUTS)
        self.ledger.include(queued._replace(action="POP"), "part of the push")
