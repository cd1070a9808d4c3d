"""``hwsim cache``: what is kept between runs, and how to be rid of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hwsim.cli.last_use import LAST_USE, last_use
from hwsim.cli.options import JsonOption
from hwsim.cli.output import print_json, print_report, start_table
from hwsim.errors import InputError
from hwsim.result_cache import OFF_VARIABLE, SHELVES_MOST

if TYPE_CHECKING:
    from rich.table import Table

    from hwsim.engines.timeloop.layers.kept_mappings import KeptMappings

app = typer.Typer(
    help="Mappings that are kept between runs: look at them, remove them.", no_args_is_help=True
)


@app.command("show")
def show(json: JsonOption = False) -> None:
    """Say where mappings are kept, of which machines and versions, and what the last run took."""
    from hwsim.engines.timeloop.layers.kept_mappings import (
        KEPT_MAPPINGS,
        code_version,
        kept_mappings,
    )

    folder, found, now = KEPT_MAPPINGS.folder, kept_mappings(), code_version()
    last = last_use()
    entries, size = sum(each.entries for each in found), sum(each.size for each in found)
    if json:
        document = {
            "folder": None if folder is None else str(folder),
            "version": now,
            "entries": entries,
            "bytes": size,
            "most_entries": SHELVES_MOST,
            "kept": [vars(each) for each in found],
            "last_use": None if last is None else vars(last),
        }
        print_json(document)
        return
    print(f"folder    {folder or f'none: {OFF_VARIABLE} is set'}")
    print(f"entries   {entries:,} of {SHELVES_MOST:,} at most, {_shown(size)}")
    print(f"version   {now}")
    if last is not None:
        print(f"last use  {last}")
    if found:
        print_report(_table(found, now))


@app.command("clear")
def clear(
    older_than: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Only what was not used for so long: 30d, 12h.  [default: everything]",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Remove the mappings that are kept, and the hashes of weight files; they are found again.

    Example: hwsim cache clear --older-than 30d
    """
    from hwsim.engines.timeloop.layers.kept_mappings import KEPT_MAPPINGS
    from hwsim.networks.readers.file_pass import KEPT_PASSES

    unused = 0.0 if older_than is None else _seconds(older_than)
    LAST_USE.clear(unused)
    gone = [KEPT_MAPPINGS.clear(unused), KEPT_PASSES.clear(unused)]
    count, size = (sum(each) for each in zip(*gone, strict=True))
    print(f"removed   {count:,} entries, {_shown(size)}")


def _seconds(text: str) -> float:
    from hwsim.quantity import TIME, parse_quantity

    try:
        return parse_quantity(text, TIME)
    except ValueError as error:
        raise InputError(f"--older-than: {error}") from error


def _table(found: list[KeptMappings], now: str) -> Table:
    table = start_table(
        {"machine": "folded", "version": "folded", "entries": "figures", "size": "figures"}
    )
    for each in found:
        version = each.version if each.version == now else f"{each.version}, no more used"
        table.add_row(each.machine, version, f"{each.entries:,}", _shown(each.size))
    return table


def _shown(size: int) -> str:
    return f"{size / 1024:,.1f} KB"
