"""A run priced under every structure that its machine may have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwsim.amount import added
from hwsim.arch import Arch
from hwsim.energy import EnergyModel, EnergyRow
from hwsim.energy.physical import PhysicalModel, structures
from hwsim.studies.action_table import coded, literature
from hwsim.studies.columns import Coded, Column, Columns
from hwsim.studies.layer_costs import DistinctLayers, LayerCosts
from hwsim.studies.layer_task import Outcome
from hwsim.studies.spread import Spread, Structures

_COLUMNS = ("energy_table", "structure", "scheme", "layer", "entry", "energy", "low", "high")


@dataclass(frozen=True, eq=False)
class StructureCosts(Structures):
    """What the layers of a run cost under every structure of the machine.

    Parameters
    ----------
    outcomes : sequence of Outcome
        The results of the run.
    ways : sequence
        What they cost by each energy table under each structure; its own structure first.
    """

    outcomes: Sequence[Outcome]
    ways: Sequence[_Way]

    @classmethod
    def of(
        cls,
        outcomes: Sequence[Outcome],
        layers: DistinctLayers,
        prices: Sequence[tuple[EnergyModel, LayerCosts]],
        archs: Mapping[str, Arch],
    ) -> StructureCosts | None:
        """Price every layer under every structure of the machine.

        Counts know no structure, so that nothing is evaluated anew.

        Parameters
        ----------
        outcomes : sequence of Outcome
            The results of a run.
        layers : DistinctLayers
            The same, told apart.
        prices : sequence of (EnergyModel, LayerCosts)
            Of the run, with what the layers cost under the machine's own structure; a table of
            fixed prices knows no structure.
        archs : mapping of str to Arch
            The machine of each scheme; they differ in no structure.

        Returns
        -------
        StructureCosts or None
            None where nothing can be built in more than one way.
        """
        technologies = {
            scheme: structures(arch.technology)
            for scheme, arch in archs.items()
            if arch.technology is not None
        }
        names = list(next(iter(technologies.values()), ()))
        if len(names) < 2:
            return None
        ways = []
        for model, own in prices:
            if isinstance(model, PhysicalModel):
                ways.append(_Way.of(model.name, names[0], own, len(outcomes)))
                for name in names[1:]:
                    machines = {
                        scheme: replace(arch, technology=technologies[scheme][name])
                        for scheme, arch in archs.items()
                    }
                    costs = LayerCosts.of(layers, model, machines)
                    ways.append(_Way.of(model.name, name, costs, len(outcomes)))
        return cls(outcomes, ways) if ways else None

    def of_energy_table(self, name: str) -> StructureCosts | None:
        """Keep what one energy table says; None of one that knows no structure."""
        mine = [way for way in self.ways if way.energy_table == name]
        return StructureCosts(self.outcomes, mine) if mine else None

    @cached_property
    def table(self) -> Columns:
        """A row for each energy table, structure, scheme, layer and entry of the prices."""
        parts = [way.rows() for way in self.ways]
        of_way = np.repeat(np.arange(len(parts), dtype=np.int32), [len(each[0]) for each in parts])
        of_outcome, of_line, energy = map(np.concatenate, zip(*parts, strict=True))
        begins = np.cumsum([0, *(len(way.lines) for way in self.ways)], dtype=np.int32)
        lines = [line for way in self.ways for line in way.lines]
        columns: dict[str, Column] = {
            "energy_table": Coded(of_way, [way.energy_table for way in self.ways]),
            "structure": Coded(of_way, [way.structure for way in self.ways]),
            "scheme": Coded(of_outcome, [each.task.scheme for each in self.outcomes]),
            "layer": Coded(of_outcome, [each.task.layer for each in self.outcomes]),
            "energy": energy,
            **coded(of_line + begins[of_way], lines, ("entry", "low", "high")),
        }
        return Columns({name: columns[name] for name in _COLUMNS})

    def spread(self, schemes: Sequence[str], layers: Sequence[str]) -> Spread:
        """Sum what the one energy table says by structure, scheme and entry."""
        wanted = set(layers)
        inside = np.array([each.task.layer in wanted for each in self.outcomes])
        numbers = {name: number for number, name in enumerate(schemes)}
        scheme = np.array([numbers[each.task.scheme] for each in self.outcomes])[inside]
        ranges = [each for way in self.ways for each in way.ranges(inside)]
        entries = list(dict.fromkeys(entry for entry, _, _ in ranges))
        energies = np.zeros((len(self.ways), len(entries), len(schemes)))
        for way, of_structure in zip(self.ways, energies, strict=True):
            for entry, of_outcome in zip(way.entries, way.energies, strict=True):
                if entry in entries:
                    # Adds one by one, from the first layer to the last.
                    summed = np.bincount(scheme, of_outcome[inside], len(schemes))
                    of_structure[entries.index(entry)] = summed
        found = np.ascontiguousarray(energies.transpose(0, 2, 1))
        return Spread.of(
            [way.structure for way in self.ways], list(schemes), entries, found, ranges
        )


class _Way(NamedTuple):
    """Energies of all layers by entry of the prices, under one structure.

    ``first`` is the line that an entry of a layer comes from, shape (entries, outcomes), and beyond
    all lines where the layer has none of it; ``energies`` are sums over its lines, shape the same.
    """

    energy_table: str
    structure: str
    entries: Sequence[str]
    lines: Sequence[tuple[str, float, float]]
    first: NDArray[np.int32]
    energies: NDArray[np.float64]

    @classmethod
    def of(cls, energy_table: str, structure: str, costs: LayerCosts, outcomes: int) -> _Way:
        """Sum the lines of each entry, from the first to the last."""
        parts = list(costs.rows())
        lines = [(entry_of(line), *literature(line)) for _, rows, _ in parts for line in rows]
        entries = list(dict.fromkeys(entry for entry, _, _ in lines))
        shape = len(entries), outcomes
        first, energies = np.full(shape, len(lines), dtype=np.int32), np.zeros(shape)
        begin = 0
        for part, rows, happened in parts:
            numbers: dict[str, list[int]] = {}
            for number, line in enumerate(rows):
                numbers.setdefault(entry_of(line), []).append(number)
            for entry, mine in numbers.items():
                own = np.full(len(part.outcomes), len(lines), dtype=np.int32)
                for number in reversed(mine):
                    own[happened[number]] = begin + number
                place = entries.index(entry)
                first[place, part.outcomes] = own
                energies[place, part.outcomes] = added(
                    part.of_each(rows[number].energy) for number in mine
                )
            begin += len(rows)
        return cls(energy_table, structure, entries, lines, first, energies)

    def rows(self) -> tuple[NDArray[np.intp], NDArray[np.int32], NDArray[np.float64]]:
        """Give outcome, line and energy of each, outcome by outcome in the order of the lines."""
        order = np.argsort(self.first, axis=0, kind="stable")
        first = np.take_along_axis(self.first, order, axis=0).T
        energies = np.take_along_axis(self.energies, order, axis=0).T
        there = first < len(self.lines)
        return np.nonzero(there)[0], first[there], energies[there]

    def ranges(self, inside: NDArray[np.bool_]) -> list[tuple[str, float, float]]:
        """Give each line that an entry of some outcome comes from, in the order of the rows."""
        lines = self.first[:, inside]
        outcome_of = np.full(len(self.lines) + 1, -1)
        backwards = np.arange(lines.shape[1])[::-1].copy()
        for of_entry in lines:
            # Written from the last outcome that a line is of to the first: the first stays.
            outcome_of[of_entry[backwards]] = backwards
        found = sorted(
            (outcome, number)
            for number, outcome in enumerate(outcome_of[:-1].tolist())
            if outcome >= 0
        )
        return [self.lines[number] for _, number in found]


def entry_of(line: EnergyRow) -> str:
    """Name what decides a row; where nothing does, the action itself."""
    return line.entry or f"{line.component}.{line.action}"
