"""UNPU: cycles and counts of layers whose weights are taken bit by bit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from hwsim.activity import ACTIVATIONS, OUTPUTS, PARTIAL_SUMS, WEIGHTS, ActionKey, Activity
from hwsim.engines.protocol import Engine
from hwsim.engines.unpu.sizes import Serial, UnpuSizes
from hwsim.pace import Pace

if TYPE_CHECKING:
    from hwsim.arch import Arch
    from hwsim.workload import Workload

DRAM_READ: Final = ActionKey("DRAM", "Memory", "READ")
DRAM_WRITE: Final = ActionKey("DRAM", "Memory", "WRITE")
LOAD: Final = ActionKey("Core", "FeatureMemory", "READ", ACTIVATIONS)
STORE: Final = ActionKey("Core", "FeatureMemory", "WRITE", OUTPUTS)
ALIGN: Final = ActionKey("LBPE", "FeatureLoader", "SHIFT", ACTIVATIONS)
FETCH: Final = ActionKey("Core", "WeightMemory", "READ", WEIGHTS)
SEND: Final = ActionKey("Core", "Wire", "SEND", WEIGHTS)
HOLD: Final = ActionKey("LBPE", "WeightRegister", "WRITE", WEIGHTS)
MAKE: Final = ActionKey("LBPE", "TableAdder", "ADD", ACTIVATIONS)
FILL: Final = ActionKey("LBPE", "Table", "WRITE", ACTIVATIONS)
LOOK_UP: Final = ActionKey("LBPE", "Table", "READ", ACTIVATIONS)
ADD: Final = ActionKey("LBPE", "Adder", "ADD", PARTIAL_SUMS)
SUM_WRITE: Final = ActionKey("LBPE", "Accumulators", "WRITE", PARTIAL_SUMS)
SUM_READ: Final = ActionKey("LBPE", "Accumulators", "READ", PARTIAL_SUMS)
AGGREGATE: Final = ActionKey("Aggregation", "Adder", "ADD", PARTIAL_SUMS)

_UNFILLED: Final = "tables, bundles and readers that the layer does not fill"


class UnpuEngine(Engine):
    """Cycles and accesses of UNPU, in closed form.

    A weight takes a cycle for each of its bits. Zeros save nothing: a bit that is 0 is looked up
    like another.
    """

    name = "unpu"
    compares_schemes = False
    images_together = True
    options = MappingProxyType({})

    def check(self, arch: Arch) -> None:
        """Refuse a machine without the parameters of an UNPU."""
        UnpuSizes.of(arch)

    def key(self, workload: Workload) -> Hashable:
        """Identify shape and how values are coded; neither levels nor zeros matter."""
        return (
            workload.shape,
            workload.effectual_weights,
            workload.streams,
            workload.kind,
            workload.coding,
            workload.operands,
        )

    def simulate(self, workload: Workload, arch: Arch) -> Activity:
        """Evaluate a lowered layer.

        Parameters
        ----------
        workload : Workload
            The layer; its groups run one after the other.
        arch : Arch
            With the parameters of :class:`~hwsim.engines.unpu.sizes.UnpuSizes`.

        Returns
        -------
        Activity
            ``statistics`` say how many bits a weight takes, how many bundles share weights, and
            what leaves look-ups idle.

        Raises
        ------
        InputError
            As :meth:`check`.
        """
        sizes = UnpuSizes.of(arch)
        serial = Serial.of(workload, sizes)
        positions, busy = _shared_out(workload, sizes, serial)
        traffic = _dram_bits(workload, sizes, serial)
        moved = -(-sum(traffic.values()) // (sizes.dram_words * sizes.activation_bits))
        cycles = max(busy * workload.groups, moved)
        counts = _counts(workload, sizes, serial, positions) + traffic
        slots = sizes.cores * sizes.bundles_of_core * sizes.tables * sizes.readers
        work, offered = workload.macs * serial.bits, slots * serial.inputs * cycles
        return Activity(
            engine=self.name,
            cycles=cycles,
            counts=counts,
            instances=_instances(sizes),
            macs=workload.macs,
            effectual_macs=workload.effectual_macs,
            utilization=work / offered,
            statistics={
                "bits": serial.bits,
                "bundles_of_a_weight": positions,
                "idle": "DRAM is waited for" if cycles > busy * workload.groups else _UNFILLED,
            },
            pace=Pace(
                serial.bits * sizes.inputs / (sizes.weight_bits * serial.inputs),
                slack=offered / work,
                zeros="unpu takes a cycle a bit of a weight, zero or not",
                waiting=f"{_UNFILLED}, and DRAM",
            ),
        )


def _shared_out(workload: Workload, sizes: UnpuSizes, serial: Serial) -> tuple[int, int]:
    """Choose how many bundles of a core share out positions: as many filters as fill the others.

    Returns
    -------
    (int, int)
        Bundles for positions, in the fastest way, and cycles of a group.
    """
    steps = -(-workload.K // (sizes.cores * sizes.tables * serial.inputs))
    found = []
    for positions in range(sizes.bundles_of_core, 0, -1):
        if sizes.bundles_of_core % positions == 0:
            filters = sizes.readers * (sizes.bundles_of_core // positions)
            blocks = -(-workload.streams // positions) * -(-workload.filters // filters)
            found.append((steps * blocks * serial.bits, -positions))
    cycles, negative = min(found)
    return -negative, cycles


def _counts(
    workload: Workload, sizes: UnpuSizes, serial: Serial, positions: int
) -> Counter[ActionKey]:
    """Count what happens on the chip.

    The feature loader takes each activation from the memory once for all windows that cover it and
    shifts it to the tables. A bundle uses a table for as many filters as its readers hold sums of,
    then makes it anew. Its unit holds the weights of the cycle for all bundles that share them. The
    sums of the cores are added once, when they are whole.
    """
    outputs = workload.filters * workload.streams
    tables = -(-workload.K // serial.inputs)
    made = workload.streams * tables * -(-workload.filters // sizes.filters_held)
    looked_up = outputs * serial.bits * tables
    summed = outputs * serial.bits * -(-workload.K // (sizes.tables * serial.inputs))
    fetched = workload.filters * workload.K * serial.bits * -(-workload.streams // positions)
    cores = min(sizes.cores, -(-workload.K // (sizes.tables * serial.inputs)))
    found = {
        ALIGN: made * serial.inputs,
        STORE: outputs,
        FETCH: fetched,
        SEND: fetched,
        HOLD: fetched * -(-positions // sizes.bundles),
        MAKE: made * serial.additions,
        FILL: made * sizes.entries,
        LOOK_UP: looked_up,
        ADD: looked_up,
        SUM_READ: summed,
        SUM_WRITE: summed,
        AGGREGATE: outputs * (cores - 1),
    }
    counts = Counter({key: count * workload.groups for key, count in found.items()})
    counts[LOAD] = _inputs(workload) * -(-workload.filters // sizes.filters_held)
    return counts


def _inputs(workload: Workload) -> int:
    """Count the activations of all groups, each once where that is known."""
    if workload.operands is None:
        return workload.groups * workload.K * workload.streams
    return workload.operands.inputs


def _dram_bits(workload: Workload, sizes: UnpuSizes, serial: Serial) -> Counter[ActionKey]:
    """Count bits that cross to DRAM: every value once, which is the least."""
    outputs = workload.groups * workload.filters * workload.streams
    signs = 0 if workload.operands is None else workload.operands.sign_bits
    bits = sizes.activation_bits
    return Counter(
        {
            DRAM_READ._replace(operand=WEIGHTS): workload.size * serial.bits + signs,
            DRAM_READ._replace(operand=ACTIVATIONS): _inputs(workload) * bits,
            DRAM_WRITE._replace(operand=OUTPUTS): outputs * bits,
        }
    )


def _instances(sizes: UnpuSizes) -> dict[tuple[str, str], int]:
    bundles = sizes.cores * sizes.bundles_of_core
    tables, lanes = bundles * sizes.tables, bundles * sizes.readers
    return {
        DRAM_READ[:2]: 1,
        LOAD[:2]: sizes.cores,
        FETCH[:2]: sizes.cores,
        SEND[:2]: sizes.cores,
        ALIGN[:2]: sizes.cores * sizes.lbpes,
        HOLD[:2]: sizes.cores * sizes.lbpes,
        MAKE[:2]: tables,
        LOOK_UP[:2]: tables,
        ADD[:2]: lanes * sizes.tables,
        SUM_WRITE[:2]: lanes,
        AGGREGATE[:2]: sizes.readers * sizes.bundles_of_core,
    }
