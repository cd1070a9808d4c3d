"""A validation against timeloop-model for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hwsim.reports.validation_report import listed_differences, summary

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from hwsim.studies.timeloop_validation import TimeloopComparison, TimeloopValidation


def timeloop_validation_report(validation: TimeloopValidation) -> RenderableType:
    """Lay out the comparison of our engine with the real timeloop-model.

    Parameters
    ----------
    validation : TimeloopValidation
        From :func:`hwsim.studies.timeloop_validation.validate_timeloop`.

    Returns
    -------
    rich renderable
    """
    from rich.console import Group
    from rich.text import Text

    heading = (
        f"hwsim's engine against {validation.program}\n"
        f"arch      {validation.arch}\n"
        f"density   {validation.density}: Timeloop knows no tensor's own zeros\n"
        "words     one width for all words of a memory, as Timeloop has it\n"
        "energy    of accesses and operations, by the exported ERT\n"
    )
    notes = [line for layer in validation.different for line in listed_differences(layer)]
    schemes = dict.fromkeys(layer.scheme for layer in validation.layers)
    tables = [_table(scheme, validation) for scheme in schemes]
    return Group(Text(heading), *tables, Text("\n".join([*notes, summary(validation)])))


def _table(scheme: str, validation: TimeloopValidation) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=Text(scheme),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    table.add_column("layer", overflow="fold", min_width=12)
    table.add_column("density", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for heading in ("cycles", "energy uJ", "figures", "s"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for layer in validation.layers:
        if layer.scheme == scheme:
            result = "failed" if layer.failure else "differs" if layer.differences else "equal"
            ours, theirs = (_side(layer, side) for side in (0, 1))
            density = f"{layer.density:.1%}"
            table.add_row(Text(layer.layer), density, "hwsim", *ours[:2], "", ours[2], result)
            count = str(layer.compared) if layer.compared else "-"
            table.add_row("", "", "Timeloop", *theirs[:2], count, theirs[2], "")
    return table


def _side(layer: TimeloopComparison, side: int) -> tuple[str, str, str]:
    cycles, energy = layer.cycles[side], layer.energy_pj[side]
    seconds = f"{layer.seconds[side]:.2f}"
    if cycles is None or energy is None:
        return "-", "-", seconds
    return str(cycles), f"{energy / 1e6:.6g}", seconds
