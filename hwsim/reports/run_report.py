"""A run as text for a terminal: what it comes to first and last, whatever lies between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hwsim.reports._equal_area import equal_area_report
from hwsim.reports._layout import add_row, facts, figures
from hwsim.reports._numbers import EnergyScale, count, percent, significant
from hwsim.reports._run_facts import header_facts, price_facts, scheme_facts, warning_facts
from hwsim.reports._run_headline import gains, headline_report
from hwsim.reports._run_tables import beyond_report, layers_report, totals_report
from hwsim.studies.columns import distinct, over, sums

if TYPE_CHECKING:
    from hwsim.studies import RunResult

#: Layers that a report lists without being asked.
FEW_LAYERS: Final = 12


def run_report(result: RunResult, per_layer: bool | None = None) -> Group:
    """Lay out a run: what ran, headline; layers, components, provenance; totals, gains.

    Parameters
    ----------
    result : RunResult
        From :func:`hwsim.run` or :func:`hwsim.studies.load_run`.
    per_layer : bool, optional
        Whether to list every layer; if not given, where there are at most :data:`FEW_LAYERS`.

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
        _layers(result, per_layer),
        *warning_facts(result.manifest),
        *beyond_report(result.sums.beyond_limits, result.baseline),
        *(part for one in each_table for part in _table_report(one)),
        totals_report(result),
        *map(gains, each_table),
    ]
    spaced = [part for section in sections for part in (section, "")]
    return Group(*spaced[:-1])


def _layers(result: RunResult, per_layer: bool | None) -> RenderableType:
    """List the layers, or say how to see them."""
    number = len(distinct(result.sums.layers["layer"]))
    if per_layer or (per_layer is None and number <= FEW_LAYERS):
        return layers_report(result)
    return Text(f"{count(number, 'layer')}: --per-layer lists them, -o DIR writes them down")


def _table_report(result: RunResult) -> Iterator[RenderableType]:
    """Yield what one energy table says: where the energy goes, efficiency, provenance."""
    yield _components_report(result)
    if len(result.sums.operands):
        yield _operands_report(result)
    if len(result.sums.efficiency):
        yield _efficiency_report(result)
    yield facts([("deciding", _what_decides(result)), *price_facts(result.manifest)])


def _components_report(result: RunResult) -> Table:
    """Lay out where the energy goes, components without energy left out."""
    rows = [
        (f"{row['unit']} {row['component']}", row["scheme"], row["energy"], row["share"])
        for row in result.sums.component_energies.records()
        if row["energy"] > 0
    ]
    return _spent_on(result, "component", rows)


def _operands_report(result: RunResult) -> Table:
    """Lay out what the energy is spent on: operands on chip and in DRAM, compute, static."""
    operands = result.sums.operands
    whole = sums(operands["scheme"], operands["energy"])
    rows = [
        (f"{operand}, {place}", scheme, energy, over(energy, whole[scheme]))
        for operand, place, scheme, energy in operands.rows("operand", "place", "scheme", "energy")
    ]
    return _spent_on(result, "operand", rows)


def _spent_on(result: RunResult, what: str, rows: Sequence[tuple[str, str, float, float]]) -> Table:
    """Lay out energy and share of each name under every scheme."""
    unit = result.sums.layers["energy_unit"][0]
    scale = EnergyScale.of((energy for _, _, energy, _ in rows), unit)
    headings = [text for scheme in result.schemes for text in (scheme, "share")]
    table = figures([f"{_whose(result)} by {what}\n{scale.label}"], headings)
    found = {(name, scheme): figures_of for name, scheme, *figures_of in rows}
    for name in distinct(name for name, *_ in rows):
        cells = [found.get((name, scheme), (0.0, 0.0)) for scheme in result.schemes]
        texts = [(scale.show(energy), percent(share)) for energy, share in cells]
        add_row(table, name, *(text for pair in texts for text in pair))
    return table


def _efficiency_report(result: RunResult) -> Table:
    """Lay out time, power, energy-delay product and operations per energy of the network."""
    rows = [row for row in result.sums.efficiency.records() if row["scope"] == "network"]
    clock = result.manifest["arch"]["technology"]["clock"]
    dram = any(row["dram"] for row in rows)
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
    for row in rows:
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
    components = [
        row for row in result.sums.component_energies.records() if row["scheme"] == scheme
    ]
    largest = sorted(components, key=lambda row: -row["energy"])[:2]
    dram = any(row["unit"] == "DRAM" for row in components)
    return (
        f"{percent(sum(row['share'] for row in largest), 0)} of the {scheme} energy is "
        f"{' and '.join(row['component'] for row in largest)}: ratios are mostly theirs; "
        f"DRAM is {'included' if dram else 'not included'}"
    )
