"""A comparison at equal area: a machine a scheme, what became of it, and what limits it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.console import RenderableType
from rich.table import Table

from hwsim.reports._layout import add_row, facts, figures
from hwsim.reports._numbers import EnergyScale, count, interval, percent, ratio, significant
from hwsim.studies.columns import Row, distinct

if TYPE_CHECKING:
    from hwsim.studies import RunResult

#: Share of the cycles that units wait from which on a machine is named limited by bandwidth.
WAITING: Final = 0.2
_MADE_OF: Final = {
    "number": "a multiplier",
    "sign": "an XOR a bit",
    "mask": "an AND a bit",
    "ternary": "an XOR and an AND a bit",
}


def equal_area_report(result: RunResult) -> Iterator[RenderableType]:
    """Lay out the machines and say what has to be known of them; nothing of one machine for all."""
    if result.sums.machines is None:
        return
    machines = result.sums.machines.records()
    yield _table(machines)
    yield facts(_facts(result.manifest["equal_area"], machines))


def _table(machines: Sequence[Row]) -> Table:
    highest = [
        row["energy"] if math.isnan(row["energy_high"]) else row["energy_high"] for row in machines
    ]
    scale = EnergyScale.of(highest, machines[0]["energy_unit"], below=1000)
    limit = significant(machines[0]["limit_mm2"])
    table = figures(
        ["equal area"],
        [
            *("\nunits", "area\nmm2", "\nunused", "\nwaits", "\ncycles", "\nratio"),
            *(f"energy\n{scale.label}", "\ninterval", "\nratio", "\ninterval"),
        ],
        caption=f"area: at most {limit} mm2, the machine of dense; ratio: dense / scheme",
    )
    for row in machines:
        add_row(
            table,
            row["scheme"],
            f"{row['units']:,}",
            significant(row["area_mm2"]),
            percent(row["unused_share"]),
            percent(row["waits"]),
            f"{row['cycles']:,}",
            ratio(row["cycles_ratio"]),
            scale.show(row["energy"]),
            interval(row["energy_low"] / scale.divisor, row["energy_high"] / scale.divisor),
            ratio(row["energy_ratio"]),
            interval(row["ratio_low"], row["ratio_high"]),
        )
    return table


def _facts(equal_area: dict[str, Any], machines: Sequence[Row]) -> Iterator[tuple[str, str]]:
    yield (
        "units",
        f"{equal_area['unit']} {equal_area['component']}; {equal_area['parameter']} grows: "
        f"{equal_area['reason']}",
    )
    yield "", "everything else stays: buffers, DRAM, and what does not follow that parameter"
    for number, (sized, row) in enumerate(zip(equal_area["machines"], machines, strict=True)):
        yield "machines" if number == 0 else "", _machine(sized, row)
    yield from _same_units(machines)
    for row in machines:
        if row["waits"] >= WAITING:
            yield "bandwidth", _waiting(row)
    if any(math.isnan(row["waits"]) for row in machines):
        yield "bandwidth", "the engine does not say how long units wait"
    yield "mappings", "each machine has its own; a limit of a ratio is the machine's peak"
    if equal_area["left_out"]:
        yield "left out", _left_out(equal_area)


def _machine(sized: dict[str, Any], row: Any) -> str:
    made_of = _MADE_OF[sized["multiplier"]]
    grown = "".join(f", {name} {value}" for name, value in sized["grown"].items())
    text = f"{sized['scheme']}: {made_of}, weights of {sized['weights']}{grown}"
    if math.isfinite(row["next_area_mm2"]):
        over = row["next_area_mm2"] / row["limit_mm2"] - 1
        text += f"; {int(row['next_units']):,} units would be {percent(over)} too large"
    ways, fit = sized["structures"], sized["structures_that_fit"]
    return text if fit == ways else f"{text}; too large in {ways - fit} of {ways} structures"


def _same_units(machines: Sequence[Row]) -> Iterator[tuple[str, str]]:
    """Say which schemes got equally many units although theirs are not of one kind."""
    for units in distinct(row["units"] for row in machines):
        rows = [row for row in machines if row["units"] == units]
        if (
            len({row["multiplier"] for row in rows}) > 1
            or len({row["weights"] for row in rows}) > 1
        ):
            names = ", ".join(row["scheme"] for row in rows)
            yield "granularity", f"{names}: {units:,} units each, the next size does not fit"


def _waiting(row: Any) -> str:
    return (
        f"{row['scheme']}: units wait for memories or ports in {percent(row['waits'])} of the "
        f"cycles; the machine is limited by bandwidth"
    )


def _left_out(equal_area: dict[str, Any]) -> str:
    layers = [each["layer"] for each in equal_area["left_out"]]
    schemes = dict.fromkeys(name for each in equal_area["left_out"] for name in each["schemes"])
    return (
        f"{count(len(layers), 'layer')} with {percent(equal_area['left_out_macs'])} of the "
        f"operations, which units of {', '.join(schemes)} cannot run: {', '.join(layers)}"
    )
