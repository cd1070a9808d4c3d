"""The tables of a run and all that is summed up from them, by column."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hwsim.studies.columns import Columns
from hwsim.studies.efficiency import efficiency_table
from hwsim.studies.headline import headline_table, structure_totals
from hwsim.studies.limits import beyond_limits
from hwsim.studies.machine_table import machine_table
from hwsim.studies.spread import Structures
from hwsim.studies.tables import (
    component_energies,
    component_table,
    operand_table,
    tables_without_bits,
    total_table,
)


@dataclass(frozen=True, eq=False)
class RunSums:
    """What a run found, and what follows from it; each table is derived when it is asked for.

    Parameters
    ----------
    actions, layers, quantization, manifest
        As the tables of :class:`hwsim.studies.result.RunResult`, its ``table`` first.
    structures : Structures or None
        What it costs under other structures, where there are any.
    schemes : list of str
        In the order of the run.
    baseline : str or None
        The scheme that ratios are relative to.
    """

    actions: Columns
    layers: Columns
    quantization: Columns
    structures: Structures | None
    manifest: dict[str, Any]
    schemes: list[str]
    baseline: str | None

    def of_energy_table(self, name: str, manifest: dict[str, Any]) -> RunSums:
        """Keep what one energy table says, and derive nothing again that has rows by table."""
        ways = None if self.structures is None else self.structures.of_energy_table(name)
        part = RunSums(
            _of_table(self.actions, name),
            _of_table(self.layers, name),
            self.quantization,
            ways,
            manifest,
            self.schemes,
            self.baseline,
        )
        for derived in ("totals", "by_structure", "headline"):
            vars(part)[derived] = _of_table(getattr(self, derived), name)
        return part

    @cached_property
    def totals(self) -> Columns:
        """Sums by scheme and scope; see :func:`hwsim.studies.tables.total_table`."""
        return total_table(self.layers, self.baseline)

    @cached_property
    def component_energies(self) -> Columns:
        """The same without what is static: :func:`hwsim.studies.tables.component_energies`."""
        return component_energies(self.actions)

    @cached_property
    def without_bits(self) -> list[str]:
        """Energy tables without widths: :func:`hwsim.studies.tables.tables_without_bits`."""
        return tables_without_bits(self.actions)

    @cached_property
    def components(self) -> Columns:
        """Energy by scheme and component; see :func:`hwsim.studies.tables.component_table`."""
        return component_table(self.actions)

    @cached_property
    def operands(self) -> Columns:
        """Energy by scheme and operand; see :func:`hwsim.studies.tables.operand_table`."""
        return operand_table(self.actions)

    @cached_property
    def by_structure(self) -> Columns:
        """Totals by structure; see :func:`hwsim.studies.headline.structure_totals`."""
        return structure_totals(
            self.actions, self.structures, self.layers, self.schemes, self.baseline
        )

    @cached_property
    def headline(self) -> Columns:
        """Totals and ratios with intervals; see :func:`hwsim.studies.headline.headline_table`."""
        return headline_table(
            self.totals, self.by_structure, self.actions, self.layers, self.baseline
        )

    @cached_property
    def efficiency(self) -> Columns:
        """Time and power; see :func:`hwsim.studies.efficiency.efficiency_table`."""
        technology = self.manifest["arch"].get("technology")
        return efficiency_table(self.totals, self.headline["dram_share"], technology)

    @cached_property
    def beyond_limits(self) -> Columns:
        """Ratios that cannot be; see :func:`hwsim.studies.limits.beyond_limits`."""
        return beyond_limits(self.layers, self.baseline)

    @cached_property
    def machines(self) -> Columns | None:
        """What each scheme's machine comes to, None where all schemes run on one.

        See :func:`hwsim.studies.machine_table.machine_table`.
        """
        if "equal_area" not in self.manifest:
            return None
        return machine_table(self.manifest["equal_area"], self.headline, self.totals, self.baseline)


def _of_table(rows: Columns, name: str) -> Columns:
    return rows.where("energy_table", name.__eq__)
