"""EIE: cycles and counts of layers whose weights lie compressed in the PEs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from hwsim.activity import ACTIVATIONS, OUTPUTS, PARTIAL_SUMS, WEIGHTS, ActionKey, Activity
from hwsim.engines.eie.column_pace import AskedFor, column_pace
from hwsim.engines.eie.columns import column_entries, column_rows
from hwsim.engines.eie.queues import finishing_cycles
from hwsim.engines.eie.sizes import ROW_BITS, EieSizes
from hwsim.engines.protocol import Engine
from hwsim.errors import InputError

if TYPE_CHECKING:
    from hwsim.arch import Arch
    from hwsim.workload import Workload

DRAM_READ: Final = ActionKey("DRAM", "Memory", "READ")
DRAM_WRITE: Final = ActionKey("DRAM", "Memory", "WRITE")
LOAD: Final = ActionKey("PE", "ActivationRAM", "READ", ACTIVATIONS)
STORE: Final = ActionKey("PE", "ActivationRAM", "WRITE", OUTPUTS)
HOLD: Final = ActionKey("PE", "Activations", "WRITE", ACTIVATIONS)
FIND: Final = ActionKey("PE", "Activations", "READ", ACTIVATIONS)
SEND: Final = ActionKey("Broadcast", "Wire", "SEND", ACTIVATIONS)
PUSH: Final = ActionKey("PE", "Queue", "PUSH", ACTIVATIONS)
POP: Final = ActionKey("PE", "Queue", "POP", ACTIVATIONS)
POINTER: Final = ActionKey("PE", "PointerRAM", "READ", WEIGHTS)
ROW: Final = ActionKey("PE", "WeightRAM", "READ", WEIGHTS)
LOOK_UP: Final = ActionKey("PE", "CodeBook", "READ", WEIGHTS)
MULTIPLY: Final = ActionKey("PE", "Multiplier", "MULTIPLY")
ADD: Final = ActionKey("PE", "Adder", "ADD", PARTIAL_SUMS)
SUM_READ: Final = ActionKey("PE", "Accumulators", "READ", PARTIAL_SUMS)
SUM_WRITE: Final = ActionKey("PE", "Accumulators", "WRITE", PARTIAL_SUMS)

#: A column begins and ends at a pointer (ISCA 2016, section IV).
_POINTERS: Final = 2
#: Stages of an entry's way through a PE (ISCA 2016, section V), once a vector.
_PIPELINE: Final = 4
#: PEs whose activations are looked through together, in a tree (ISCA 2016, section IV).
_DETECTION_RADIX: Final = 4


@dataclass(frozen=True)
class _Block:
    """What the filters whose sums the PEs hold together take, over all vectors."""

    cycles: int
    counts: Counter[ActionKey]
    stored: NDArray[np.int64]
    asked: AskedFor


class EieEngine(Engine):
    """Cycles and accesses of EIE, entry by entry of the compressed columns.

    Vectors follow one another; a convolution's are its windows. Where only the share of the
    activations is known, which ones are not zero is drawn once (seed 0) and taken for each vector.
    """

    name = "eie"
    compares_schemes = False
    images_together = True
    options = MappingProxyType({})

    def check(self, arch: Arch) -> None:
        """Refuse a machine without the parameters of an EIE."""
        EieSizes.of(arch)

    def key(self, workload: Workload) -> Hashable:
        """Identify the zeros and how values are coded; levels do not matter."""
        return workload.zeros_fingerprint(), workload.operands

    def simulate(self, workload: Workload, arch: Arch) -> Activity:
        """Evaluate a lowered layer.

        Parameters
        ----------
        workload : Workload
            The layer; its groups run one after the other.
        arch : Arch
            With the parameters of :class:`~hwsim.engines.eie.sizes.EieSizes`.

        Returns
        -------
        Activity
            Rows of memory are expected values, all else is counted. ``statistics`` say where
            weights and activations come from (``resident`` or ``DRAM``), and how many entries
            stand for a weight that is not zero.

        Raises
        ------
        InputError
            As :meth:`check`, and for a product of activations.
        """
        operands = workload.operands
        if operands is not None and operands.of_activations:
            raise InputError(
                f"arch {arch.label!r}, layer {workload.layer!r}: a product of two activations; the "
                "weights of EIE are compressed and loaded before it runs, and activations cannot "
                "take their place: choose other layers "
                f"(--layers '!{workload.layer}' leaves it out), or another machine"
            )
        sizes = EieSizes.of(arch, operands)
        cycles = 0
        counts: Counter[ActionKey] = Counter()
        stored = np.zeros(sizes.pes, np.int64)
        asked: list[AskedFor] = []
        for group in range(workload.groups):
            present, repeats = _vectors(workload, group)
            for start in range(0, workload.filters, sizes.filters_at_a_time):
                stop = start + sizes.filters_at_a_time
                block = _evaluate(workload.nonzeros[group, start:stop], present, repeats, sizes)
                cycles += block.cycles
                counts += block.counts
                stored += block.stored
                asked.append(block.asked)
        resident = int(stored.max()) <= sizes.weight_rows * sizes.entries_of_row
        traffic, kept = _dram_bits(workload, sizes, 0 if resident else int(stored.sum()))
        counts += traffic
        of_dram = -(-sum(traffic.values()) // (sizes.dram_words * sizes.activation_bits))
        cycles = max(cycles, of_dram)
        return Activity(
            engine=self.name,
            cycles=cycles,
            counts=counts,
            instances=_instances(sizes.pes),
            macs=workload.macs,
            effectual_macs=workload.effectual_macs,
            utilization=counts[MULTIPLY] / (sizes.pes * cycles),
            statistics={
                "weights": "resident" if resident else "DRAM",
                "activations": "resident" if kept else "DRAM",
                "entries_per_nonzero": int(stored.sum()) / max(workload.effectual_weights, 1),
            },
            pace=column_pace(asked, sizes.pes, cycles, of_dram),
        )


def _vectors(workload: Workload, group: int) -> tuple[NDArray[np.bool_], int]:
    """Give activations that are not zero, (vectors, columns), and how often each vector comes."""
    activations = workload.activations
    if activations.nonzeros is not None:
        return activations.nonzeros[group], 1
    present = np.zeros((1, workload.K), np.bool_)
    chosen = max(1, round(activations.density * workload.K))
    present[0, np.random.default_rng(0).permutation(workload.K)[:chosen]] = True
    return present, workload.streams


def _evaluate(
    nonzeros: NDArray[np.bool_], present: NDArray[np.bool_], repeats: int, sizes: EieSizes
) -> _Block:
    """Run all vectors past a block of filters, shape (filters, columns)."""
    stored = column_entries(nonzeros, sizes.pes, sizes.run_bits)
    waits = _PIPELINE + _detection_levels(sizes.pes)
    finished = finishing_cycles(stored, present, sizes.queue) + waits
    sent = present.sum(axis=0) * repeats  # how often each column is asked for
    broadcasts = int(sent.sum())
    entries = int(sent @ stored.sum(axis=1))
    words = present.size * repeats
    counts: Counter[ActionKey] = Counter(
        {
            LOAD: words,
            HOLD: words,
            FIND: broadcasts,
            SEND: broadcasts,
            PUSH: broadcasts * sizes.pes,
            POP: broadcasts * sizes.pes,
            POINTER: _POINTERS * broadcasts * sizes.pes,
            ROW: float(sent @ column_rows(stored, sizes.entries_of_row).sum(axis=1)),
            LOOK_UP: entries,
            MULTIPLY: entries,
            ADD: entries,
            SUM_READ: entries,
            SUM_WRITE: entries,
            STORE: len(nonzeros) * len(present) * repeats,
        }
    )
    asked = AskedFor(
        activations=broadcasts,
        weights=broadcasts * len(nonzeros),
        products=int(sent @ nonzeros.sum(axis=0)),
        waits=waits * len(present) * repeats,
    )
    return _Block(int(finished.sum()) * repeats, counts, stored.sum(axis=0), asked)


def _detection_levels(pes: int) -> int:
    """Levels of the tree that finds the next activation that is not zero."""
    levels, reach = 0, 1
    while reach < pes:
        levels, reach = levels + 1, reach * _DETECTION_RADIX
    return levels


def _dram_bits(workload: Workload, sizes: EieSizes, loaded: int) -> tuple[Counter[ActionKey], bool]:
    """Count bits that cross to DRAM, and tell whether the activations stay on the chip.

    Weights that fit stay, as on the chip, where they are loaded once for all inferences; others
    come anew for each. Feature maps stay where input and output fit together.
    """
    operands = workload.operands
    inputs = workload.groups * workload.K * workload.streams
    outputs = workload.groups * workload.filters * workload.streams
    if operands is not None:
        inputs, outputs = operands.inputs, operands.outputs
    bits = sizes.activation_bits
    kept = (inputs + outputs) * bits <= sizes.pes * sizes.activation_rows * ROW_BITS
    traffic: Counter[ActionKey] = Counter()
    if loaded:
        traffic[DRAM_READ._replace(operand=WEIGHTS)] = loaded * sizes.entry_bits
    if not kept:
        traffic[DRAM_READ._replace(operand=ACTIVATIONS)] = inputs * bits
        traffic[DRAM_WRITE._replace(operand=OUTPUTS)] = outputs * bits
    return traffic, kept


def _instances(pes: int) -> dict[tuple[str, str], int]:
    of_pe = (LOAD, HOLD, PUSH, POINTER, ROW, LOOK_UP, MULTIPLY, ADD, SUM_READ)
    return {DRAM_READ[:2]: 1, SEND[:2]: 1, **{key[:2]: pes for key in of_pe}}
