"""``hwsim energy``: which energy tables there are, and what is in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwsim.cli.completion import complete_table
from hwsim.cli.options import JsonOption
from hwsim.cli.output import print_json, print_report, start_table
from hwsim.cli.request import MACHINE, takes_request

if TYPE_CHECKING:
    from rich.table import Table

    from hwsim.energy import EnergyTable
    from hwsim.studies import Request

app = typer.Typer(
    help="Energy tables: list, show, compare; how much conclusions depend on them.",
    no_args_is_help=True,
)


@app.command("list")
def list_() -> None:
    """List the energy tables and models at hand."""
    from rich.text import Text

    from hwsim.energy import list_energy_tables, load_energy_table
    from hwsim.errors import InputError

    table = start_table({"name": "whole", "what": "folded", "source": "folded"})
    for name in list_energy_tables():
        try:
            model = load_energy_table(name)
        except InputError as error:  # another package's model: the others are still worth listing
            table.add_row(name, "cannot be loaded", Text(str(error)))
        else:
            table.add_row(name, Text(model.label), Text(model.provenance))
    print_report(table)


@app.command("show")
def show(
    name: Annotated[
        str,
        typer.Argument(
            help="A name of 'hwsim energy list', or a YAML file.", autocompletion=complete_table
        ),
    ],
) -> None:
    """Show every figure of an energy table with its unit and source."""
    from rich.console import Group
    from rich.text import Text

    from hwsim.energy import EnergyTable, load_energy_table
    from hwsim.energy.physical import PhysicalModel

    model = load_energy_table(name)
    lines = [f"{model.name}: {model.label}"]
    if not isinstance(model, EnergyTable):
        lines += [f"source: {model.provenance}", "computes its prices from the architecture"]
        published = [] if not isinstance(model, PhysicalModel) else [_published()]
        print_report(Group(Text("\n".join(lines)), *published))
        return
    sources = _number_sources(model)
    lines += [
        f"version: {model.version}",
        f"energy: {model.unit_text}; area: {model.area_unit_text}",
        f"technology: {_technology(model)}",
        *(f"[{number}] {source}" for source, number in sources.items()),
    ]
    print_report(Group(Text("\n".join(lines)), _figures(model, sources)))


@app.command("diff")
@takes_request(*MACHINE)
def diff(
    *,
    first: Annotated[
        str,
        typer.Argument(
            metavar="A", help="An energy table or model.", autocompletion=complete_table
        ),
    ],
    second: Annotated[
        str,
        typer.Argument(
            metavar="B",
            help="Another one.",
            autocompletion=complete_table,
        ),
    ],
    request: Request,
    scheme: Annotated[
        str, typer.Option(metavar="NAME", help="Weight scheme of the layer that both price.")
    ] = "dense",
) -> None:
    """Compare what two energy tables charge: a 3x3 convolution of ResNet-18, action by action.

    Example: hwsim energy diff stonne physical
    """
    from hwsim.energy import load_energy_table
    from hwsim.reports.energy_diff import energy_diff_report
    from hwsim.studies.energy_diff import energy_diff

    machine = request.load_arch()
    models = load_energy_table(first), load_energy_table(second)
    print_report(energy_diff_report(energy_diff(*models, machine, scheme), *models))


@app.command("sensitivity")
def sensitivity(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of hwsim run -o.")],
    json: JsonOption = False,
) -> None:
    """Vary every price by 20 % and by the literature's range: which conclusions survive.

    Example: hwsim energy sensitivity results
    """
    from hwsim.reports.sensitivity_report import sensitivity_report
    from hwsim.studies import load_run
    from hwsim.studies.sensitivity import sensitivity as analyse

    analyses = analyse(load_run(run))
    if json:
        print_json({"energy_tables": [each.to_dict() for each in analyses]})
        return
    print_report(sensitivity_report(analyses))


def _technology(table: EnergyTable) -> str:
    known = [text for text in (table.node, table.voltage, table.clock) if text]
    return ", ".join(known) or "not stated by its authors"


def _number_sources(table: EnergyTable) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for prices in table.components.values():
        for figure in (prices.area, prices.static, *prices.actions.values()):
            if figure is not None:
                numbers.setdefault(figure.source, len(numbers) + 1)
    return numbers


def _figures(table: EnergyTable, sources: dict[str, int]) -> Table:
    from rich.text import Text

    shown = start_table(
        {
            "component": "whole",
            "figure": "whole",
            "value": "figures",
            "unit": "free",
            "bits": "free",
            "source": "free",
        }
    )
    energy, area = table.unit or "not stated", table.area_unit or "not stated"
    for component, prices in table.components.items():
        figures = [
            ("area of one", prices.area, area),
            ("static, a cycle", prices.static, energy),
            *((name, figure, energy) for name, figure in prices.actions.items()),
        ]
        known = [(name, figure, unit) for name, figure, unit in figures if figure is not None]
        for row, (name, figure, unit) in enumerate(known):
            shown.add_row(
                Text(component if row == 0 else ""),
                Text(name),
                f"{figure.value:.10g}",
                unit,
                str(figure.bits or ""),
                Text(f"[{sources[figure.source]}]"),
            )
    return shown


def _published() -> Table:
    """Lay out every published figure that the computed models rest on."""
    from rich.text import Text

    from hwsim.arch.parts.published import FAMILIES, read_published
    from hwsim.arch.parts.scaling import read_scaling
    from hwsim.arch.parts.sram import read_sram_table

    memory, scaling = read_sram_table(), read_scaling()
    whole = ("entry", "bits", "figure", "node", "literature")
    shown = start_table({**dict.fromkeys(whole, "whole"), "source": "folded"})
    specs = [read_published(family) for family in FAMILIES]
    for spec, row in ((each, row) for each in specs for row in each.rows):
        spread = spec.ranges.get(row.entry) if row.quantity.startswith("energy") else None
        shown.add_row(
            Text(row.entry),
            str(row.bits),
            str(getattr(row, row.quantity)),
            row.node or "any",
            f"x {spread.low:g} to {spread.high:g}" if spread else "",
            Text(spec.sources[row.source] + (f" (range: {spread.source})" if spread else "")),
        )
    spread = memory.range
    literature = f"x {spread.low:g} to {spread.high:g}"
    many = f"{len(memory.rows)} rows"
    shown.add_row("sram", "", many, "65-22 nm", literature, Text(memory.source))
    shown.add_row("scaling", "", "", "65-7 nm", "", Text(scaling.source))
    return shown
