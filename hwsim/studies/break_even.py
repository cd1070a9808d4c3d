"""Break-even sparsity: from which share of zeros on a machine needs less than its reference."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from hwsim.errors import InputError, did_you_mean
from hwsim.studies.study_result import StudyResult

if TYPE_CHECKING:
    import pandas as pd

MEASURES: Final = ("energy", "cycles")
#: What a break-even sparsity can be, besides a share.
ALWAYS: Final = "at every level"
NEVER: Final = "at no level"
CROSSES: Final = "from"


def break_even(result: StudyResult, reference: str | None = None) -> pd.DataFrame:
    """Find from which sparsity on each machine pays off.

    Parameters
    ----------
    result : StudyResult
        With a sparsity axis.
    reference : str, optional
        A machine of the study, as the study lists it: what the baseline scheme needs on it is what
        others have to stay below, so that the overhead of sparse hardware counts. When not given,
        each machine is compared with the baseline on itself.

    Returns
    -------
    DataFrame
        A row for each energy table, measure (``energy``, ``cycles``) and curve: the axes that tell
        curves apart, ``reference``, ``pays_off`` (``from``, ``at every level``, ``at no level``),
        and ``sparsity``: where the measure falls to that of the reference and stays there,
        interpolated linearly between levels; the lowest level where it pays off everywhere, NaN
        where nowhere. Seeds are averaged.

    Raises
    ------
    InputError
        If the study has no sparsity axis, no such machine, or no baseline on it.
    """
    import pandas as pd

    points = result.points
    if not points["sparsity"].notna().any():
        raise InputError(f"study {result.entry.name!r} has no sparsity axis, so no break-even")
    machines = [str(name) for name in points["arch"].unique()]
    if reference is not None and reference not in machines:
        raise InputError(
            f"reference {reference!r} is no machine of the study{did_you_mean(reference, machines)}"
        )
    axes = [axis for axis in result.axes if axis not in ("sparsity", "seed")]
    rows = []
    pruned = points[points["sparsity"].notna()]
    for key, curve in pruned.groupby(["energy_table", *axes], sort=False, dropna=False):
        for measure in MEASURES:
            bound = _bound(points, curve, measure, reference, axes)
            levels = curve.groupby("sparsity")[measure].mean()
            pays, sparsity = crossing(list(levels.index), list(levels), bound)
            rows.append(
                {
                    **dict(zip(["energy_table", *axes], _tuple(key), strict=True)),
                    "measure": measure,
                    "reference": reference or "itself",
                    "pays_off": pays,
                    "sparsity": sparsity,
                }
            )
    return pd.DataFrame(rows)


def crossing(levels: Sequence[float], values: Sequence[float], bound: float) -> tuple[str, float]:
    """Find where values fall to a bound and stay there.

    Parameters
    ----------
    levels, values : sequence of float
        A curve, levels ascending.
    bound : float
        What it has to fall to.

    Returns
    -------
    (str, float)
        How it does, and from which level on.
    """
    if math.isnan(bound) or any(math.isnan(value) for value in values):
        return NEVER, math.nan
    above = [place for place, value in enumerate(values) if value > bound]
    if not above:
        return ALWAYS, levels[0]
    last = above[-1]
    if last == len(values) - 1:
        return NEVER, math.nan
    share = (values[last] - bound) / (values[last] - values[last + 1])
    return CROSSES, levels[last] + share * (levels[last + 1] - levels[last])


def _bound(
    points: pd.DataFrame,
    curve: pd.DataFrame,
    measure: str,
    reference: str | None,
    axes: Sequence[str],
) -> float:
    """Find what the reference needs; the least where it stands in several sizes."""
    import pandas as pd

    first = curve.iloc[0]
    if reference is None:
        needed = (curve[measure] * curve[f"{measure}_ratio"]).dropna()
        return float(needed.iloc[0]) if len(needed) else math.nan
    # Of the reference machine all that needs no zeros: its own baseline, on the same network.
    same = [axis for axis in ("model", "activations", "activation_density") if axis in axes]
    at = (points["arch"] == reference) & (points["energy_table"] == first["energy_table"])
    for axis in same:
        at &= points[axis].isna() if pd.isna(first[axis]) else points[axis] == first[axis]
    rows = points[at]
    needed = rows[measure] * rows[f"{measure}_ratio"]
    if not needed.notna().any():
        raise InputError(f"the baseline scheme is not evaluated on the reference {reference!r}")
    return float(needed.min())


def _tuple(key: Hashable) -> Iterator[Any]:
    return iter(key if isinstance(key, tuple) else (key,))
