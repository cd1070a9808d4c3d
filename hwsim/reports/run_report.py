"""A run as text for a terminal, 80 columns wide where the names allow it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hwsim.reports.layout import add_row, facts, figures
from hwsim.reports.numbers import EnergyScale, percent, ratio, significant

if TYPE_CHECKING:
    import pandas as pd

    from hwsim.studies import RunResult

#: Two schemes whose results agree in these columns run alike on the machine.
_ALIKE = ["density", "cycles", "utilization", "energy"]


def run_report(result: RunResult) -> Group:
    """Lay out a run: what ran, layers, totals, headline, components, provenance.

    Parameters
    ----------
    result : RunResult
        From :func:`hwsim.run` or :func:`hwsim.studies.load_run`.

    Returns
    -------
    rich.console.Group
        To print on a :class:`rich.console.Console`.
    """
    sections: list[RenderableType] = [
        facts([*header_facts(result.manifest), *_scheme_facts(result.manifest)]),
        layers_report(result),
        totals_report(result),
        headline(result),
        components_report(result),
        facts([("deciding", _what_decides(result)), *price_facts(result.manifest)]),
    ]
    spaced = [part for section in sections for part in (section, "")]
    return Group(*spaced[:-1])


def header_facts(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Say which network ran on which machine."""
    network, arch = manifest["network"], manifest["arch"]
    source = network["file"] or "in memory"
    geometry = f", geometry: {network['topology']}" if network["topology"] else ""
    yield "network", f"{network['name']}, {count(network['layers'], 'layer')} ({source}{geometry})"
    for note in network["notes"]:
        yield "", note
    parameters = ", ".join(
        f"{name} {each['value']} {each['unit']}" for name, each in arch["parameters"].items()
    )
    yield "arch", f"{arch['name']}: {parameters}"


