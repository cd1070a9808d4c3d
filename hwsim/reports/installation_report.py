"""An installation as tables for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hwsim.installation import CachePlace, Extra, Installation, Plugin, Program
from hwsim.reports._layout import add_row, facts, figures

#: The packages of an extra that are named; of more only their number is told.
_MOST_NAMED: Final = 12


def installation_report(found: Installation) -> Group:
    """Lay out what is installed, what is found, what is kept, and what to do."""
    return Group(*_parts(found))


def _parts(found: Installation) -> Iterator[RenderableType]:
    yield facts(
        [
            ("hwsim", f"{found.version}, {found.folder}"),
            ("python", found.python),
            ("system", f"{found.system}, {found.cores} cores"),
        ]
    )
    for table in (
        _extras(found.extras),
        _programs(found.programs),
        _plugins(found.plugins) if found.plugins else None,
        _caches(found.caches),
    ):
        if table is not None:
            yield Text()
            yield table
    yield Text()
    yield facts(
        [("to do" if place == 0 else "", line) for place, line in enumerate(found.advice)]
        or [("to do", "nothing: what is missing above is only wanted for what stands beside it")]
    )


def _extras(extras: list[Extra]) -> Table:
    table = figures(("extra", "for", "installed"), ())
    for extra in extras:
        add_row(table, extra.name, extra.purpose, _packages(extra))
    return table


def _packages(extra: Extra) -> str:
    """List versions; of an extra that is not whole what keeps it from that."""
    if not extra.problems and len(extra.packages) > _MOST_NAMED:
        return f"all {len(extra.packages)} packages"
    if not extra.problems:
        return ", ".join(f"{each.name} {each.found}" for each in extra.packages)
    wrong = ", ".join(f"{each.name} {each.found or ''}".strip() for each in extra.problems)
    reasons = ", ".join(dict.fromkeys(each.problem for each in extra.problems))
    return "; ".join(text for text in (f"{wrong} {reasons}", extra.advice) if text)


def _programs(programs: list[Program]) -> Table:
    table = figures(("program", "for", "found"), ())
    for each in programs:
        place = ", ".join(text for text in (each.place, each.version) if text)
        add_row(table, each.title, each.purpose, place or each.advice)
    return table


def _plugins(plugins: list[Plugin]) -> Table:
    table = figures(("of another package", "name", "package"), ())
    for each in plugins:
        add_row(table, each.kind, each.name, each.package or "unknown")
    return table


def _caches(caches: list[CachePlace]) -> Table:
    table = figures(("kept between runs", "folder"), ("entries", "KB"))
    for each in caches:
        size = f"{each.size / 1024:,.1f}"
        add_row(table, each.holds, each.folder or "none", f"{each.entries:,}", size)
    return table
