"""A validation for people: both sides of each layer, then what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from hwsim.reports._numbers import count

if TYPE_CHECKING:
    from hwsim.studies.validation import LayerComparison, Validation

#: Differences of a layer that are listed; the others are counted.
_LISTED = 3


def validation_report(validation: Validation) -> Group:
    """Lay out the comparison of our engine with the real program.

    Parameters
    ----------
    validation : Validation
        From :func:`hwsim.studies.validation.validate`.

    Returns
    -------
    rich.console.Group
        To print on a :class:`rich.console.Console`.
    """
    heading = [f"hwsim's engine against {validation.program}"]
    heading += [
        f"{name:<10}{note}" for name, note in {"arch": validation.arch, **validation.notes}.items()
    ]
    differences = [
        line
        for layer in validation.different
        for line in _listed_differences(layer, validation.title)
    ]
    schemes = dict.fromkeys(layer.scheme for layer in validation.layers)
    tables = [_table(scheme, validation) for scheme in schemes]
    return Group(
        Text("\n".join([*heading, ""])),
        *tables,
        Text("\n".join([*differences, _summary(validation)])),
    )


def _summary(validation: Validation) -> str:
    """Say in one line how the validation went."""
    total = len(validation.layers)
    figures = sum(len(layer.both.figures) for layer in validation.layers)
    different, failed = len(validation.different), len(validation.failed)
    equal = sum(layer.agrees for layer in validation.layers)
    parts = [f"{equal} of {count(total, 'layer')} equal; {count(figures, 'figure')} compared"]
    if different:
        parts.append(f"{different} differ")
    if failed:
        parts.append(f"{failed} without a result from the program")
    return "; ".join(parts)


def _table(scheme: str, validation: Validation) -> Table:
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
    for heading in (*validation.shown.values(), "s"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for layer in validation.layers:
        if layer.scheme == scheme:
            _add_rows(table, layer, validation)
    return table


def _add_rows(table: Table, layer: LayerComparison, validation: Validation) -> None:
    both = layer.both
    shape = f"{layer.M}x{layer.K}x{layer.N}" + (f" x{layer.groups}" if layer.groups > 1 else "")
    result = "failed" if both.failure else "differs" if both.differences else "equal"
    compared = count(len(both.figures), "figure") if both.figures else ""
    ours, theirs = (
        ["-" if side is None else _figure(side[name]) for name in validation.shown]
        for side in (both.ours, both.theirs)
    )
    seconds = [f"{each:.2f}" for each in both.seconds]
    name, zeros = Text(layer.layer), f"{both.zeros:.1%}"
    table.add_row(name, shape, zeros, "hwsim", *ours, seconds[0], result)
    table.add_row("", "", "", validation.title, *theirs, seconds[1], compared)


def _figure(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.6g}"


def _listed_differences(layer: LayerComparison, title: str) -> list[str]:
    """Word the first differences of a layer, and how many more there are."""
    name = f"{layer.scheme} {layer.layer}"
    found = layer.both.differences
    lines = [
        f"{name}: {each.label}: {_worded(each.ours)}, {title} {_worded(each.theirs)}"
        for each in found[:_LISTED]
    ]
    more = len(found) - _LISTED
    return [*lines, f"{name}: and {more} more"] if more > 0 else lines


def _worded(value: object) -> str:
    return "nothing" if value is None else str(value)
