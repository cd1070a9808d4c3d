"""UCNN and the machine without repetition beside it: cycles and counts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from hwsim.activity import ACTIVATIONS, OUTPUTS, PARTIAL_SUMS, WEIGHTS, ActionKey, Activity
from hwsim.engines.protocol import Engine
from hwsim.engines.repetition.blocks import Block, blocks_of, repeats
from hwsim.engines.repetition.sizes import DATAPATHS, UcnnSizes
from hwsim.errors import InputError
from hwsim.pace import Pace

if TYPE_CHECKING:
    from hwsim.arch import Arch
    from hwsim.workload import Workload

DRAM_READ: Final = ActionKey("DRAM", "Memory", "READ")
DRAM_WRITE: Final = ActionKey("DRAM", "Memory", "WRITE")
LOAD: Final = ActionKey("Buffer", "Memory", "READ", ACTIVATIONS)
FILL: Final = ActionKey("Buffer", "Memory", "WRITE", ACTIVATIONS)
FETCH: Final = ActionKey("Buffer", "Memory", "READ", WEIGHTS)
KEEP: Final = ActionKey("Buffer", "Memory", "WRITE", WEIGHTS)
SUM_READ: Final = ActionKey("Buffer", "Memory", "READ", PARTIAL_SUMS)
SUM_WRITE: Final = ActionKey("Buffer", "Memory", "WRITE", PARTIAL_SUMS)
STORE: Final = ActionKey("Buffer", "Memory", "WRITE", OUTPUTS)
DRAIN: Final = ActionKey("Buffer", "Memory", "READ", OUTPUTS)
SEND: Final = ActionKey("Network", "Wire", "SEND", ACTIVATIONS)
SEND_WEIGHTS: Final = ActionKey("Network", "Wire", "SEND", WEIGHTS)
SEND_SUMS: Final = ActionKey("Network", "Wire", "SEND", PARTIAL_SUMS)
HOLD: Final = ActionKey("PE", "InputBuffer", "WRITE", ACTIVATIONS)
TAKE: Final = ActionKey("PE", "InputBuffer", "READ", ACTIVATIONS)
PUT: Final = ActionKey("PE", "WeightBuffer", "WRITE", WEIGHTS)
STEP: Final = ActionKey("PE", "WeightBuffer", "READ", WEIGHTS)
GROUP: Final = ActionKey("PE", "GroupAdder", "ADD", ACTIVATIONS)
GROUP_WRITE: Final = ActionKey("PE", "GroupSums", "WRITE", ACTIVATIONS)
MULTIPLY: Final = ActionKey("PE", "Multiplier", "MULTIPLY")
ADD: Final = ActionKey("PE", "Adder", "ADD", PARTIAL_SUMS)
ACCUMULATE: Final = ActionKey("PE", "Accumulators", "WRITE", PARTIAL_SUMS)

_DRAM: Final = "DRAM sets the pace"
_LONGEST: Final = "PEs wait for the longest table, and are filled by whole blocks"


class UcnnEngine(Engine):
    """Cycles and accesses of PEs that walk tables of activation groups, or multiply by each weight.

    PEs take a block of filters each, all on the same tile, and wait for the one with the longest
    tables; where there are fewer blocks, several PEs share out the vectors of one.
    """

    name = "ucnn"
    compares_schemes = False
    images_together = True
    options = MappingProxyType({"datapath": DATAPATHS})

    def check(self, arch: Arch) -> None:
        """Refuse a machine without the parameters of a UCNN."""
        UcnnSizes.of(arch)

    def key(self, workload: Workload) -> Hashable:
        """Identify everything: levels decide the groups."""
        return workload.fingerprint()

    def simulate(self, workload: Workload, arch: Arch) -> Activity:
        """Evaluate a lowered layer.

        Parameters
        ----------
        workload : Workload
            The layer.
        arch : Arch
            With the parameters of :class:`~hwsim.engines.repetition.sizes.UcnnSizes`, and the
            option ``datapath``.

        Returns
        -------
        Activity
            Products of ``datapath=multiplied`` are expected values where only shares of the
            activations are known. ``statistics`` say whether repetition was known, cycles of the
            fullest PE over the mean, and bits that a weight takes in DRAM.

        Raises
        ------
        InputError
            As :meth:`check`, and for a product of activations, which has no tables.
        """
        sizes = UcnnSizes.of(arch)
        if sizes.factored and workload.operands is not None and workload.operands.of_activations:
            raise InputError(
                f"arch {arch.label!r}, layer {workload.layer!r}: a product of two activations; "
                "tables are made of weights before a layer runs: choose other layers "
                f"(--layers '!{workload.layer}' leaves it out), or another machine"
            )
        blocks = list(blocks_of(workload, sizes))
        passes = list(_passes(blocks, workload.streams, sizes))
        busy = sum(each.cycles for each in passes)
        counts = _on_chip(workload, sizes, blocks, passes)
        traffic = _dram_bits(workload, sizes, blocks)
        moved = -(-sum(traffic.values()) // (sizes.dram_words * sizes.activation_bits))
        cycles = max(1, busy, int(moved))
        steps = -(-workload.streams // sizes.columns)
        work = sum(each.cycles for each in blocks) * steps
        lanes = sizes.columns * (1 if sizes.factored else sizes.filters)
        return Activity(
            engine=self.name,
            cycles=cycles,
            counts=counts + traffic,
            instances=_instances(sizes),
            macs=workload.macs,
            effectual_macs=workload.effectual_macs,
            utilization=min(1.0, counts[MULTIPLY] / (sizes.pes * lanes * cycles)),
            statistics={
                "repetition": "known" if repeats(workload) else "not known",
                "imbalance": busy * sizes.pes / work if work else 1.0,
                "dram_bits_per_weight": _stored(workload, blocks) / workload.size,
            },
            pace=_pace(workload, sizes, blocks, cycles, waited=cycles > busy),
        )


def _pace(
    workload: Workload, sizes: UcnnSizes, blocks: Sequence[Block], cycles: int, *, waited: bool
) -> Pace:
    """Say what the time depends on: steps through tables, of as many as there are weights."""
    steps = sum(each.cycles for each in blocks)
    without = workload.size if sizes.factored else steps
    share = min(1.0, steps / without)
    fewest = share * without * workload.streams / (sizes.columns * sizes.pes)
    left = f"tables have {100 * share:.4g} % of the steps that single weights would take"
    return Pace(
        operations=share,
        slack=max(1.0, cycles / fewest) if fewest else 1.0,
        zeros=left if sizes.factored else "a zero takes its cycle and is gated",
        waiting=_DRAM if waited else _LONGEST,
    )


@dataclass(frozen=True)
class _Pass:
    """Blocks that the PEs work on together: how many PEs share each, and how long it takes."""

    blocks: Sequence[Block]
    shared: int
    cycles: int

    @property
    def groups(self) -> int:
        """Groups of the layer whose inputs it needs."""
        return len({each.group for each in self.blocks})


def _passes(blocks: Sequence[Block], streams: int, sizes: UcnnSizes) -> Iterator[_Pass]:
    for start in range(0, len(blocks), sizes.pes):
        together = blocks[start : start + sizes.pes]
        shared = max(1, min(sizes.pes // len(together), streams))
        steps = math.ceil(math.ceil(streams / shared) / sizes.columns)
        yield _Pass(together, shared, max(each.cycles for each in together) * steps)


def _on_chip(
    workload: Workload, sizes: UcnnSizes, blocks: Sequence[Block], passes: Sequence[_Pass]
) -> Counter[ActionKey]:
    """Count what happens on the chip: words of activations and sums, bits of weights.

    Each pass reads the inputs of its groups once and sends them to its PEs. Sums go to the buffer
    after each tile and come back, but for the last tile, after which they are outputs.
    """
    streams = workload.streams
    steps = -(-streams // sizes.columns)
    inputs = _inputs(workload)
    of_group = inputs / workload.groups
    loaded = sum(each.groups for each in passes) * of_group
    held = len(blocks) * of_group
    copied = sum(sum(b.stored_bits for b in each.blocks) * each.shared for each in passes)
    outputs = workload.groups * workload.filters * streams
    stored, stays = _stored(workload, blocks), sum(each.stays for each in blocks) * streams
    summed = sum(each.summed for each in blocks) * streams
    products = sum(each.products for each in blocks) * streams
    return Counter(
        {
            LOAD: loaded,
            FILL: inputs,
            FETCH: stored,
            KEEP: stored,
            SUM_READ: stays,
            SUM_WRITE: stays,
            STORE: outputs,
            DRAIN: outputs,
            SEND: held,
            SEND_WEIGHTS: copied,
            SEND_SUMS: 2 * stays + outputs,
            HOLD: held,
            TAKE: sum(each.reads for each in blocks) * streams,
            PUT: copied,
            STEP: sum(each.weight_bits for each in blocks) * steps,
            GROUP: summed,
            GROUP_WRITE: summed,
            MULTIPLY: products,
            ADD: products,
            ACCUMULATE: products,
        }
    )


def _stored(workload: Workload, blocks: Sequence[Block]) -> int:
    signs = 0 if workload.operands is None else workload.operands.sign_bits
    return sum(each.stored_bits for each in blocks) + signs


def _inputs(workload: Workload) -> int:
    """Count the activations of all groups, each once where that is known."""
    if workload.operands is None:
        return workload.groups * workload.K * workload.streams
    return workload.operands.inputs


def _dram_bits(workload: Workload, sizes: UcnnSizes, blocks: Sequence[Block]) -> Counter[ActionKey]:
    """Count bits that cross to DRAM, every value once; activations as runs where that is less."""
    bits = sizes.activation_bits
    known = workload.activations.nonzeros
    share = workload.activations.density if known is None else float(known.mean())
    of_input = min(bits, share * (bits + sizes.run_bits))
    outputs = workload.groups * workload.filters * workload.streams
    return Counter(
        {
            DRAM_READ._replace(operand=WEIGHTS): _stored(workload, blocks),
            DRAM_READ._replace(operand=ACTIVATIONS): _inputs(workload) * of_input,
            DRAM_WRITE._replace(operand=OUTPUTS): outputs * bits,
        }
    )


def _instances(sizes: UcnnSizes) -> dict[tuple[str, str], int]:
    lanes = sizes.pes * sizes.columns
    wide = lanes if sizes.factored else lanes * sizes.filters
    found = {
        DRAM_READ[:2]: 1,
        LOAD[:2]: 1,
        SEND[:2]: 1,
        HOLD[:2]: sizes.pes,
        PUT[:2]: sizes.pes,
        MULTIPLY[:2]: wide,
        ADD[:2]: wide,
        ACCUMULATE[:2]: lanes * sizes.filters,
    }
    if sizes.factored:
        found |= {GROUP[:2]: lanes, GROUP_WRITE[:2]: lanes * sizes.filters}
    return found
