"""A run priced under every structure that its machine may have."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hwsim.activity import Activity
from hwsim.arch import Arch
from hwsim.energy import EnergyBreakdown, EnergyModel, price
from hwsim.energy.physical import PhysicalModel, structures
from hwsim.studies.columns import Columns, one_kind
from hwsim.studies.layer_task import LayerTask
from hwsim.workload.operands import Operands

#: A layer under a scheme, what its values are made of, and what it made the machine do.
Evaluated = tuple[LayerTask, Operands | None, Activity]
#: Of an entry of the prices: energy, and the literature's range of it as factors.
_Entry = tuple[float, float, float]
#: The structure of a machine, or of prices, that states none.
AS_BUILT = "as built"
_COLUMNS = ("energy_table", "structure", "scheme", "layer", "entry", "energy", "low", "high")


def structure_table(
    evaluated: Sequence[Evaluated], prices: Sequence[EnergyModel], archs: Mapping[str, Arch]
) -> Columns | None:
    """Price every layer under every structure of the machine.

    Counts know no structure, so that nothing is evaluated anew.

    Parameters
    ----------
    evaluated : sequence of (LayerTask, Operands, Activity)
        The layers of a run.
    prices : sequence of EnergyModel
        Of the run; a table of fixed prices knows no structure and has no rows.
    archs : mapping of str to Arch
        The machine of each scheme; they differ in no structure.

    Returns
    -------
    Columns or None
        A row for each energy table, structure, scheme, layer and entry of the prices: ``energy``
        in the table's unit, ``low`` and ``high``, the literature's range of the entry as factors
        (NaN where there is none). The machine's own structure comes first. None where nothing can
        be built in more than one way.
    """
    ways = {
        scheme: structures(arch.technology)
        for scheme, arch in archs.items()
        if arch.technology is not None
    }
    first = next(iter(ways.values()), {})
    if len(first) < 2:
        return None
    rows: list[tuple[Any, ...]] = []
    for model in prices:
        if isinstance(model, PhysicalModel):
            for name in first:
                machines = {
                    scheme: replace(arch, technology=ways[scheme][name])
                    for scheme, arch in archs.items()
                }
                rows += [(model.name, name, *row) for row in _rows(evaluated, model, machines)]
    if not rows:
        return None
    columns = zip(_COLUMNS, zip(*rows, strict=True), strict=True)
    return Columns({name: one_kind(list(column)) for name, column in columns})


def _rows(
    evaluated: Iterable[Evaluated], model: EnergyModel, machines: Mapping[str, Arch]
) -> Iterator[tuple[Any, ...]]:
    """Yield scheme, layer, entry and its figures; equal layers are priced once."""
    known: dict[tuple[int, Operands | None, Arch], dict[str, _Entry]] = {}
    for task, operands, activity in evaluated:
        machine = machines[task.scheme]
        key = (id(activity), operands, machine)  # equal layers of a machine have one activity
        if key not in known:
            known[key] = _by_entry(price(activity, model, machine, operands))
        for entry, figures in known[key].items():
            yield (task.scheme, task.layer, entry, *figures)


def _by_entry(breakdown: EnergyBreakdown) -> dict[str, _Entry]:
    found: dict[str, _Entry] = {}
    for row in breakdown.rows:
        name, figure = row.entry or f"{row.component}.{row.action}", row.figure
        low, high = (None, None) if figure is None else (figure.low, figure.high)
        energy, *spread = found.get(name, (0.0, _known(low), _known(high)))
        found[name] = (energy + row.energy, spread[0], spread[1])
    return found


def _known(value: float | None) -> float:
    return math.nan if value is None else float(value)
