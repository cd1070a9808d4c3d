"""A run as text for a terminal, 80 columns wide where the names allow it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hwsim.reports._layout import add_row, facts, figures
from hwsim.reports._numbers import EnergyScale, count, percent, ratio, significant

if TYPE_CHECKING:
    import pandas as pd

    from hwsim.studies import RunResult

#: Two schemes whose results agree in these columns and in the energies run alike.
_ALIKE = ["density", "cycles", "utilization"]


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
    each_table = [result.by_energy_table(name) for name in result.energy_tables]
    sections: list[RenderableType] = [
        facts([*header_facts(result.manifest), *_scheme_facts(result.manifest)]),
        _layers_report(result),
        *_warnings(result.manifest),
        _totals_report(result),
        *map(_headline, each_table),
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


def header_facts(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Say which network ran on which machine."""
    network, arch = manifest["network"], manifest["arch"]
    source = network["file"] or "in memory"
    geometry = f", geometry: {network['topology']}" if network["topology"] else ""
    yield (
        "network",
        f"{network['name']}, {count(len(network['layers']), 'layer')} ({source}{geometry})",
    )
    for note in network["notes"]:
        yield "", note
    settings = [
        f"{name} {each['value']} {each['unit']}" for name, each in arch["parameters"].items()
    ]
    settings += [f"{name} {choice}" for name, choice in arch.get("options", {}).items()]
    yield "arch", f"{arch['name']}: {', '.join(settings)}"
    engine = manifest.get("engine", arch["engine"])
    if engine != arch["engine"]:
        yield "engine", f"{engine} in place of the architecture's own, {arch['engine']}"
    if (share := manifest.get("activation_density", 1.0)) < 1:
        yield "", f"activations: {percent(share)} are not 0, at random places"
    if manifest.get("density", "actual") != "actual":
        yield "", "weights: their share of zeros alone, at random places (statistical density)"
    if any(entry["uses_technology"] for entry in manifest["energy_tables"]):
        texts = {key: text for key, text in arch["technology"].items() if key != "sources"}
        yield "", ", ".join(f"{key} {text}" for key, text in texts.items())


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
        return f"{count(len(scheme['layers']), 'layer')} {next(iter(origins))}"
    parts = ", ".join(f"{number} {origin}" for origin, number in origins.items())
    return f"{count(len(scheme['layers']), 'layer')}: {parts}"


def _layers_report(result: RunResult) -> Table:
    """Lay out the layer table; schemes that run a layer alike share a row."""
    scales = _scales(result, result.layers)
    table = figures(
        ["layer\n M x K x N", "scheme"],
        ["den-\nsity", "cycles", "utili-\nzation", *_energy_headings(scales)],
        caption=_ratio_caption(result),
    )
    for _, rows in _wide(result.layers).groupby("layer", sort=False):
        for line in _layer_lines(rows, scales):
            add_row(table, *line)
    return table


def _scales(result: RunResult, rows: pd.DataFrame) -> dict[str, EnergyScale]:
    """One scale for each energy table."""
    return {
        str(name): EnergyScale.of(mine["energy"], mine["energy_unit"].iloc[0])
        for name, mine in rows.groupby("energy_table", sort=False)
    }


def _energy_headings(scales: dict[str, EnergyScale]) -> list[str]:
    """Energies by table, then the ratio of the cycles, then those of the energies."""
    if len(scales) == 1:
        scale = next(iter(scales.values()))
        return [f"energy\n{scale.label}", "cycles\nratio", "energy\nratio"]
    energies = [f"energy\n{name}\n{scale.label}" for name, scale in scales.items()]
    return [*energies, "cycles\nratio", *(f"energy\nratio\n{name}" for name in scales)]


def _wide(rows: pd.DataFrame) -> pd.DataFrame:
    """Put the energies of every table beside those of the first one."""
    keys = [name for name in ("scheme", "layer", "scope") if name in rows]
    tables = list(rows["energy_table"].unique())
    wide: pd.DataFrame = rows[rows["energy_table"] == tables[0]]
    for name in tables:
        mine = rows.loc[rows["energy_table"] == name, [*keys, "energy", "energy_ratio"]]
        names = {"energy": f"energy {name}", "energy_ratio": f"energy_ratio {name}"}
        wide = wide.merge(mine.rename(columns=names), on=keys, validate="one_to_one")
    return wide


