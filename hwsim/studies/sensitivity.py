"""Which conclusions of a run survive when the prices are wrong.

A saved run holds for every action how much energy it took and which entry of the prices decided
it. Energy is linear in each entry, so a run is priced anew without evaluating anything. In what
its machine's structure decides it is not, so a run holds the energies under every structure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hwsim.errors import InputError
from hwsim.studies.extremes import extreme_ratio
from hwsim.studies.result import RunResult
from hwsim.studies.spread import Spread, StructureRows, entry_names

if TYPE_CHECKING:
    import pandas as pd

#: The variation of every entry.
STEP = 0.2
#: Energies closer than this are one: the same work priced the same.
_EQUAL = 1e-9
#: Columns of the tables below, which may have no rows.
_VARIED = ["entry", "variation", "factor", "share", "scheme", "ratio", "survives"]
_TOGETHER = ["scheme", "extent", "lowest", "highest", "survives"]
_STRUCTURES = ["structure", "scheme", "energy", "ratio", "lowest", "highest", "survives"]


@dataclass(frozen=True)
class Sensitivity:
    """How the ratios of a run move with each entry of an energy table.

    Parameters
    ----------
    energy_table : str
        Whose entries.
    baseline : str
        The scheme that ratios are relative to.
    ratios : dict of str to float
        Baseline / scheme of the run as it is, for every other scheme that the table can tell.
    cannot_tell : tuple of str
        Schemes that a table without bit widths cannot tell from the baseline; of them nothing
        else is said.
    table : DataFrame
        A row for each entry, variation and scheme: ``entry``, ``variation`` (``-20 %``,
        ``+20 %``, ``literature low``, ``literature high``), ``factor``, ``share`` (of the
        baseline's energy), ``scheme``, ``ratio``, and ``survives``: whether the scheme is still
        on the same side of the baseline and all schemes in the same order.
    together : DataFrame
        A row for each scheme and extent (``+-20 %``, ``literature``, and where there are several
        structures ``literature, any structure``): the smallest and the largest ratio when all
        entries are off at once, each in the worst direction, and ``survives``: whether the scheme
        stays on its side of the baseline.
    structures : DataFrame
        A row for each structure and scheme, the machine's own first: ``structure``, ``scheme``,
        ``energy``, ``ratio``, its ``lowest`` and ``highest`` when all entries are off at once
        within the literature, and ``survives``: whether the schemes are in the same order as
        under the machine's own. Under ``as built`` alone where there is one structure only.
    """

    energy_table: str
    baseline: str
    ratios: dict[str, float]
    cannot_tell: tuple[str, ...]
    table: pd.DataFrame
    together: pd.DataFrame
    structures: pd.DataFrame

    @property
    def survives(self) -> bool:
        """Whether every conclusion survives each variation of one entry, and each structure."""
        return bool(self.table["survives"].all() and self.structures["survives"].all())

    def to_dict(self) -> dict[str, object]:
        """Return plain values, ready for JSON."""
        return {
            "energy_table": self.energy_table,
            "baseline": self.baseline,
            "ratios": self.ratios,
            "cannot_tell": list(self.cannot_tell),
            "variations": json.loads(self.table.to_json(orient="records")),
            "together": json.loads(self.together.to_json(orient="records")),
            "structures": json.loads(self.structures.to_json(orient="records")),
        }


def sensitivity(result: RunResult) -> list[Sensitivity]:
    """Vary every entry of every energy table of a run.

    Parameters
    ----------
    result : RunResult
        With the dense scheme and at least one other.

    Returns
    -------
    list of Sensitivity
        One for each energy table of the run.

    Raises
    ------
    InputError
        If the run has nothing to compare, or took no energy.
    """
    if result.baseline is None or len(result.schemes) < 2:
        raise InputError("the run compares nothing: it needs the scheme dense and another one")
    return [_of_table(result.by_energy_table(name)) for name in result.energy_tables]


def _of_table(result: RunResult) -> Sensitivity:
    import pandas as pd

    baseline = str(result.baseline)
    rows = result.table.assign(entry=entry_names(result.sums.actions).tolist())
    energies = rows.pivot_table(
        index="entry", columns="scheme", values="energy", aggfunc="sum", fill_value=0.0
    )
    if not (energies.sum() > 0).all():
        raise InputError(
            f"energy table {result.energy_tables[0]!r}: the energy of a scheme is 0, so there is "
            "no ratio to vary"
        )
    energies = energies[result.schemes].loc[(energies != 0).any(axis=1)]
    energies = energies.sort_values(baseline, ascending=False)
    ranges = rows.groupby("entry")[["low", "high"]].first().reindex(energies.index)
    whole = result.headline[result.headline["scope"] == "network"]
    cannot_tell = tuple(whole.loc[whole["cannot_tell"], "scheme"])
    others = [each for each in result.schemes if each not in (baseline, *cannot_tell)]
    totals = energies.sum()
    before = _order(totals)
    found = []
    for entry, variation, factor in _variations(ranges):
        varied: pd.Series[float] = totals + (factor - 1) * energies.T[entry]
        same_order = _order(varied) == before
        found += [
            {
                "entry": entry,
                "variation": variation,
                "factor": factor,
                "share": energies.loc[entry, baseline] / totals[baseline],
                "scheme": scheme,
                "ratio": varied[baseline] / varied[scheme],
                "survives": same_order,
            }
            for scheme in others
        ]
    layers = [str(name) for name in result.layers["layer"].unique()]
    ways = result.sums.structures or StructureRows.as_built(result.sums.actions)
    spread = ways.spread(result.schemes, layers)
    varied_ways = list(_structures(spread, baseline, others))
    structures = pd.DataFrame(varied_ways, columns=_STRUCTURES)
    together = [*_together(energies, ranges, baseline, others)]
    if len(spread.structures) > 1:
        together += _any_structure(structures, others)
    return Sensitivity(
        energy_table=result.energy_tables[0],
        baseline=baseline,
        ratios={scheme: float(totals[baseline] / totals[scheme]) for scheme in others},
        cannot_tell=cannot_tell,
        table=pd.DataFrame(found, columns=_VARIED),
        together=pd.DataFrame(together, columns=_TOGETHER),
        structures=structures,
    )


def _structures(spread: Spread, baseline: str, others: list[str]) -> Iterator[dict[str, object]]:
    """Yield ratio and bounds of each scheme under each structure."""
    import pandas as pd

    index = pd.Index(spread.schemes)
    sums = [pd.Series(each, index=index) for each in spread.energies.sum(axis=2)]
    for number, structure in enumerate(spread.structures):
        same_order = _order(sums[number]) == _order(sums[0])
        for scheme in others:
            ratio, low, high = spread.ratio(number, baseline, scheme)
            yield {
                "structure": structure,
                "scheme": scheme,
                "energy": float(sums[number][scheme]),
                "ratio": ratio,
                "lowest": low,
                "highest": high,
                "survives": same_order,
            }


def _any_structure(structures: pd.DataFrame, others: list[str]) -> Iterator[dict[str, object]]:
    """Yield the union of the bounds of all structures."""
    for scheme in others:
        mine = structures[structures["scheme"] == scheme]
        low, high = float(mine["lowest"].min()), float(mine["highest"].max())
        yield {
            "scheme": scheme,
            "extent": "literature, any structure",
            "lowest": low,
            "highest": high,
            "survives": _one_side(float(mine["ratio"].iloc[0]), low, high),
        }


def _one_side(today: float, low: float, high: float) -> bool:
    """Tell whether a ratio stays on its side of 1, where it is equal exactly equal."""
    equal = abs(today - 1) < _EQUAL and high - low < _EQUAL
    return bool(equal or (low > 1 if today > 1 else high < 1))


def _variations(ranges: pd.DataFrame) -> Iterator[tuple[str, str, float]]:
    for entry, row in ranges.iterrows():
        yield str(entry), f"-{STEP:.0%}", 1 - STEP
        yield str(entry), f"+{STEP:.0%}", 1 + STEP
        for side in ("low", "high"):
            if np.isfinite(row[side]) and row[side] != 1:
                yield str(entry), f"literature {side}", float(row[side])


def _order(totals: pd.Series[float]) -> list[tuple[int, str]]:
    """Rank the schemes by energy; equal ones share a rank."""
    ordered = totals.sort_values(kind="stable")
    ranks = np.cumsum(ordered.diff().fillna(0) > _EQUAL * ordered.max())
    return sorted(zip((int(rank) for rank in ranks), map(str, ordered.index), strict=True))


def _together(
    energies: pd.DataFrame, ranges: pd.DataFrame, baseline: str, others: list[str]
) -> Iterator[dict[str, object]]:
    dense = energies[baseline].to_numpy()
    step = np.full((len(energies), 2), [1 - STEP, 1 + STEP])
    literature = ranges[["low", "high"]].fillna(1.0).to_numpy()
    for scheme in others:
        mine = energies[scheme].to_numpy()
        today = dense.sum() / mine.sum()
        for extent, bounds in (("+-20%", step), ("literature", literature)):
            if bool((bounds == 1).all()):  # the literature knows nothing
                continue
            low = extreme_ratio(dense, mine, bounds, largest=False)
            high = extreme_ratio(dense, mine, bounds, largest=True)
            yield {
                "scheme": scheme,
                "extent": extent,
                "lowest": low,
                "highest": high,
                "survives": _one_side(today, low, high),
            }
