"""A run as text for a terminal, at most 100 columns wide where the names allow it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table

from hwsim.reports._equal_area import equal_area_report
from hwsim.reports._layout import add_row, facts, figures
from hwsim.reports._numbers import EnergyScale, percent, significant
from hwsim.reports._run_facts import header_facts, price_facts, scheme_facts, warning_facts
from hwsim.reports._run_headline import gains, headline_report
from hwsim.reports._run_tables import beyond_report, layers_report, totals_report

if TYPE_CHECKING:
    import pandas as pd

    from hwsim.studies import RunResult


def run_report(result: RunResult) -> Group:
    """Lay out a run: what ran, headline, layers, totals, components, provenance.

    Parameters
    ----------
    result : RunResult
        From :func:`hwsim.run` or :func:`hwsim.studies.load_run`.

    Returns
    -------
    rich.console.Group
        To print on a :class:`rich.console.Console`.
    """
    each_table = [result.by_energy_table(name) for name in result.energy_tables]
    sections: list[RenderableType] = [
        facts([*header_facts(result.manifest), *scheme_facts(result.manifest)]),
        *equal_area_report(result),
        *headline_report(result),
        *map(gains, each_table),
        layers_report(result),
        *warning_facts(result.manifest),
        *beyond_report(result.beyond_limits, result.baseline),
        totals_report(result),
        *(part for one in each_table for part in _table_report(one)),
    ]
    spaced = [part for section in sections for part in (section, "")]
    return Group(*spaced[:-1])


def _table_report(result: RunResult) -> Iterator[RenderableType]:
    """Yield what one energy table says: where the energy goes, efficiency, provenance."""
    yield _components_report(result)
    if not result.operands.empty:
        yield _operands_report(result)
    if not result.efficiency.empty:
        yield _efficiency_report(result)
    yield facts([("deciding", _what_decides(result)), *price_facts(result.manifest)])


def _components_report(result: RunResult) -> Table:
    """Lay out where the energy goes, components without energy left out."""
    components = result.components[result.components["energy"] > 0]
    names = components["unit"] + " " + components["component"]
    return _spent_on(result, "component", components.assign(name=names))


def _operands_report(result: RunResult) -> Table:
    """Lay out what the energy is spent on: operands on chip and in DRAM, compute, static."""
    operands = result.operands
    names = operands["operand"] + ", " + operands["place"]
    shares = operands["energy"] / operands.groupby("scheme")["energy"].transform("sum")
    return _spent_on(result, "operand", operands.assign(name=names, share=shares))


def _spent_on(result: RunResult, what: str, rows: pd.DataFrame) -> Table:
    """Lay out energy and share of each ``name`` under every scheme."""
    scale = EnergyScale.of(rows["energy"], result.layers["energy_unit"].iloc[0])
    headings = [text for scheme in result.schemes for text in (scheme, "share")]
    table = figures([f"{_whose(result)} by {what}\n{scale.label}"], headings)
    for name, mine in rows.groupby("name", sort=False):
        by_scheme = mine.set_index("scheme")[["energy", "share"]]
        by_scheme = by_scheme.reindex(result.schemes, fill_value=0)
        cells = zip(
            map(scale.show, by_scheme["energy"]), map(percent, by_scheme["share"]), strict=True
        )
        add_row(table, name, *(text for cell in cells for text in cell))
    return table


def _efficiency_report(result: RunResult) -> Table:
    """Lay out time, power, energy-delay product and operations per energy of the network."""
    rows = result.efficiency[result.efficiency["scope"] == "network"]
    clock = result.manifest["arch"]["technology"]["clock"]
    dram = bool(rows["dram"].any())
    place = "with DRAM" if dram else "no DRAM"
    alone = ["TOPS/W\neffective\non chip"] if dram else []
    table = figures(
        [f"one image at {clock}"],
        [
            *("time\nms", "power\nmW", "EDP\nuJ s"),
            *(f"TOPS/W\n{which}\n{place}" for which in ("effective", "dense")),
            *alone,
        ],
        caption=_efficiency_caption(result, dram),
    )
    for _, row in rows.iterrows():
        figures_of_row = (
            1e3 * row["seconds"],
            1e3 * row["power_w"],
            1e6 * row["edp_js"],
            row["tops_per_w"],
            row["tops_per_w_dense"],
            *([row["tops_per_w_on_chip"]] if dram else []),
        )
        add_row(table, row["scheme"], *map(significant, figures_of_row))
    return table


def _efficiency_caption(result: RunResult, dram: bool) -> str:
    text = f"by {_whose(result)}; dense: all operations of the network count"
    return f"{text}; power and EDP {'with' if dram else 'without'} DRAM"


def _whose(result: RunResult) -> str:
    return f"energy ({result.manifest['energy']['table']})" if result.several else "energy"


def _what_decides(result: RunResult) -> str:
    scheme = result.schemes[0]
    components = result.components[result.components["scheme"] == scheme]
    largest = components.sort_values("energy", ascending=False).head(2)
    dram = (components["unit"] == "DRAM").any()
    return (
        f"{percent(largest['share'].sum(), 0)} of the {scheme} energy is "
        f"{' and '.join(largest['component'])}: ratios are mostly theirs; "
        f"DRAM is {'included' if dram else 'not included'}"
    )