def _energy_cells(row: Any, scales: dict[str, EnergyScale]) -> list[str]:
    return [
        *(scale.show(row[f"energy {name}"]) for name, scale in scales.items()),
        ratio(row["cycles_ratio"]),
        *(ratio(row[f"energy_ratio {name}"]) for name in scales),
    ]


def _ratio_caption(result: RunResult) -> str:
    if result.baseline is None:
        return "No ratios: they need the dense scheme, add --scheme dense."
    return f"ratio: {result.baseline} / scheme, above 1 the scheme needs less"


def _layer_lines(rows: pd.DataFrame, scales: dict[str, EnergyScale]) -> Iterator[list[str]]:
    """Yield a line for each distinct result; name and shape stand in the first two."""
    first = rows.iloc[0]
    shape = f" {first['M']}x{first['K']}x{first['N']}"
    titles = [first["layer"], shape if first["groups"] == 1 else f"{shape} x{first['groups']}"]
    same_in = [*_ALIKE, *(f"energy {name}" for name in scales)]
    alike = [same for _, same in rows.groupby(same_in, sort=False)]
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
            *_energy_cells(one, scales),
        ]


def _warnings(manifest: dict[str, Any]) -> Iterator[RenderableType]:
    """Warn of layers that leave most of the machine idle; those of one reason stand together."""
    if warnings := manifest.get("warnings"):
        yield facts([line for warning in warnings for line in _warning_lines(warning)])


def _warning_lines(warning: dict[str, Any]) -> Iterator[tuple[str, str]]:
    layers = warning["layers"]
    named = ", ".join(layers[:3]) + (f" and {len(layers) - 3} more" if len(layers) > 3 else "")
    yield "warning", f"{named}: {percent(warning['utilization'])} of the machine is used or less"
    yield "", warning["reason"]


def _totals_report(result: RunResult) -> Table:
    """Lay out the sums over the network and over the layers that schemes change."""
    scales = _scales(result, result.totals)
    alone = len(scales) == 1  # by the side of another table there is no room for its static part
    energy, *ratios = _energy_headings(scales)
    static = ["of it\nstatic"] if alone else []
    table = figures(["total of", "scheme"], ["MACs\nleft", "cycles", energy, *static, *ratios])
    for scope, rows in _wide(result.totals).groupby("scope", sort=False):
        for number, (_, row) in enumerate(rows.iterrows()):
            first, *others = _energy_cells(row, scales)
            share = row["energy_static"] / row["energy"] if row["energy"] else 0.0
            add_row(
                table,
                f"{scope} ({row['layers']})" if number == 0 else "",
                row["scheme"],
                percent(row["density"]),
                f"{row['cycles']:,}",
                first,
                *([percent(share)] if alone else []),
                *others,
            )
    return table


def _headline(result: RunResult) -> Text:
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
                f"{_times(energy, 'less', 'more', 'energy')} and "
                f"{_times(cycles, 'fewer', 'more', 'cycles')} over the {scope}"
                for scope, energy, cycles in ratios.itertuples()
            )
        whose = f" ({result.manifest['energy']['label']})" if result.several else ""
        lines.append(f"{scheme} against {result.baseline}: {gains}{whose}")
    return Text("\n".join(lines), style="bold")


def _times(value: float, below: str, above: str, what: str) -> str:
    if value == 1:
        return f"the same {what}"
    return f"{value:.2f}x {below} {what}" if value >= 1 else f"{1 / value:.2f}x {above} {what}"


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
    table = figures(
        [f"one image at {clock}"],
        ["time\nms", "power\nmW", "EDP\nuJ s", "TOPS/W\neffective", "TOPS/W\ndense"],
        caption=f"by {_whose(result)}; dense: all operations of the network count",
    )
    for _, row in rows.iterrows():
        figures_of_row = (
            1e3 * row["seconds"],
            1e3 * row["power_w"],
            1e6 * row["edp_js"],
            row["tops_per_w"],
            row["tops_per_w_dense"],
        )
        add_row(table, row["scheme"], *map(significant, figures_of_row))
    return table


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


def price_facts(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Say whose prices these are, and the area of the machine."""
    energy = manifest["energy"]
    yield "energy", energy["label"]
    yield "", energy["provenance"]
    if energy["area"] is not None:
        yield "area", _area(energy["area"], energy["area_unit"])


def _area(area: float, unit: str | None) -> str:
    if unit == "um2":
        return f"{significant(area / 1e6)} mm2"
    return f"{significant(area)} ({unit or 'unit not stated'})"
