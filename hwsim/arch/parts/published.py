"""Published figures of logic, wires and DRAM: one row a figure, each with its source."""

from __future__ import annotations

import math
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self, get_args

from pydantic import Field, model_validator

from hwsim.arch.parts.figure import Figure
from hwsim.errors import InputError, did_you_mean
from hwsim.quantity import LENGTH, parse_quantity
from hwsim.yaml_file import StrictModel, Text, YamlFile

#: Each family has its file in ``data/``.
Family = Literal["logic", "wire", "dram"]
FAMILIES: tuple[Family, ...] = get_args(Family)
_DATA = Path(__file__).resolve().parent / "data"
_UNITS = {"energy": "pJ", "area": "um2", "energy_per_mm": "pJ/mm", "power_density": "nW/um2"}

Quantity = Literal["energy", "area", "energy_per_mm", "power_density"]


class Row(StrictModel):
    """One published figure: exactly one of the quantities, as text with its unit."""

    entry: Text
    bits: Annotated[int, Field(ge=1)]
    energy: Text | None = None
    area: Text | None = None
    energy_per_mm: Text | None = None
    power_density: Text | None = None
    node: Text | None = None
    source: Text
    exponent: Annotated[float, Field(ge=0)] | None = None

    @property
    def quantity(self) -> str:
        """Which quantity the row states."""
        return next(name for name in _UNITS if getattr(self, name) is not None)

    @property
    def value(self) -> float:
        """The figure in pJ, um2, pJ/mm or nW/um2."""
        return float(getattr(self, self.quantity).split()[0])

    @model_validator(mode="after")
    def _one_quantity_with_its_unit(self) -> Self:
        stated = [name for name in _UNITS if getattr(self, name) is not None]
        if len(stated) != 1:
            raise ValueError(f"should state one of {', '.join(_UNITS)}. Got {stated or 'none'}")
        number, _, unit = getattr(self, stated[0]).partition(" ")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if unit != _UNITS[stated[0]] or not 0 <= value < math.inf:
            raise ValueError(
                f"{stated[0]} should be a number of 0 or more and {_UNITS[stated[0]]}. "
                f"Got {getattr(self, stated[0])!r}"
            )
        if self.node is not None:
            parse_quantity(self.node, LENGTH)
        return self


class RangeSpec(StrictModel):
    """What other sources give for an entry, as factors."""

    low: Annotated[float, Field(gt=0, le=1)]
    high: Annotated[float, Field(ge=1)]
    source: Text


class PublishedSpec(StrictModel):
    """The whole file."""

    schema_version: Literal[1] = Field(alias="schema")
    name: Text
    title: Text
    sources: dict[Text, Text]
    ranges: dict[Text, RangeSpec]
    rows: Annotated[list[Row], Field(min_length=1)]


class Published(NamedTuple):
    """An entry at a width, at the node of its source.

    Parameters
    ----------
    value : float
        In ``pJ``, ``um2``, ``pJ/mm`` or ``nW/um2``.
    node_nm : float or None
        Node that it holds for; None where it does not matter.
    source, formula : str
        Where it comes from, and how the width was reached.
    """

    value: float
    node_nm: float | None
    source: str
    formula: str


@cache
def read_published(family: Family) -> PublishedSpec:
    """Read and check the figures that hwsim ships of a family."""
    return read_published_file(_DATA / f"{family}.yaml")


def read_published_file(path: Path) -> PublishedSpec:
    """Read and check a file of published figures.

    Raises
    ------
    InputError
        One line with file, line and key: a figure without unit or source, a negative one, another
        version of the schema.
    """
    file = YamlFile.read(path)
    spec = file.parse(PublishedSpec)
    for number, row in enumerate(spec.rows):
        if row.source not in spec.sources:
            place = file.where(("rows", number, "source"))
            raise InputError(
                f"{place}: rows.{number}.source: {row.source!r} is not among the sources"
                f"{did_you_mean(row.source, spec.sources)}"
            )
    return spec


@lru_cache(maxsize=4096)
def published(family: Family, entry: str, quantity: Quantity, bits: float) -> Published:
    """Look an entry up at a width.

    Parameters
    ----------
    family : {"logic", "wire", "dram"}
        What it is: an adder is no kind of DRAM.
    entry : str
        E.g. ``int_add``.
    quantity : {"energy", "area", "energy_per_mm", "power_density"}
        Which of its figures.
    bits : float
        Width; for a multiplier of unequal operands the geometric mean of their widths.

    Returns
    -------
    Published
        Between published widths, and beyond them, by the power law through the two next ones; by
        the row's exponent where one width is published.

    Raises
    ------
    InputError
        If the family has no such entry, or no such figure of it.
    """
    spec = read_published(family)
    rows = sorted(
        (row for row in spec.rows if row.entry == entry and row.quantity == quantity),
        key=_bits,
    )
    if not rows:
        known = entries(family)
        raise InputError(f"no published {quantity} of {entry!r}{did_you_mean(entry, known)}")
    unit = _UNITS[quantity]
    # The next widths on either side, or the two nearest where all are on one.
    exact = [row for row in rows if row.bits == bits]
    below = max((row for row in rows[:-1] if row.bits <= bits), key=_bits, default=rows[0])
    above = rows[min(rows.index(below) + 1, len(rows) - 1)]
    if exact:
        below, exponent = exact[0], 0.0
    elif below is above:
        exponent = below.exponent or 0.0
    else:
        exponent = math.log(above.value / below.value) / math.log(above.bits / below.bits)
    value = below.value * (bits / below.bits) ** exponent
    formula = f"{below.value:g} {unit}"
    if bits != below.bits:
        formula += f" x ({bits:g}/{below.bits} bit)^{exponent:.3g}"
    node = None if below.node is None else parse_quantity(below.node, LENGTH)
    return Published(value, node, spec.sources[below.source], formula)


def entries(family: Family) -> list[str]:
    """Names of the entries of a family."""
    return sorted({row.entry for row in read_published(family).rows})


def with_range(figure: Figure, family: Family) -> Figure:
    """Say what other sources give for the figure's entry, where that is known."""
    spread = read_published(family).ranges.get(figure.entry)
    return figure if spread is None else figure._replace(low=spread.low, high=spread.high)


def _bits(row: Row) -> int:
    return row.bits
