"""A validation for people: both sides of each layer, then what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from hwsim.studies.timeloop_validation import TimeloopComparison, TimeloopValidation
    from hwsim.studies.validation import LayerComparison, Side, Validation

_LISTED = 3


def validation_report(validation: Validation) -> RenderableType:
    """Lay out the comparison of our engine with the real program.

    Parameters
    ----------
    validation : Validation
        From :func:`hwsim.studies.validation.validate`.

    Returns
    -------
    rich renderable
    """
    from rich.console import Group
    from rich.text import Text

    heading = (
        f"hwsim's engine against {validation.program}\n"
        f"arch      {validation.arch}\n"
        f"operands  {validation.operands}\n"
        f"energy    {validation.energy_label}\n"
        "columns   mult.: multiplications; buffer: reads and writes of the global buffer\n"
    )
    notes = [line for layer in validation.different for line in listed_differences(layer)]
    schemes = dict.fromkeys(layer.scheme for layer in validation.layers)
    tables = [_table(scheme, validation) for scheme in schemes]
    return Group(Text(heading), *tables, Text("\n".join([*notes, summary(validation)])))


def summary(validation: Validation | TimeloopValidation) -> str:
    """Say in one line how the validation went."""
    total = len(validation.layers)
    figures = sum(layer.compared for layer in validation.layers)
    different, failed = len(validation.different), len(validation.failed)
    equal = total - different - failed
    parts = [f"{equal} of {_count(total, 'layer')} equal; {_count(figures, 'figure')} compared"]
    if different:
        parts.append(f"{different} differ")
    if failed:
        parts.append(f"{failed} without a result from the program")
    return "; ".join(parts)


def _table(scheme: str, validation: Validation) -> Table:
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
    table.add_column("MxKxN", no_wrap=True)
    table.add_column("zeros", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for heading in ("cycles", "mult.", "buffer", "energy"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for layer in validation.layers:
        if layer.scheme == scheme:
            _add_rows(table, layer)
    return table


def _add_rows(table: Table, layer: LayerComparison) -> None:
    from rich.text import Text

    shape = f"{layer.M}x{layer.K}x{layer.N}" + (f" x{layer.groups}" if layer.groups > 1 else "")
    result = "failed" if layer.failure else "differs" if layer.differences else "equal"
    name, zeros = Text(layer.layer), f"{layer.zeros:.1%}"
    table.add_row(name, shape, zeros, "hwsim", *_figures(layer.ours), result)
    table.add_row("", "", "", "STONNE", *_figures(layer.theirs), "")


def _figures(side: Side | None) -> list[str]:
    if side is None:
        return ["-"] * 4
    return [
        str(side.cycles),
        str(side.multiplications),
        str(side.buffer_accesses),
        f"{side.energy:.6g}",
    ]


def listed_differences(layer: LayerComparison | TimeloopComparison) -> list[str]:
    """Word the first differences of a layer, and how many more there are."""
    name = f"{layer.scheme} {layer.layer}"
    lines = [f"{name}: {line}" for line in layer.differences[:_LISTED]]
    more = len(layer.differences) - _LISTED
    return [*lines, f"{name}: and {more} more"] if more > 0 else lines


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
