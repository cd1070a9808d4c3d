"""``hwsim arch``: which architectures there are, and what they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hwsim.cli.completion import complete_arch
from hwsim.cli.options import SetOption
from hwsim.cli.output import print_report, start_table

if TYPE_CHECKING:
    from rich.table import Table

    from hwsim.arch import Arch

app = typer.Typer(help="ASIC descriptions: list them, show one.", no_args_is_help=True)


@app.command("list")
def list_() -> None:
    """List the architectures that ship with hwsim."""
    from hwsim.arch import list_archs, load_arch

    table = start_table(
        {"name": "whole", "what": "folded", "parameters": "folded", "engine": "whole"}
    )
    for name in list_archs():
        arch = load_arch(name)
        settings = {**arch.parameters, **arch.options}
        values = ", ".join(f"{name} {value}" for name, value in settings.items())
        table.add_row(name, arch.title, values, arch.engine)
    print_report(table)


@app.command("show")
def show(
    name: Annotated[
        str,
        typer.Argument(
            help="A shipped name, or a YAML file.",
            autocompletion=complete_arch,
        ),
    ],
    settings: SetOption = None,
) -> None:
    """Show the parameters and components of an architecture."""
    from rich.console import Group
    from rich.text import Text

    from hwsim.arch import load_arch, parse_overrides
    from hwsim.energy import own_energy_table
    from hwsim.engines import engine_of

    arch = load_arch(name, parse_overrides(settings or []))
    engine_of(arch)
    own_energy_table(arch)
    heading = (
        f"{arch.label}: {arch.title}\n"
        f"engine: {arch.engine}; energy table: {arch.energy_table}\n"
        f"source: {arch.spec.source}\n"
        f"file: {arch.path}{_growth(arch)}"
    )
    technology = [] if arch.technology is None else [_technology(arch)]
    print_report(Group(Text(heading), _parameters(arch), *technology, _components(arch)))


def _growth(arch: Arch) -> str:
    growth = arch.spec.growth
    if growth is None:
        return ""
    return f"\ngrows at equal area by: {growth.parameter} ({growth.reason})"


def _parameters(arch: Arch) -> Table:
    table = start_table(
        {
            "parameter": "whole",
            "value": "figures",
            "unit": "whole",
            "allowed": "folded",
            "meaning (source)": "folded",
        }
    )
    for name, spec in arch.spec.parameters.items():
        table.add_row(
            name,
            f"{arch[name]}{' (set)' if name in arch.overrides else ''}",
            spec.unit,
            spec.constraint,
            spec.meaning + (f" ({spec.source})" if spec.source else ""),
        )
    for name, option in arch.spec.options.items():
        table.add_row(
            name,
            f"{arch.options[name]}{' (set)' if name in arch.overrides else ''}",
            "",
            option.constraint,
            option.meaning + (f" ({option.source})" if option.source else ""),
        )
    return table


def _technology(arch: Arch) -> Table:
    from rich.text import Text

    spec = arch.spec.technology
    assert spec is not None  # the technology in numbers was made from it
    table = start_table({"technology": "whole", "value": "whole", "source": "folded"})
    for name, source in spec.sources.items():
        value = getattr(spec, name, None)
        if value is not None:
            table.add_row(
                name, f"{value}{' (set)' if name in arch.overrides else ''}", Text(source)
            )
    return table


def _components(arch: Arch) -> Table:
    table = start_table({"unit": "whole", "component": "whole", "meaning": "folded"})
    for part in arch.spec.components:
        table.add_row(part.unit, part.component, part.meaning)
    return table
