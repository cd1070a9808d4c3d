"""A layer of ResNet-18 on ``sigma``, every row of its energy by arithmetic of its own.

64 filters of 64 x 3 x 3 over 56 x 56 positions, on 256 multipliers with a port each, as in
``docs/energy.md``. Nothing of the pricing is used here: unit prices are the published figures at
28 nm, and what happens in the tree is counted on paper, level by level.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from hwsim.arch import load_arch
from hwsim.energy import load_energy_table, price
from hwsim.engines.stonne.sigma.gemms import simulate
from hwsim.engines.stonne.sigma.stream import Stream
from hwsim.workload.operands import Coding, Operands

FILTERS, K, COLUMNS = 64, 576, 56 * 56
OUTPUTS = FILTERS * COLUMNS
#: From 45 nm and from 40 nm to 28 nm (Stillmaker and Baas); areas from 45 nm and from 40 nm.
FROM_45, FROM_40 = 0.5132473, 0.5906339
AREA_45, AREA_40 = 0.3766667, 0.5471795
REGISTER, GATE, CLOCK = 0.009 * FROM_40, 0.02947 / 32 * FROM_40, 0.00216 * FROM_45
WIRE, DRAM = 0.121, 8.0  # pJ a bit and mm; pJ a bit
#: CACTI, 108 KB in rows of 256 values: two banks of 54 KB x 1024 bit.
ROW, ROW_READ, ROW_WRITE = 2048, 108.5625, 197.12863


def adder(bits: int) -> float:
    """Horowitz: 0.03, 0.05 and 0.1 pJ for 8, 16 and 32 bits at 45 nm, power laws between."""
    if bits <= 16:
        return 0.03 * (bits / 8) ** math.log2(5 / 3) * FROM_45
    return 0.05 * bits / 16 * FROM_45


def adder_area(bits: int) -> float:
    """Dally: 67 and 137 um2 for 16 and 32 bits at 45 nm."""
    return float(67 * (bits / 16) ** math.log2(137 / 67) * AREA_45)


# --- the machine: 256 multipliers, 255 adders on 8 levels, 256 lines of the bus with 2 queues each
#: Adders of each level, and the bits of their results: a product of 8 x 8 bits and one more each.
ADDERS = [(128, 17), (64, 18), (32, 19), (16, 20), (8, 21), (4, 22), (2, 23), (1, 24)]
MULTIPLIER_BITS = 256 * (8 + 8 + 3 * 16) + 3 * (32 - 16)  # the first one takes partial sums
TREE_BITS = 5 * sum((number - 1) * bits + 32 for number, bits in ADDERS)
BUS_BITS = 256 * 2 * 32
AREAS = {
    ("MSNetwork", "MULTIPLIER"): 256 * 282 * AREA_45,
    ("MSNetwork", "FIFO"): MULTIPLIER_BITS * 5.98 * AREA_40,
    ("ReduceNetwork", "ADDER"): sum(
        (number - 1) * adder_area(bits) + adder_area(32) for number, bits in ADDERS
    ),
    ("ReduceNetwork", "FIFO"): TREE_BITS * 5.98 * AREA_40,
    ("CollectionBus", "FIFO"): BUS_BITS * 5.98 * AREA_40,
}
SIDE = math.sqrt(sum(AREAS.values())) / 1000  # mm
HALF = SIDE / 2
#: Wires that leave the multipliers and each level: half a pitch, doubled on every second level.
LENGTHS = [SIDE / 16 / 2 * twice for twice in (1, 1, 2, 2, 4, 4, 8, 8)]

# --- what a filter does for one position, level by level: (additions of two, of three, results)
FULL = [(128, 0, 128), (64, 0, 64), (32, 0, 32), (16, 0, 16), (8, 0, 8), (4, 0, 4), (2, 0, 2)]
#: A dense filter folds: 256 weights, then 255 and its sum, then 65 and its sum (33 pairs; the last
#: goes over the link to its neighbour).
DENSE_PIECES = [
    (256, False, [*FULL, (1, 0, 1)]),
    (255, True, [*FULL, (1, 0, 1)]),
    (65, True, [(32, 1, 33), (16, 0, 16), (8, 0, 8), (4, 0, 4), (2, 0, 2), (1, 0, 1)]),
]
#: A third of the weights: 192, on six levels three pairs, of which the last uses the link.
SIGNED_PIECES = [
    (192, False, [(96, 0, 96), (48, 0, 48), (24, 0, 24), (12, 0, 12), (6, 0, 6), (2, 1, 3),
                  (1, 0, 1)]),
]  # fmt: skip

CASES: dict[str, tuple[Coding, int, int, int]] = {  # coding, bits of a weight, of a product, per K
    "dense": ("value", 8, 16, 576),
    "binary": ("sign", 1, 9, 576),
    "signed-binary": ("zero", 1, 9, 192),
}


def by_hand(scheme: str) -> dict[tuple[str, str, str, str], float]:
    """Energy of each row, pJ."""
    coding, weight_bits, product_bits, nonzero = CASES[scheme]
    pieces = SIGNED_PIECES if scheme == "signed-binary" else DENSE_PIECES
    weights, products = FILTERS * nonzero, FILTERS * nonzero * COLUMNS
    back = sum(folded for _, folded, _ in pieces) * OUTPUTS
    written = len(pieces) * OUTPUTS
    multiply = 0.2 * FROM_45 if coding == "value" else 8 * GATE

    # The tree: a value that comes back from the buffer is 32 bits wide on every level of its piece.
    adds_2 = adds_3 = wires = queues = 0.0
    for held, folded, levels in pieces:
        wires += (held * product_bits + folded * 32) * WIRE * LENGTHS[0]
        queues += (held * product_bits + folded * 32) * REGISTER  # in front of the first adders
        for level, (of_two, of_three, results) in enumerate(levels, 1):
            bits = product_bits + level
            passed_on = results if level < len(levels) else 0
            adds_2 += (of_two - folded) * adder(bits) + folded * adder(32)
            adds_3 += of_three * 2 * adder(bits)
            queues += ((results - folded) * bits + folded * 32) * REGISTER  # behind
            if passed_on:
                moved = (passed_on - folded) * bits + folded * 32
                wires += moved * WIRE * LENGTHS[level]
                queues += moved * REGISTER  # in front of the next

    read, write = ROW_READ / ROW, ROW_WRITE / ROW  # of a bit
    buffer, bus, tree = ("GlobalBuffer", "GLOBALBUFFER"), "CollectionBus", "ReduceNetwork"
    stored = FILTERS * K * weight_bits  # a bit mask would save nothing here
    rows = {
        ("MSNetwork", "MULTIPLIER", "MULTIPLICATION", ""): products * multiply,
        ("MSNetwork", "MULTIPLIER", "FORWARD_PSUM", "partial sums"): back * 32 * GATE,
        ("MSNetwork", "FIFO", "PUSH", "activations"): products * 8 * REGISTER,
        ("MSNetwork", "FIFO", "PUSH", "weights"): weights * weight_bits * REGISTER,
        ("MSNetwork", "FIFO", "PUSH", "partial sums"): (products * product_bits + back * 2 * 32)
        * REGISTER,
        ("DSNetwork", "DN_WIRE", "WRITE to a port", "weights"): weights * weight_bits * WIRE * HALF,
        ("DSNetwork", "DN_WIRE", "WRITE to a port", "partial sums"): back * 32 * WIRE * HALF,
        ("DSNetwork", "DN_WIRE", "WRITE to a port", "activations"): products * 8 * WIRE * HALF,
        (tree, "ADDER", "ADD_2_1", ""): OUTPUTS * adds_2,
        (tree, "ADDER", "ADD_3_1", ""): OUTPUTS * adds_3,
        (tree, "RN_WIRE", "WRITE", "partial sums"): OUTPUTS * wires,
        (tree, "FIFO", "PUSH", "partial sums"): OUTPUTS * queues,
        (tree, "SIGN", "NEGATE", "weights"): OUTPUTS * adder(32) * (coding == "zero"),
        # onto the line and along it
        (bus, "CB_WIRE", "WRITE", "partial sums"): 2 * written * 32 * WIRE * HALF,
        (bus, "FIFO", "PUSH", "partial sums"): written * 32 * REGISTER,
        (*buffer, "READ", "weights"): weights * weight_bits * read,
        # Each filter reads the whole matrix, and each weight waits for one value of a column.
        (*buffer, "READ", "activations"): products * 8 * read,
        (*buffer, "READ", "unused activations"): (FILTERS * K * COLUMNS - products) * 8 * read,
        (*buffer, "READ", "partial sums"): back * 32 * read,
        (*buffer, "WRITE", "partial sums"): (written - OUTPUTS) * 32 * write,
        (*buffer, "WRITE", "outputs"): OUTPUTS * 8 * write,
        (*buffer, "FILL", "activations"): 64 * COLUMNS * 8 * write,
        (*buffer, "FILL bits", "weights"): stored * write,
        (*buffer, "DRAIN", "outputs"): OUTPUTS * 8 * read,
        ("DRAM", "LPDDR4", "READ", "weights"): stored * DRAM,
        ("DRAM", "LPDDR4", "READ", "activations"): 64 * COLUMNS * 8 * DRAM,
        ("DRAM", "LPDDR4", "WRITE", "outputs"): OUTPUTS * 8 * DRAM,
    }

    # A configuration takes N + 4 cycles and one for each adder on the longest way, a link included.
    ways = {256: 8, 255: 8, 65: 7, 192: 8}
    cycles = FILTERS * sum(COLUMNS + 4 + ways[held] for held, _, _ in pieces)
    seconds = cycles / 5e8
    for part, area in AREAS.items():
        nanowatts = 12.6 * FROM_40 / AREA_40 * area
        rows[*part, "static", ""] = nanowatts * seconds * 1e3
    rows[*buffer, "static", ""] = 0.0096384679 * seconds * 1e9  # CACTI, mW
    for part, bits in (
        (("MSNetwork", "FIFO"), MULTIPLIER_BITS),
        ((tree, "FIFO"), TREE_BITS),
        ((bus, "FIFO"), BUS_BITS),
        (buffer, 256 * 8),
    ):
        rows[*part, "clock", ""] = bits * cycles * CLOCK
    return {key: energy for key, energy in rows.items() if energy}


def by_hwsim(scheme: str) -> dict[tuple[str, str, str, str], float]:
    coding, _, _, nonzero = CASES[scheme]
    bits = np.zeros((1, FILTERS, K), dtype=bool)
    bits[:, :, :nonzero] = True
    arch = load_arch("sigma")
    activity = simulate(bits, Stream.of_density(COLUMNS, K, 1.0), arch, "MK_STA_KN_STR")
    stored_bits = 32 if coding == "value" else 1
    operands = Operands(coding, stored_bits, 0, bits.size, int(bits.sum()), 64 * COLUMNS, OUTPUTS)
    rows: dict[tuple[str, str, str, str], float] = {}
    for row in price(activity, load_energy_table("physical"), arch, operands).rows:
        key = (row.unit, row.component, row.action, row.operand)
        rows[key] = rows.get(key, 0.0) + row.energy
    return {key: energy for key, energy in rows.items() if energy}


@pytest.mark.parametrize("scheme", CASES)
def test_every_row_of_a_layer_by_hand(scheme: str) -> None:
    ours, hand = by_hwsim(scheme), by_hand(scheme)
    assert ours.keys() == hand.keys()
    for key, energy in hand.items():
        assert ours[key] == pytest.approx(energy, rel=1e-4), key


def test_the_sums_that_the_documentation_states() -> None:
    totals = {scheme: sum(by_hand(scheme).values()) / 1e6 for scheme in CASES}
    assert totals == {
        "dense": pytest.approx(222.4, abs=0.05),
        "binary": pytest.approx(187.0, abs=0.05),
        "signed-binary": pytest.approx(111.4, abs=0.05),
    }
