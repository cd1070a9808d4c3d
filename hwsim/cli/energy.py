"""``hwsim energy``: which energy tables there are, and what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from hwsim.energy import EnergyTable, Figure

app = typer.Typer(help="Energy tables: list them, show one.", no_args_is_help=True)


@app.command("list")
def list_() -> None:
    """List the energy tables and models at hand."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from hwsim.energy import list_energy_tables, load_energy_table
    from hwsim.errors import InputError

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("name", no_wrap=True)
    table.add_column("what", overflow="fold")
    table.add_column("source", overflow="fold")
    for name in list_energy_tables():
        try:
            model = load_energy_table(name)
        except InputError as error:  # another package's model: the others are still worth listing
            table.add_row(name, "cannot be loaded", str(error))
        else:
            table.add_row(name, model.label, model.provenance)
    Console(highlight=False).print(table, markup=False)


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="A name of 'hwsim energy list', or a YAML file.")],
) -> None:
    """Show every figure of an energy table with its unit and source."""
    from rich.console import Console

    from hwsim.energy import EnergyTable, load_energy_table

    model = load_energy_table(name)
    console = Console(highlight=False)
    console.print(f"{model.name}: {model.label}", markup=False)
    if not isinstance(model, EnergyTable):
        console.print(f"source: {model.provenance}", markup=False)
        console.print("a model: it computes its prices from the architecture", markup=False)
        return
    console.print(f"version: {model.version}", markup=False)
    console.print(f"energy: {model.unit_text}; area: {model.area_unit_text}", markup=False)
    console.print(f"technology: {_technology(model)}", markup=False)
    sources = _number_sources(model)
    for source, number in sources.items():
        console.print(f"[{number}] {source}", markup=False)
    console.print(_figures(model, sources))


def _technology(table: EnergyTable) -> str:
    known = [text for text in (table.node, table.voltage, table.clock) if text]
    return ", ".join(known) or "not stated by its authors"


def _number_sources(table: EnergyTable) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for prices in table.components.values():
        for figure in (prices.area, prices.static, *prices.actions.values()):
            numbers.setdefault(figure.source, len(numbers) + 1)
    return numbers


def _figures(table: EnergyTable, sources: dict[str, int]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    def cell(figure: Figure) -> Text:
        bits = f" ({figure.bits} b)" if figure.bits else ""
        return Text(f"{figure.value:.10g}{bits} [{sources[figure.source]}]")

    energy = table.unit or "no unit"
    shown = Table(box=box.SIMPLE_HEAD)
    shown.add_column("component", no_wrap=True)
    shown.add_column(f"area\n({table.area_unit or 'no unit'})", justify="right", no_wrap=True)
    shown.add_column(f"static, a cycle\n({energy})", justify="right", no_wrap=True)
    shown.add_column("action", no_wrap=True)
    shown.add_column(f"energy\n({energy})", justify="right", no_wrap=True)
    for component, prices in table.components.items():
        first = (Text(component), cell(prices.area), cell(prices.static))
        for name, figure in prices.actions.items() or [("", None)]:
            shown.add_row(*first, name, cell(figure) if figure else "")
            first = (Text(), Text(), Text())
    return shown
