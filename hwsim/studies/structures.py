"""A run priced under every structure that its machine may have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hwsim.amount import added
from hwsim.arch import Arch
from hwsim.energy import EnergyModel, EnergyRow
from hwsim.energy.physical import PhysicalModel, structures
from hwsim.studies.action_table import coded, literature
from hwsim.studies.columns import Coded, Column, Columns
from hwsim.studies.layer_costs import CostsTogether, DistinctLayers, LayerCosts
from hwsim.studies.layer_task import Outcome

#: The structure of a machine, or of prices, that states none.
AS_BUILT = "as built"
_COLUMNS = ("energy_table", "structure", "scheme", "layer", "entry", "energy", "low", "high")


def structure_table(
    outcomes: Sequence[Outcome],
    layers: DistinctLayers,
    prices: Sequence[EnergyModel],
    archs: Mapping[str, Arch],
) -> Columns | None:
    """Price every layer under every structure of the machine.

    Counts know no structure, so that nothing is evaluated anew.

    Parameters
    ----------
    outcomes : sequence of Outcome
        The results of a run.
    layers : DistinctLayers
        The same, told apart.
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
    found: list[tuple[tuple[str, str], list[_Entries]]] = []
    for model in prices:
        if isinstance(model, PhysicalModel):
            for name in first:
                machines = {
                    scheme: replace(arch, technology=ways[scheme][name])
                    for scheme, arch in archs.items()
                }
                costs = LayerCosts.of(layers, model, machines)
                found.append(((model.name, name), [_Entries.of(*each) for each in costs.rows()]))
    return _table(found, outcomes) if found else None


def _table(
    found: Sequence[tuple[tuple[str, str], Sequence[_Entries]]], outcomes: Sequence[Outcome]
) -> Columns:
    sizes = np.zeros((len(found), len(outcomes)), dtype=np.intp)
    for way, (_, parts) in enumerate(found):
        for each in parts:
            there = each.first < len(each.lines)
            sizes[way, each.part.outcomes] = np.count_nonzero(there, axis=0)
    begins = (np.cumsum(sizes) - sizes.ravel()).reshape(sizes.shape)
    of_way, of_outcome, of_line = (np.empty(sizes.sum(), dtype=np.int32) for _ in range(3))
    energy = np.empty(sizes.sum())
    lines: list[tuple[str, float, float]] = []
    for way, (_, parts) in enumerate(found):
        for each in parts:
            entries, layers = np.nonzero(each.first < len(each.lines))
            at = begins[way, each.part.outcomes[layers]] + entries
            of_way[at], of_outcome[at] = way, each.part.outcomes[layers]
            of_line[at] = len(lines) + each.first[entries, layers]
            energy[at] = each.energies[entries, layers]
            lines += [(entry_of(line), *literature(line)) for line in each.lines]
    tables, structures_of = zip(*(names for names, _ in found), strict=True)
    columns: dict[str, Column] = {
        "energy_table": Coded(of_way, tables),
        "structure": Coded(of_way, structures_of),
        "scheme": Coded(of_outcome, [each.task.scheme for each in outcomes]),
        "layer": Coded(of_outcome, [each.task.layer for each in outcomes]),
        "energy": energy,
        **coded(of_line, lines, ("entry", "low", "high")),
    }
    return Columns({name: columns[name] for name in _COLUMNS})


@dataclass(frozen=True, eq=False)
class _Entries:
    """Energies of some layers by entry of the prices, in the order in which each layer has them.

    ``first`` is the row that an entry of a layer comes from, shape (entries, layers), and beyond
    all rows where the layer has none of it; ``energies`` are sums over its rows, shape the same.
    """

    part: CostsTogether
    lines: Sequence[EnergyRow]
    first: NDArray[np.intp]
    energies: NDArray[np.float64]

    @classmethod
    def of(
        cls, part: CostsTogether, lines: Sequence[EnergyRow], happened: NDArray[np.bool_]
    ) -> _Entries:
        """Sum the rows of each entry, from the first to the last."""
        entries: dict[str, list[int]] = {}
        for number, line in enumerate(lines):
            entries.setdefault(entry_of(line), []).append(number)
        shape = len(entries), len(part.outcomes)
        first, energies = np.full(shape, len(lines)), np.zeros(shape)
        for place, numbers in enumerate(entries.values()):
            for number in reversed(numbers):
                first[place, happened[number]] = number
            energies[place] = added(part.of_each(lines[number].energy) for number in numbers)
        order = np.argsort(first, axis=0, kind="stable")
        ordered = (np.take_along_axis(each, order, axis=0) for each in (first, energies))
        return cls(part, lines, *ordered)


def entry_of(line: EnergyRow) -> str:
    """Name what decides a row; where nothing does, the action itself."""
    return line.entry or f"{line.component}.{line.action}"
