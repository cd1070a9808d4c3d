"""A run as text for a terminal, 80 columns wide where the names allow it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

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
    parts: list[RenderableType] = [
        *header_lines(result.manifest),
        layers_report(result),
        totals_report(result),
        *headline_lines(result),
        components_report(result),
        Text(_what_decides(result)),
        *price_lines(result.manifest),
    ]
    return Group(*parts)


def header_lines(manifest: dict[str, Any]) -> list[Text]:
    """Say which network ran on which machine, and how its weights came to be."""
    network, arch = manifest["network"], manifest["arch"]
    source = network["file"] or "in memory"
    geometry = f", geometry {network['topology']}" if network["topology"] else ""
    parameters = ", ".join(
        f"{name} {each['value']} {each['unit']}" for name, each in arch["parameters"].items()
    )
    lines = [
        f"network   {network['name']}, {len(network['layers'])} layers ({source}{geometry})",
        *(f"          {note}" for note in network["notes"]),
        f"arch      {arch['name']}: {parameters}",
    ]
    for number, scheme in enumerate(manifest["schemes"]):
        title = "schemes " if number == 0 else "        "
        lines.append(f"{title}  {scheme['label']}: {_origins(scheme)}")
        lines += [f"          {note}" for note in scheme["notes"]]
    return [Text(line) for line in lines]


def _origins(scheme: dict[str, Any]) -> str:
    if not scheme["layers"]:
        return "weights as given"
    total = len(scheme["layers"])
    layers = "1 layer" if total == 1 else f"{total} layers"
    if len(scheme["origins"]) == 1:
        return f"{layers} {next(iter(scheme['origins']))}"
    parts = ", ".join(f"{count} {origin}" for origin, count in scheme["origins"].items())
    return f"{layers}: {parts}"


def layers_report(result: RunResult) -> Table:
    """Lay out the layer table; schemes that run a layer alike share a row."""
    layers = result.layers
    scale = EnergyScale.of(layers["energy"], layers["energy_unit"].iloc[0])
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("layer\n M x K x N", overflow="fold")
    table.add_column("scheme", overflow="fold")
    for heading in (
        "density",
        "cycles",
        "utili-\nzation",
        f"energy\n{scale.label}",
        "cycles\nratio",
        "energy\nratio",
    ):
        table.add_column(heading, justify="right", no_wrap=True)
    for _, rows in layers.groupby("layer", sort=False):
        for line in _layer_lines(rows, scale):
            table.add_row(*map(Text, line))
    return table


def _layer_lines(rows: pd.DataFrame, scale: EnergyScale) -> Iterator[list[str]]:
    """Yield a line for each distinct result; name and shape stand in the first two."""
    first = rows.iloc[0]
    shape = f" {first['M']}x{first['K']}x{first['N']}"
    titles = [first["layer"], shape if first["groups"] == 1 else f"{shape} ({first['groups']}x)"]
    alike = list(rows.groupby(_ALIKE, sort=False))
    for number in range(max(len(titles), len(alike))):
        title = titles[number] if number < len(titles) else ""
        if number >= len(alike):
            yield [title]
            continue
        _, same = alike[number]
        one = same.iloc[0]
        everyone = len(same) == len(rows) > 1
        yield [
            title,
            "all" if everyone else ", ".join(same["scheme"]),
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
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("total of", overflow="fold")
    table.add_column("scheme", overflow="fold")
    for heading in (
        "MACs\neffectual",
        "cycles",
        f"energy\n{scale.label}",
        "of it\nstatic",
        "cycles\nratio",
        "energy\nratio",
    ):
        table.add_column(heading, justify="right", no_wrap=True)
    for scope, rows in totals.groupby("scope", sort=False):
        for number, (_, row) in enumerate(rows.iterrows()):
            table.add_row(
                Text(f"{scope} ({row['layers']})" if number == 0 else ""),
                Text(row["scheme"]),
                percent(row["density"]),
                f"{row['cycles']:,}",
                scale.show(row["energy"]),
                percent(row["energy_static"] / row["energy"] if row["energy"] else 0.0),
                ratio(row["cycles_ratio"]),
                ratio(row["energy_ratio"]),
            )
    return table


def headline_lines(result: RunResult) -> list[Text]:
    """Say in a sentence a scheme what it gains."""
    if result.baseline is None:
        return [Text("ratios need the dense scheme: add --scheme dense")]
    totals = result.totals.set_index(["scheme", "scope"])
    lines = []
    for scheme in result.schemes:
        if scheme == result.baseline:
            continue
        gains = [
            f"{ratio(totals.loc[(scheme, scope), 'energy_ratio'])}x less energy and "
            f"{ratio(totals.loc[(scheme, scope), 'cycles_ratio'])}x fewer cycles over the {scope}"
            for scope in result.totals["scope"].unique()
        ]
        lines.append(Text(f"{scheme} against {result.baseline}: {'; '.join(gains)}", style="bold"))
    return lines


def components_report(result: RunResult) -> Table:
    """Lay out where the energy goes, components without energy left out."""
    components = result.components
    components = components[components["energy"] > 0]
    unit = result.layers["energy_unit"].iloc[0]
    scale = EnergyScale.of(components["energy"], unit)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column(f"energy by component\n{scale.label}", overflow="fold")
    for scheme in result.schemes:
        table.add_column(Text(scheme), justify="right")
        table.add_column("share", justify="right", no_wrap=True)
    for (part, component), rows in components.groupby(["unit", "component"], sort=False):
        by_scheme = rows.set_index("scheme")
        cells = [f"{part} {component}"]
        for scheme in result.schemes:
            here = by_scheme.loc[scheme] if scheme in by_scheme.index else None
            cells.append("0" if here is None else scale.show(here["energy"]))
            cells.append("" if here is None else percent(here["share"]))
        table.add_row(*map(Text, cells))
    return table


def price_lines(manifest: dict[str, Any]) -> list[Text]:
    """Say whose prices these are, and the area of the machine."""
    energy, arch = manifest["energy"], manifest["arch"]
    area_unit = arch["area_unit"] or "unit not stated"
    return [
        Text(f"energy    {energy['label']}"),
        Text(f"          {energy['provenance']}"),
        Text(f"area      {significant(arch['area'])} ({area_unit})"),
    ]


def _what_decides(result: RunResult) -> str:
    first = result.components[result.components["scheme"] == result.schemes[0]]
    largest = first.sort_values("energy", ascending=False).head(2)
    names = " and ".join(largest["component"])
    dram = first["component"].str.contains("DRAM", case=False).any()
    return (
        f"{percent(largest['share'].sum(), 0)} of the {result.schemes[0]} energy is {names}, "
        f"which decide the ratios; DRAM is {'included' if dram else 'not included'}"
    )