def _scheme_facts(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Say how the weights under each scheme came to be."""
    for number, scheme in enumerate(manifest["schemes"]):
        yield "schemes" if number == 0 else "", f"{scheme['label']}: {_origins(scheme)}"
        for note in scheme["notes"]:
            yield "", note


def _origins(scheme: dict[str, Any]) -> str:
    origins = scheme["origins"]
    if not scheme["layers"]:
        return "weights as given"
    if len(origins) == 1:
        return f"{count(scheme['layers'], 'layer')} {next(iter(origins))}"
    parts = ", ".join(f"{number} {origin}" for origin, number in origins.items())
    return f"{count(scheme['layers'], 'layer')}: {parts}"


def count(things: list[Any], name: str) -> str:
    """Write how many there are: ``1 layer``, ``21 layers``."""
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"


def layers_report(result: RunResult) -> Table:
    """Lay out the layer table; schemes that run a layer alike share a row."""
    layers = result.layers
    scale = EnergyScale.of(layers["energy"], layers["energy_unit"].iloc[0])
    energy = f"energy\n{scale.label}"
    table = figures(
        ["layer\n M x K x N", "scheme"],
        ["den-\nsity", "cycles", "utili-\nzation", energy, "cycles\nratio", "energy\nratio"],
        caption=_ratio_caption(result),
    )
    for _, rows in layers.groupby("layer", sort=False):
        for line in _layer_lines(rows, scale):
            add_row(table, *line)
    return table


def _ratio_caption(result: RunResult) -> str:
    if result.baseline is None:
        return "No ratios: they need the dense scheme, add --scheme dense."
    return f"ratio: {result.baseline} / scheme, above 1 the scheme needs less"


def _layer_lines(rows: pd.DataFrame, scale: EnergyScale) -> Iterator[list[str]]:
    """Yield a line for each distinct result; name and shape stand in the first two."""
    first = rows.iloc[0]
    shape = f" {first['M']}x{first['K']}x{first['N']}"
    titles = [first["layer"], shape if first["groups"] == 1 else f"{shape} x{first['groups']}"]
    alike = [same for _, same in rows.groupby(_ALIKE, sort=False)]
    for number in range(max(len(titles), len(alike))):
        title = titles[number] if number < len(titles) else ""
        if number >= len(alike):
            yield [title]
            continue
        same = alike[number]
        one = same.iloc[0]
        yield [
            title,
            "all" if len(same) == len(rows) > 1 else ", ".join(same["scheme"]),
            percent(one["density"]),
            f"{one['cycles']:,}",
            percent(one["utilization"]),
            scale.show(one["energy"]),
            ratio(one["cycles_ratio"]),
            ratio(one["energy_ratio"]),
        ]


def totals_report(result: RunResult) -> Table:
    """Lay out the sums over the network and over the layers that schemes change."""
    totals = result.totals
    scale = EnergyScale.of(totals["energy"], totals["energy_unit"].iloc[0])
    energy = f"energy\n{scale.label}"
    table = figures(
        ["total of", "scheme"],
        ["MACs\nleft", "cycles", energy, "of it\nstatic", "cycles\nratio", "energy\nratio"],
    )
    for scope, rows in totals.groupby("scope", sort=False):
        for number, (_, row) in enumerate(rows.iterrows()):
            add_row(
                table,
                f"{scope} ({row['layers']})" if number == 0 else "",
                row["scheme"],
                percent(row["density"]),
                f"{row['cycles']:,}",
                scale.show(row["energy"]),
                percent(row["energy_static"] / row["energy"] if row["energy"] else 0.0),
                ratio(row["cycles_ratio"]),
                ratio(row["energy_ratio"]),
            )
    return table


def headline(result: RunResult) -> Text:
    """Say in a sentence for each scheme what it gains."""
    if result.baseline is None:
        return Text("")
    totals = result.totals.set_index(["scheme", "scope"])
    lines = []
    for scheme in result.schemes:
        if scheme == result.baseline:
            continue
        ratios = totals.loc[scheme, ["energy_ratio", "cycles_ratio"]]
        if bool((ratios == 1).to_numpy().all()):
            gains = "the same energy and cycles"
        else:
            gains = "; ".join(
                f"{_times(energy, 'less', 'more')} energy and "
                f"{_times(cycles, 'fewer', 'more')} cycles over the {scope}"
                for scope, energy, cycles in ratios.itertuples()
            )
        lines.append(f"{scheme} against {result.baseline}: {gains}")
    return Text("\n".join(lines), style="bold")


def _times(value: float, below: str, above: str) -> str:
    return f"{value:.2f}x {below}" if value >= 1 else f"{1 / value:.2f}x {above}"


def components_report(result: RunResult) -> Table:
    """Lay out where the energy goes, components without energy left out."""
    components = result.components[result.components["energy"] > 0]
    scale = EnergyScale.of(components["energy"], result.layers["energy_unit"].iloc[0])
    headings = [text for scheme in result.schemes for text in (scheme, "share")]
    table = figures([f"energy by component\n{scale.label}"], headings)
    for (unit, component), rows in components.groupby(["unit", "component"], sort=False):
        by_scheme = rows.set_index("scheme")[["energy", "share"]].reindex(result.schemes).fillna(0)
        cells = zip(
            map(scale.show, by_scheme["energy"]), map(percent, by_scheme["share"]), strict=True
        )
        add_row(table, f"{unit} {component}", *(text for cell in cells for text in cell))
    return table


def _what_decides(result: RunResult) -> str:
    scheme = result.schemes[0]
    components = result.components[result.components["scheme"] == scheme]
    largest = components.sort_values("energy", ascending=False).head(2)
    dram = components["component"].str.contains("DRAM", case=False).any()
    return (
        f"{percent(largest['share'].sum(), 0)} of the {scheme} energy is "
        f"{' and '.join(largest['component'])}: ratios are mostly theirs; "
        f"DRAM is {'included' if dram else 'not included'}"
    )


def price_facts(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Say whose prices these are, and the area of the machine."""
    energy, arch = manifest["energy"], manifest["arch"]
    yield "energy", energy["label"]
    yield "", energy["provenance"]
    yield "area", f"{significant(arch['area'])} ({arch['area_unit'] or 'unit not stated'})"
