"""Read an energy table from its YAML file."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from hwsim.arch.parts.figure import Figure
from hwsim.energy._schema import ComponentPricesSpec, FigureSpec, TableSpec
from hwsim.energy.table import ComponentPrices, EnergyTable
from hwsim.errors import InputError
from hwsim.yaml_file import YamlFile, read_text


def read_energy_table(path: Path) -> EnergyTable:
    """Read an energy table of the schema in ``_schema.py``, or an ERT of Accelergy."""
    table = _energy_table(path, read_text(path))
    if table is not None:
        return table
    from hwsim.energy.accelergy.reference_tables import read_reference_tables

    return read_reference_tables(path)


@lru_cache(maxsize=32)
def _energy_table(path: Path, text: str) -> EnergyTable | None:
    """Read a text once, as every GEMM asks for its table; None of an ERT, which has more files."""
    file = YamlFile.of_text(path, text)
    if "ERT" in file.data or "ART" in file.data:
        return None
    spec = file.parse(TableSpec)
    fault = spec.unsourced()
    if fault:
        key, problem = fault
        raise InputError(f"{file.where(key)}: {'.'.join(key)}: {problem}")
    return EnergyTable(
        name=spec.name,
        title=spec.title,
        version=spec.version,
        unit=spec.unit,
        unit_text=spec.unit_text,
        area_unit=spec.area_unit,
        area_unit_text=spec.area_unit_text,
        provenance="; ".join(spec.sources.values()),
        components={name: _prices(prices, spec) for name, prices in spec.components.items()},
        node=spec.node,
        voltage=spec.voltage,
        clock=spec.clock,
        path=str(path),
        lines={name: file.line(("components", name)) for name in spec.components},
    )


def _prices(prices: ComponentPricesSpec, table: TableSpec) -> ComponentPrices:
    def sourced(figure: FigureSpec) -> Figure:
        # A figure without a source has been refused above.
        source = table.sources[figure.source or prices.source or ""]
        return Figure(figure.value, source, figure.bits)

    return ComponentPrices(
        area=None if prices.area is None else sourced(prices.area),
        static=None if prices.static is None else sourced(prices.static),
        actions={name: sourced(figure) for name, figure in prices.actions.items()},
    )
