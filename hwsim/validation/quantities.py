"""What is compared: the quantities that papers publish, and how totals of a run give them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from hwsim.quantity import Units


@dataclass(frozen=True)
class Totals:
    """What a work took on a machine, all its layers and images together.

    Parameters
    ----------
    cycles : int
        Of the machine's clock.
    dense_cycles : int
        The same work with no zero anywhere.
    macs : int
        Multiply-accumulates of the dense problem.
    chip_pj, dram_pj : float
        Energy on the chip and of the DRAM, pJ.
    area_um2 : float
        Of the chip, um2; 0 where the prices state none.
    clock_hz : float
        Clock, Hz.
    images : int
        Inferences in the work.
    """

    cycles: int
    dense_cycles: int
    macs: int
    chip_pj: float
    dram_pj: float
    area_um2: float
    clock_hz: float
    images: int

    @property
    def seconds(self) -> float:
        """Time, s."""
        return self.cycles / self.clock_hz


@dataclass(frozen=True)
class Quantity:
    """One kind of published figure.

    Parameters
    ----------
    title : str
        For people.
    units : Units
        That a file may write.
    of : callable
        Gives the figure in the base unit.
    wanted : str
        The error that a machine may have in it and bear the name of the chip, where its file does
        not say.
    """

    title: str
    units: Units
    of: Callable[[Totals], float]
    wanted: str


_SECONDS: Final = Units({"us": 1e-6, "ms": 1e-3, "s": 1.0})
_JOULES: Final = Units({"nJ": 1e-9, "uJ": 1e-6, "mJ": 1e-3, "J": 1.0})
_WATTS: Final = Units({"mW": 1e-3, "W": 1.0})
#: A multiply-accumulate is two.
_OPERATIONS = 2
_PICO = 1e-12
#: Of speed and size. Chips differ more in energy, by corner, voltage and what data toggle.
_PACE: Final = "20 %"
_ENERGY: Final = "1.5x"
_UM2_PER_MM2 = 1e6

#: By the name that files use.
QUANTITIES: Final[Mapping[str, Quantity]] = {
    "cycles": Quantity("cycles", Units({"cycles": 1.0}), lambda found: float(found.cycles), _PACE),
    "time": Quantity("time", _SECONDS, lambda found: found.seconds, _PACE),
    "throughput": Quantity(
        "throughput", Units({"inf/s": 1.0}), lambda found: found.images / found.seconds, _PACE
    ),
    "operations": Quantity(
        "operations per second",
        Units({"GOPS": 1e9}),
        lambda found: _OPERATIONS * found.macs / found.seconds,
        _PACE,
    ),
    "speedup": Quantity(
        "speed-up over dense",
        Units({"x": 1.0}),
        lambda found: found.dense_cycles / found.cycles,
        _PACE,
    ),
    "energy": Quantity(
        "energy, DRAM included",
        _JOULES,
        lambda found: (found.chip_pj + found.dram_pj) * _PICO,
        _ENERGY,
    ),
    "chip_energy": Quantity(
        "energy of the chip", _JOULES, lambda found: found.chip_pj * _PICO, _ENERGY
    ),
    "chip_power": Quantity(
        "power of the chip", _WATTS, lambda found: found.chip_pj * _PICO / found.seconds, _ENERGY
    ),
    "chip_efficiency": Quantity(
        "inferences per joule of the chip",
        Units({"inf/J": 1.0}),
        lambda found: found.images / (found.chip_pj * _PICO),
        _ENERGY,
    ),
    "chip_operations": Quantity(
        "operations per joule of the chip",
        Units({"TOPS/W": 1e12}),
        lambda found: _OPERATIONS * found.macs / (found.chip_pj * _PICO),
        _ENERGY,
    ),
    "area": Quantity(
        "area", Units({"mm2": 1.0}), lambda found: found.area_um2 / _UM2_PER_MM2, _PACE
    ),
}
