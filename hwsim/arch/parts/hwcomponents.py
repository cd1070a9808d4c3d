"""Component figures by the packages hwcomponents, hwcomponents-library and hwcomponents-cacti.

They take any number silently and give wrong SRAM figures at 90 nm and above, so everything is
checked before they are called. Each distinct component is asked for once.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from functools import lru_cache
from types import ModuleType
from typing import Any, Literal

from hwsim.arch.parts.components import Components
from hwsim.arch.parts.figure import Figure
from hwsim.arch.parts.sram import FEWEST_ROWS, Sram, banks
from hwsim.errors import InputError, named_reason
from hwsim.number_format import NumberFormat

_ALADDIN = "hwcomponents_library.library.aladdin"
_PACKAGES = ("hwcomponents", "hwcomponents_library", "hwcomponents_cacti")
#: What the figures of logic, and those of SRAM, come from.
SOURCE = "hwcomponents-library (Aladdin, ISCA 2014, scaled after Stillmaker and Baas 2017)"
SRAM_SOURCE = "hwcomponents-cacti (CACTI 7)"
_WIDEST_BITS = 4096
_WIDEST_ROW_BITS = 8192
_LARGEST_BYTES = 64 * 1024**2

Kind = Literal["AladdinAdder", "AladdinMultiplier", "AladdinRegister"]


def missing_packages() -> list[str]:
    """List the packages that are not installed."""
    return [name for name in _PACKAGES if importlib.util.find_spec(name) is None]


class HwComponents(Components):
    """As :class:`~hwsim.arch.parts.Components`, integer logic and SRAM by hwcomponents."""

    def __init__(self, node_nm: float, voltage_v: float | None = None) -> None:
        super().__init__(node_nm, voltage_v, "aladdin")

    def adder(self, number: NumberFormat) -> Figure:
        """Energy of an addition, pJ."""
        if number.is_float:
            return super().adder(number)
        energy, _ = _logic("AladdinAdder", "add", self.node_nm, (number.bits,))
        return self._energy_of("aladdin_add", energy, f"adder of {number.bits} bits")

    def multiplier(self, a: NumberFormat, b: NumberFormat) -> Figure:
        """Energy of a multiplication, pJ."""
        if a.is_float or b.is_float:
            return super().multiplier(a, b)
        energy, _ = _logic("AladdinMultiplier", "multiply", self.node_nm, (a.bits, b.bits))
        return self._energy_of("aladdin_multiply", energy, f"multiplier of {a.bits} x {b.bits}")

    def register(self, bits: int) -> Figure:
        """Energy of storing a value in a register, pJ."""
        energy, _ = _logic("AladdinRegister", "write", self.node_nm, (bits,))
        return self._energy_of("register", energy, f"register of {bits} bits")

    def adder_area(self, number: NumberFormat) -> Figure:
        """Area of an adder, um2."""
        if number.is_float:
            return super().adder_area(number)
        _, area = _logic("AladdinAdder", "add", self.node_nm, (number.bits,))
        return _area(area, f"adder of {number.bits} bits")

    def multiplier_area(self, a: NumberFormat, b: NumberFormat) -> Figure:
        """Area of a multiplier, um2."""
        if a.is_float or b.is_float:
            return super().multiplier_area(a, b)
        _, area = _logic("AladdinMultiplier", "multiply", self.node_nm, (a.bits, b.bits))
        return _area(area, f"multiplier of {a.bits} x {b.bits} bits")

    @property
    def _sram_source(self) -> str:
        return SRAM_SOURCE

    def _sram(self, capacity_bytes: float, width_bits: int) -> Sram:
        side_by_side, deep = banks(capacity_bytes, width_bits)
        number = side_by_side * deep
        bank = _memory(int(capacity_bytes) // number, width_bits // side_by_side, self.node_nm)
        return Sram(
            read_pj=bank.read_pj * side_by_side,
            write_pj=bank.write_pj * side_by_side,
            leakage_mw=bank.leakage_mw * number,
            area_um2=bank.area_um2 * number,
            how=bank.how if number == 1 else f"{bank.how}, {number} banks",
        )

    def _energy_of(self, entry: str, energy_pj: float, what: str) -> Figure:
        figure = Figure(
            energy_pj,
            SOURCE,
            unit="pJ",
            entry=entry,
            formula=f"{energy_pj:.4g} pJ, {what} at {self.node_nm:g} nm",
        )
        return self._at_voltage(figure)


def _area(area_um2: float, what: str) -> Figure:
    return Figure(area_um2, SOURCE, unit="um2", entry="area", formula=f"area of a {what}")


@lru_cache(maxsize=4096)
def _logic(kind: Kind, action: str, node_nm: float, widths: tuple[int, ...]) -> tuple[float, float]:
    """Ask for the energy of an action, pJ, and the area, um2."""
    for bits in widths:
        if not isinstance(bits, int) or not 1 <= bits <= _WIDEST_BITS:
            raise InputError(f"{kind}: width must be 1 to {_WIDEST_BITS} bits. Got {bits}")
    names = ("width",) if len(widths) == 1 else ("width_a", "width_b")
    model = _ask(
        lambda: getattr(_aladdin(), kind)(
            tech_node=node_nm * 1e-9, **dict(zip(names, widths, strict=True))
        )
    )
    return _picojoules(_ask(getattr(model, action))), float(model.area) * 1e12


@lru_cache(maxsize=1024)
def _memory(capacity_bytes: int, width_bits: int, node_nm: float) -> Sram:
    """Run CACTI once for a memory."""
    rows = capacity_bytes * 8 / width_bits if width_bits > 0 else 0
    if not (
        rows >= FEWEST_ROWS and width_bits <= _WIDEST_ROW_BITS and capacity_bytes <= _LARGEST_BYTES
    ):
        raise InputError(
            f"SRAM of {capacity_bytes} B and {width_bits} bits: CACTI wants at least {FEWEST_ROWS} "
            f"rows of at most {_WIDEST_ROW_BITS} bits and at most {_LARGEST_BYTES} B"
        )

    def build() -> Any:
        cacti = importlib.import_module("hwcomponents_cacti")
        return cacti.SRAM(tech_node=node_nm * 1e-9, width=width_bits, size=capacity_bytes * 8)

    model = _ask(build)
    return Sram(
        read_pj=_picojoules(_ask(model.read)),
        write_pj=_picojoules(_ask(model.write)),
        leakage_mw=float(model.leak_power) * 1e3,
        area_um2=float(model.area) * 1e12,
        how=f"{capacity_bytes / 1024:.4g} KB x {width_bits} bit",
    )


def _ask(call: Any) -> Any:
    """Call into the packages; whatever they raise becomes one line."""
    try:
        return call()
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"hwcomponents failed: {named_reason(error)[:300]}") from error


def _picojoules(cost: Any) -> float:
    """Read the energy of an action: an object with ``energy``, or (energy, latency), in J."""
    joules = cost.energy if hasattr(cost, "energy") else cost[0]
    return float(joules) * 1e12


def _aladdin() -> ModuleType:
    """Import the Aladdin models without the package's other ones.

    Importing the package itself also imports hwcomponents-neurosim, which it does not install and
    whose licence excludes commercial use.
    """
    if _ALADDIN not in sys.modules:
        for name in ("hwcomponents_library", "hwcomponents_library.library"):
            if name not in sys.modules:
                sys.modules[name] = _bare_package(name)
    return importlib.import_module(_ALADDIN)


def _bare_package(name: str) -> ModuleType:
    """Make a package whose modules can be imported, its own code not run."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.submodule_search_locations is None:
        raise InputError(f"hwcomponents: package {name} is damaged; reinstall it")
    package = ModuleType(name)
    package.__path__ = list(spec.submodule_search_locations)
    package.__spec__ = spec
    return package
