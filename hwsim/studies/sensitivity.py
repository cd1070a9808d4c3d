"""Which conclusions of a run survive when the prices are wrong.

A saved run holds for every action how much energy it took and which entry of the prices decided
it. Energy is linear in each entry, so a run is priced anew without evaluating anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.studies.result import RunResult

if TYPE_CHECKING:
    import pandas as pd

#: The variation of every entry.
STEP = 0.2
#: Energies closer than this are one: the same work priced the same.
_EQUAL = 1e-9


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
        Baseline / scheme of the run as it is, for every other scheme.
    table : DataFrame
        A row for each entry, variation and scheme: ``entry``, ``variation`` (``-20 %``,
        ``+20 %``, ``literature low``, ``literature high``), ``factor``, ``share`` (of the
        baseline's energy), ``scheme``, ``ratio``, and ``survives``: whether the scheme is still
        on the same side of the baseline and all schemes in the same order.
    together : DataFrame
        A row for each scheme and extent (``+-20 %``, ``literature``): the smallest and the
        largest ratio when all entries are off at once, each in the worst direction, and
        ``survives``: whether the scheme stays on its side of the baseline.
    """

    energy_table: str
    baseline: str
    ratios: dict[str, float]
    table: pd.DataFrame
    together: pd.DataFrame

    @property
    def survives(self) -> bool:
        """Whether every conclusion survives every variation of one entry."""
        return bool(self.table["survives"].all())

    def to_dict(self) -> dict[str, object]:
        """Return plain values, ready for JSON."""
        return {
            "energy_table": self.energy_table,
            "baseline": self.baseline,
            "ratios": self.ratios,
            "variations": json.loads(self.table.to_json(orient="records")),
            "together": json.loads(self.together.to_json(orient="records")),
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
    rows = result.table.assign(entry=_entries(result.table))
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
    others = [scheme for scheme in result.schemes if scheme != baseline]
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
    return Sensitivity(
        energy_table=result.energy_tables[0],
        baseline=baseline,
        ratios={scheme: float(totals[baseline] / totals[scheme]) for scheme in others},
        table=pd.DataFrame(found),
        together=pd.DataFrame(list(_together(energies, ranges, baseline, others))),
    )


def _entries(table: pd.DataFrame) -> pd.Series[str]:
    """Name what decides each row; runs without entries vary each action by itself."""
    names = table["component"] + "." + table["action"]
    return names if "entry" not in table else table["entry"].where(table["entry"] != "", names)


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
            equal = abs(today - 1) < _EQUAL and high - low < _EQUAL
            yield {
                "scheme": scheme,
                "extent": extent,
                "lowest": low,
                "highest": high,
                "survives": bool(equal or (low > 1 if today > 1 else high < 1)),
            }


def extreme_ratio(
    dense: NDArray[np.float64],
    scheme: NDArray[np.float64],
    bounds: NDArray[np.float64],
    *,
    largest: bool,
) -> float:
    """Find the extreme of sum(f dense) / sum(f scheme) over factors f within bounds.

    Parameters
    ----------
    dense, scheme : ndarray, shape (entries,)
        Energies by entry.
    bounds : ndarray, shape (entries, 2)
        Lowest and highest factor of each entry.
    largest : bool
        Whether the largest ratio is wanted, else the smallest.

    Returns
    -------
    float
        Exact: a ratio of linear functions is extreme where every entry whose own ratio lies above
        the extreme is at one of its bounds and every other at the other one.

    Notes
    -----
    Dinkelbach, On nonlinear fractional programming, Management Science 13(7), 1967.
    """
    ratio = dense.sum() / scheme.sum()
    for _ in range(len(dense) + 2):
        pays = (dense > ratio * scheme) == largest
        factors = np.where(pays, bounds[:, 1], bounds[:, 0])
        better = (factors @ dense) / (factors @ scheme)
        if abs(better - ratio) <= 1e-12 * ratio:
            break
        ratio = better
    return float(ratio)
