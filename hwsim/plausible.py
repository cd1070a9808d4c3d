"""What a quantity of a chip can be: the range of each unit, named where a key is declared."""

from __future__ import annotations

from typing import Final, NamedTuple


class Range(NamedTuple):
    """From the least to the most that a quantity can be.

    Parameters
    ----------
    least, most : float
        Both of them included.
    unit : str
        In which it is written; empty of a plain number.
    """

    least: float
    most: float
    unit: str = ""

    def refusal(self, value: float) -> str | None:
        """Say what was expected of a value outside; None of one inside. NaN is outside."""
        if self.least <= value <= self.most:
            return None
        unit = f" {self.unit}" if self.unit else ""
        if value > self.most:
            return f"expected {self.most:g}{unit} at most"
        return f"expected {self.least:g}{unit if self.least else ''} or more"


#: Of one action or one cycle of a component: a joule is that of a chip in a second.
ENERGY_PJ: Final = Range(0, 1e12, "pJ")
#: Of one instance: a square metre is a hundred wafers.
AREA_UM2: Final = Range(0, 1e12, "um2")
#: A figure of a table whose authors state no unit; sums and products of such stay finite.
FIGURE: Final = Range(0, 1e30)
#: Of a line to or from a memory: a million words at the fastest clock are an exabyte a second.
WORDS_PER_CYCLE: Final = Range(0, 1e9)
#: Of a port of a memory or of the way to one: a word in a millisecond is none.
PORT_WORDS: Final = Range(1e-6, 1e9)
#: Of a tile of a chip, along one side.
WIDTH_UM: Final = Range(0, 1e6, "um")
#: Of a tile in its memory; two are double buffering.
COPIES: Final = Range(0, 1e6)
#: Of what is there at most once.
SHARE: Final = Range(0, 1)
#: Of the layouts of Timeloop's files.
VERSION: Final = Range(0.1, 1.0)
#: From the first metal gates on a wafer to less than the rows of atoms that a gate has.
NODE_NM: Final = Range(0.5, 20_000, "nm")
#: From a watch to ten times what logic of silicon has been clocked at.
CLOCK_HZ: Final = Range(1e3, 1e11, "Hz")
#: From below the threshold of a transistor to the supplies of old boards.
SUPPLY_V: Final = Range(0.1, 20, "V")
#: Of a memory on a chip: wafers have 44 GB.
BYTES: Final = Range(1, 2**40, "B")
#: Of a wait, up to a century.
TIME_S: Final = Range(0, 3.2e9, "s")
#: Of a run of another tool's program: up to 30 years.
PROGRAM_S: Final = Range(1e-3, 1e9, "s")
#: Of what is drawn at random: 32 bits, as numpy's legacy generators and schemes take them.
LARGEST_SEED: Final = 2**32 - 1
#: Side by side, on a cluster as well.
MOST_WORKERS: Final = 4096
#: Of an exploration, points.
MOST_POINTS: Final = 10**9
#: Of a component on a chip: a wafer has some 10**12 transistors, a multiplier thousands.
MOST_INSTANCES: Final = 2**30
#: Of a word, bits: vectors of whole tiles have been called words.
WIDEST_WORD: Final = 2**20
#: Of a row of a memory, bits, and of its blocks, words.
WIDEST_ROW: Final = 2**30
