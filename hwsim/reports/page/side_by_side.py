"""Several runs side by side: dense machines beside sparse ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hwsim.reports._numbers import EnergyScale, ratio
from hwsim.reports.figures.palette import KIND_COLOURS, Look, scheme_looks
from hwsim.reports.figures.parts import energy_by_kind
from hwsim.reports.page.bars import Bar, Bars, Segment, exact, lengths, segments
from hwsim.studies.columns import over

if TYPE_CHECKING:
    from hwsim.reports.page.swatches import Swatches
    from hwsim.studies import RunResult


def side_by_side(results: Sequence[RunResult], swatches: Swatches) -> list[Bars]:
    """Compare energy and cycles of the networks of several runs.

    Parameters
    ----------
    results : sequence of RunResult
        The first energy table of each counts. Ratios are those of the first run's baseline over
        each; where networks or energy tables differ there are none.
    swatches : Swatches
        Of the page.
    """
    firsts = [each.by_energy_table(each.energy_tables[0]) for each in results]
    rows = [
        (each, row)
        for each in firsts
        for row in each.sums.totals.records()
        if row["scope"] == "network"
    ]
    same = len({each.manifest["network"]["name"] for each in firsts}) == 1
    tables = {each.manifest["energy"]["table"] for each in firsts}
    found = [_cycles(rows, firsts[0], swatches, same)]
    if len({row["energy_unit"] for _, row in rows}) == 1:
        found.insert(0, _energy(rows, firsts[0], swatches, same and len(tables) == 1))
    return found


_Rows = list[tuple["RunResult", dict[str, object]]]


def _name(result: RunResult) -> str:
    network, arch = result.manifest["network"]["name"], result.manifest["arch"]
    set_to = ", ".join(f"{key}={value}" for key, value in arch.get("overrides", {}).items())
    return f"{network} on {arch['name']}" + (f" ({set_to})" if set_to else "")


def _beside(rows: _Rows, first: RunResult, measure: str, row: dict[str, object], fair: bool) -> str:
    of_first = [
        each[measure]
        for result, each in rows
        if result is first and each["scheme"] == first.baseline
    ]
    return ratio(over(of_first[0], row[measure])) if fair and of_first else ""  # type: ignore[arg-type]


def _energy(rows: _Rows, first: RunResult, swatches: Swatches, fair: bool) -> Bars:
    looks = {kind: swatches.name(Look(colour)) for kind, colour in KIND_COLOURS.items()}
    energies = [float(row["energy"]) for _, row in rows]  # type: ignore[arg-type]
    unit = str(rows[0][1]["energy_unit"])
    scale = EnergyScale.of(energies, unit, below=1000)
    bars = [
        Bar(
            _name(result),
            str(row["scheme"]),
            segments(energy_by_kind(result, str(row["scheme"])), looks, scale.label, scale.divisor),
            length,
            f"{scale.show(energy)} {scale.label}",
            f"{exact(energy)} {unit}".rstrip(),
            _beside(rows, first, "energy", row, fair),
        )
        for (result, row), energy, length in zip(rows, energies, lengths(energies), strict=True)
    ]
    beside = f"{first.baseline} on {first.manifest['arch']['name']} / this" if fair else ""
    note = "" if fair else "Networks or energy tables differ, so that there are no ratios."
    legend = [(look, kind) for kind, look in looks.items()]
    return Bars("Energy of the network, by kind of part", scale.label, legend, bars, beside, note)


def _cycles(rows: _Rows, first: RunResult, swatches: Swatches, fair: bool) -> Bars:
    looks = scheme_looks([str(row["scheme"]) for _, row in rows])
    names = {scheme: swatches.name(look) for scheme, look in looks.items()}
    cycles = [int(row["cycles"]) for _, row in rows]  # type: ignore[call-overload]
    bars = [
        Bar(
            _name(result),
            str(row["scheme"]),
            [Segment(names[str(row["scheme"])], 1.0, f"{number:,} cycles")],
            length,
            f"{number:,}",
            f"{number:,} cycles",
            _beside(rows, first, "cycles", row, fair),
        )
        for (result, row), number, length in zip(rows, cycles, lengths(cycles), strict=True)
    ]
    beside = f"{first.baseline} on {first.manifest['arch']['name']} / this" if fair else ""
    note = "Cycles of machines whose clocks differ are not times."
    legend = [(look, name) for name, look in names.items()]
    return Bars("Cycles of the network", "cycles", legend, bars, beside, note, shares=False)
