"""What a run comes to, and how sure that is: totals and ratios over structures and prices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hwsim.studies.extremes import extreme_ratio
from hwsim.studies.structures import AS_BUILT
from hwsim.studies.tables import scopes

if TYPE_CHECKING:
    import pandas as pd

_KEYS = ["energy_table", "scheme", "scope"]


@dataclass(frozen=True)
class Spread:
    """Energies of a scope by structure, scheme and entry, and how far the entries may be off.

    Parameters
    ----------
    structures, schemes, entries : sequence of str
        Names along the axes; the machine's own structure is the first.
    energies : ndarray, shape (structures, schemes, entries)
        In the unit of the energy table.
    bounds : ndarray, shape (entries, 2)
        The literature's range of each entry as factors; 1 where there is none.
    known : bool
        Whether there is any other structure or any range.
    """

    structures: Sequence[str]
    schemes: Sequence[str]
    entries: Sequence[str]
    energies: NDArray[np.float64]
    bounds: NDArray[np.float64]
    known: bool

    def energy(self, structure: int, scheme: str) -> tuple[float, float, float]:
        """Energy under one structure, then with all prices at their lowest and highest."""
        mine = self.energies[structure, self.schemes.index(scheme)]
        low, high = (float(mine @ self.bounds[:, side]) for side in (0, 1))
        return float(mine.sum()), low, high

    def ratio(
        self, structure: int, baseline: str | None, scheme: str
    ) -> tuple[float, float, float]:
        """Baseline over scheme under one structure, then its extremes over all prices."""
        mine = self.energies[structure, self.schemes.index(scheme)]
        if baseline is None or not mine.sum() > 0:
            return float("nan"), float("nan"), float("nan")
        first = self.energies[structure, self.schemes.index(baseline)]
        low = extreme_ratio(first, mine, self.bounds, largest=False)
        high = extreme_ratio(first, mine, self.bounds, largest=True)
        return float(first.sum() / mine.sum()), low, high


def entry_names(actions: pd.DataFrame) -> pd.Series[str]:
    """Name what decides each row of the long table; where nothing does, the action itself."""
    names = actions["component"] + "." + actions["action"]
    return (
        names if "entry" not in actions else actions["entry"].where(actions["entry"] != "", names)
    )


def spread_of(
    actions: pd.DataFrame,
    structures: pd.DataFrame | None,
    schemes: Sequence[str],
    layers: Sequence[str],
) -> Spread:
    """Sum what one energy table says by structure, scheme and entry.

    Parameters
    ----------
    actions : DataFrame
        Its rows of the long table.
    structures : DataFrame or None
        Its rows of :func:`hwsim.studies.structures.structure_table`, if there are any; without
        them the machine is as built.
    schemes, layers : sequence of str
        Which to sum.
    """
    import pandas as pd

    rows = structures
    if rows is None or rows.empty:
        rows = actions.assign(structure=AS_BUILT, entry=entry_names(actions))
    rows = rows[rows["layer"].isin(layers)]
    names = {key: list(pd.unique(rows[key])) for key in ("structure", "entry")}
    places = [rows[key].map({name: n for n, name in enumerate(names[key])}) for key in names]
    scheme = rows["scheme"].map({name: n for n, name in enumerate(schemes)})
    energies = np.zeros((len(names["structure"]), len(schemes), len(names["entry"])))
    np.add.at(energies, (places[0], scheme, places[1]), rows["energy"])
    ranges = rows.groupby("entry")[["low", "high"]].first().reindex(names["entry"])
    known = len(names["structure"]) > 1 or bool(ranges.notna().to_numpy().any())
    bounds = ranges.fillna(1.0).to_numpy(dtype=np.float64)
    return Spread(names["structure"], list(schemes), names["entry"], energies, bounds, known)


def structure_totals(
    actions: pd.DataFrame,
    structures: pd.DataFrame | None,
    layers: pd.DataFrame,
    schemes: Sequence[str],
    baseline: str | None,
) -> pd.DataFrame:
    """Sum a run under every structure that its machine may have.

    Parameters
    ----------
    actions, structures, layers : DataFrame
        The long table; :func:`hwsim.studies.structures.structure_table` or None; the layer table.
    schemes : sequence of str
        Of the run.
    baseline : str or None
        The scheme that ratios are relative to; without one they are NaN.

    Returns
    -------
    DataFrame
        A row for each energy table, scope, structure and scheme: ``energy`` and ``energy_ratio``,
        baseline over scheme; ``energy_low`` to ``energy_high`` with all prices at an end of the
        literature's range, and ``ratio_low`` to ``ratio_high``, the exact bounds of the ratio when
        each is off by itself. Where neither structure nor range is known the bounds are NaN.
    """
    import pandas as pd

    found: list[dict[str, Any]] = []
    for name in actions["energy_table"].unique():
        mine = actions[actions["energy_table"] == name]
        ways = None if structures is None else structures[structures["energy_table"] == name]
        for scope, inside in scopes(layers).items():
            spread = spread_of(mine, ways, schemes, inside)
            keys = {"energy_table": str(name), "scope": scope}
            found += [{**keys, **row} for row in _totals(spread, baseline)]
    return pd.DataFrame(found)


def _totals(spread: Spread, baseline: str | None) -> Iterator[dict[str, Any]]:
    nan = float("nan")
    for number, structure in enumerate(spread.structures):
        for scheme in spread.schemes:
            energy, *energies = spread.energy(number, scheme)
            ratio, *ratios = spread.ratio(number, baseline, scheme)
            if not spread.known:
                energies, ratios = [nan, nan], [nan, nan]
            yield {
                "structure": structure,
                "scheme": scheme,
                "energy": energy,
                "energy_low": energies[0],
                "energy_high": energies[1],
                "energy_ratio": ratio,
                "ratio_low": ratios[0],
                "ratio_high": ratios[1],
            }


def tables_without_bits(actions: pd.DataFrame) -> list[str]:
    """Name the energy tables that know no operands, and so no widths of their values.

    Parameters
    ----------
    actions : DataFrame
        The long table.
    """
    told = (actions["operand"] != "").groupby(actions["energy_table"], sort=False).any()
    return [str(name) for name, tells in told.items() if not tells]


def headline_table(
    totals: pd.DataFrame,
    by_structure: pd.DataFrame,
    actions: pd.DataFrame,
    layers: pd.DataFrame,
    baseline: str | None,
) -> pd.DataFrame:
    """Say what a run comes to, with the interval over all structures and all prices.

    Parameters
    ----------
    totals : DataFrame
        From :func:`hwsim.studies.tables.total_table`.
    by_structure : DataFrame
        From :func:`structure_totals`.
    actions, layers : DataFrame
        The long table and the layer table.
    baseline : str or None
        The scheme that ratios are relative to.

    Returns
    -------
    DataFrame
        For each row of ``totals``: ``energy`` in ``energy_unit``, ``energy_low``, ``energy_high``;
        ``energy_ratio``, ``ratio_low``, ``ratio_high``, baseline over scheme; ``cannot_tell``:
        whether the table, which knows no bit widths, gives a scheme the very energy of the
        baseline, so that its ratio says nothing and is NaN; ``dram_share`` and ``weights_share`` of
        the energy (NaN where the table does not know whose data it moves); ``unused_share`` of the
        reads of activations; ``structures``, how many there are.
    """
    ends = by_structure.groupby(_KEYS).agg(
        energy_low=("energy_low", "min"),
        energy_high=("energy_high", "max"),
        ratio_low=("ratio_low", "min"),
        ratio_high=("ratio_high", "max"),
        structures=("structure", "nunique"),
    )
    table = totals[[*_KEYS, "energy", "energy_unit", "energy_ratio"]].join(ends, on=_KEYS)
    knows_bits = ~table["energy_table"].isin(tables_without_bits(actions))
    other = (totals["scheme"] != baseline) & (totals["energy_ratio"] == 1)
    table["cannot_tell"] = other & ~knows_bits
    ratios = ["energy_ratio", "ratio_low", "ratio_high"]
    table[ratios] = table[ratios].where(~table["cannot_tell"])
    energy = table["energy"].where(table["energy"] > 0)
    table["dram_share"] = _energy(actions[actions["unit"] == "DRAM"], layers, table) / energy
    weights = _energy(actions[actions["operand"] == "weights"], layers, table)
    table["weights_share"] = (weights / energy).where(knows_bits)
    table["unused_share"] = totals["unused_share"] if "unused_share" in totals else float("nan")
    return table


def _energy(actions: pd.DataFrame, layers: pd.DataFrame, rows: pd.DataFrame) -> pd.Series[float]:
    """Sum rows of the long table for each energy table, scheme and scope of ``rows``."""
    import pandas as pd

    parts = [
        actions[actions["layer"].isin(inside)].assign(scope=scope)
        for scope, inside in scopes(layers).items()
    ]
    sums = pd.concat(parts).groupby(_KEYS)["energy"].sum()
    found = pd.MultiIndex.from_frame(rows[_KEYS])
    return pd.Series(sums.reindex(found, fill_value=0.0).to_numpy(), index=rows.index)
