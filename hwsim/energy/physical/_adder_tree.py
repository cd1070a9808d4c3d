"""SIGMA's adder tree in joules, level by level: widths, registers and wires.

A tree of growing width carries a product and one more bit a level. A partial sum that comes back
from the buffer is wider; it enters at multiplier 0, so that one adder of each level, the first, has
to be as wide as a partial sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from hwsim.activity import PARTIAL_SUMS, ActionKey
from hwsim.amount import Amount, added, anywhere, smaller
from hwsim.arch import Technology
from hwsim.arch.parts import Components
from hwsim.arch.parts.figure import Figure
from hwsim.energy.physical._geometry import Floorplan
from hwsim.energy.physical.ledger import Ledger
from hwsim.errors import InputError
from hwsim.number_format import NumberFormat

_UNIT: Final = "ReduceNetwork"
_WIRE: Final = ActionKey(_UNIT, "RN_WIRE", "WRITE", PARTIAL_SUMS)
_QUEUE: Final = ActionKey(_UNIT, "FIFO", "PUSH", PARTIAL_SUMS)
_SUMS_BACK: Final = ActionKey("MSNetwork", "MULTIPLIER", "FORWARD_PSUM", PARTIAL_SUMS)
#: STONNE's queues of an adder: two inputs, both ways of the forwarding link, output.
_QUEUES: Final = 5


class AdderTree(NamedTuple):
    """A tree of ``depth`` levels over ``2 ** depth`` multipliers.

    Parameters
    ----------
    technology : Technology
        Says width and registers.
    components : Components
        Prices and areas.
    depth : int
        Levels of adders.
    """

    technology: Technology
    components: Components
    depth: int

    def widths(self, product_bits: int) -> list[int]:
        """Bits of the values that leave the multipliers, then each level of adders."""
        sums = self.technology.partial_sums
        if self.technology.tree_width == "grows" and not sums.is_float:
            return [min(product_bits + level, sums.bits) for level in range(self.depth + 1)]
        return [product_bits] + [sums.bits] * self.depth

    @property
    def has_queues(self) -> bool:
        """Whether STONNE's queues are built, else a register behind each adder."""
        return self.technology.tree_registers != "level"

    @property
    def queues(self) -> int:
        """Registers of an adder."""
        return _QUEUES if self.has_queues else 1

    def built(self, product_bits: int) -> tuple[float, float]:
        """Area of all adders, um2, and bits of all their registers."""
        sums = self.technology.partial_sums.bits
        area, bits = 0.0, 0.0
        for level, width in enumerate(self.widths(product_bits)[1:], 1):
            adders = 2 ** (self.depth - level)
            widths = [sums] + [width] * (adders - 1)
            area += self.components.adder_area(self._format(sums)).value
            area += (adders - 1) * self.components.adder_area(self._format(width)).value
            bits += sum(widths)
        return area, bits * self.queues

    def charge(self, ledger: Ledger, product_bits: int, plan: Floorplan) -> None:
        """Charge additions, wires and registers of a layer.

        Parameters
        ----------
        ledger : Ledger
            Its activity says how the counts spread over the levels.
        product_bits : int
            Width of a product.
        plan : Floorplan
            Lengths.
        """
        _Charging(self, ledger, _level_prices(self, product_bits, plan)).charge()

    def adder(self, bits: int) -> Figure:
        """Price an addition whose result has so many bits."""
        return self.components.adder(self._format(bits))

    def _format(self, bits: int) -> NumberFormat:
        sums = self.technology.partial_sums
        return sums if bits == sums.bits else NumberFormat.parse(f"int{bits}")


#: What a value of the level's own width costs, and what a whole partial sum does.
_Price = tuple[Figure, Figure]


class _LevelPrices(NamedTuple):
    """What happens on each level costs, the leaves first; additions begin above the leaves."""

    widths: Sequence[int]
    additions: Sequence[_Price]
    wires: Sequence[_Price]
    registers: Sequence[_Price]


@lru_cache(maxsize=64)
def _level_prices(tree: AdderTree, product_bits: int, plan: Floorplan) -> _LevelPrices:
    """Price the levels once for all layers."""
    part, widths, sums = tree.components, tree.widths(product_bits), tree.technology.partial_sums
    millimetres = [plan.level_mm(level) for level in range(len(widths))]
    return _LevelPrices(
        widths,
        [(tree.adder(bits), tree.adder(sums.bits)) for bits in widths[1:]],
        [
            (part.wire(bits, length), part.wire(sums.bits, length))
            for bits, length in zip(widths, millimetres, strict=True)
        ],
        [(part.register(bits), part.register(sums.bits)) for bits in widths],
    )


@dataclass(frozen=True)
class _Charging:
    tree: AdderTree
    ledger: Ledger
    prices: _LevelPrices

    def charge(self) -> None:
        prices, charge = self.prices, self.ledger.charge
        for action, additions in (("ADD_2_1", 1), ("ADD_3_1", 2)):
            key = ActionKey(_UNIT, "ADDER", action)
            counts = self.levels(key)
            # Additions of two come first: the sum that comes back has one neighbour.
            wide = self.returning if additions == 1 else [0.0] * len(counts)
            price = self.mean(counts, wide, prices.additions)
            charge(key, price if additions == 1 else price.times(additions, "additions"))
        wires = self.levels(_WIRE)
        # What is put out on a level has left the one below.
        going_on, put_out = [*self.returning, 0.0], [0.0, *self.returning]
        charge(_WIRE, self.mean(wires, going_on, prices.wires))
        pushed = self.levels(_QUEUE)
        # Each value that leaves a level is pushed where it is going, and where it came from.
        results = [0.0, *(both - on for both, on in zip(pushed[1:], wires[1:], strict=True))]
        if self.tree.has_queues:
            both = [on + out for on, out in zip(going_on, put_out, strict=True)]
            charge(_QUEUE, self.mean(pushed, both, prices.registers))
        else:
            price = self.mean(results, put_out, prices.registers)
            charge(_QUEUE, price, count=added(results))
            self.ledger.include(_QUEUE, "no queues at the inputs: a register behind each adder")

    @cached_property
    def returning(self) -> Sequence[Amount]:
        """Results of each level that a sum from the buffer is part of."""
        return self.levels(_SUMS_BACK)

    def levels(self, key: ActionKey) -> Sequence[Amount]:
        """How a count spreads over the levels."""
        activity = self.ledger.activity
        levels = self.tree.depth + (key in (_WIRE, _QUEUE))
        spread = activity.levels.get(key, ())
        if not anywhere(activity.counts.get(key, 0)):
            return [0.0] * levels
        if len(spread) != levels:
            raise InputError(
                f"physical pricing of SIGMA: engine {activity.engine!r} does not say on which of "
                f"{levels} levels of the adder tree {key.component} {key.action} happens"
            )
        return spread

    def mean(
        self, counts: Sequence[Amount], wide: Sequence[Amount], prices: Sequence[_Price]
    ) -> Figure:
        """Average a price over the levels; ``wide`` of the counts hold a whole partial sum."""
        parts = []
        for count, back, (own, whole) in zip(counts, wide, prices, strict=True):
            if anywhere(back):
                back = smaller(back, count)
                parts += [(count - back, own), (back, whole)]
            else:
                parts.append((count, own))
        widths, sums = self.prices.widths, self.tree.technology.partial_sums.bits
        bits = f"{min(widths[-len(prices) :])} to {max(widths)} bits"
        return Figure.mean(parts, f"levels, {bits}, {sums} for sums that come back")
