"""Two studies side by side: what differs, and what only one of them has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hwsim.errors import InputError
from hwsim.studies.study_result import StudyResult

if TYPE_CHECKING:
    import pandas as pd

_MEASURES: Final = ("cycles", "energy")


@dataclass(frozen=True, eq=False)
class StudyDiff:
    """What differs between two studies.

    Parameters
    ----------
    rows : DataFrame
        A row for each energy table, point and layer whose cycles, energy or state differ: the
        common coordinates, ``layer``, ``energy_table``, and of each measure ``_before``,
        ``_after`` and ``_change``, the relative one.
    equal : int
        Rows that are equal.
    only_before, only_after : int
        Rows that one of the two alone has.
    """

    rows: pd.DataFrame
    equal: int
    only_before: int
    only_after: int

    @property
    def differs(self) -> bool:
        """Whether anything does."""
        return bool(len(self.rows) or self.only_before or self.only_after)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            "rows": self.rows.to_dict(orient="records"),
            "equal": self.equal,
            "only_before": self.only_before,
            "only_after": self.only_after,
        }


def diff_studies(before: StudyResult, after: StudyResult) -> StudyDiff:
    """Compare two studies by their common coordinates.

    Parameters
    ----------
    before, after : StudyResult
        The two.

    Raises
    ------
    InputError
        If the common coordinates do not tell their rows apart.
    """
    axes = [axis for axis in before.axes if axis in after.axes]
    keys = [*axes, "energy_table", "layer"]
    for result in (before, after):
        twice = result.layers.duplicated(keys)
        if twice.any():
            raise InputError(
                f"study {result.entry.name!r}: {', '.join(axes)} are all that both studies vary, "
                "and do not tell its points apart"
            )
    columns = [*keys, "state", *_MEASURES]
    both = before.layers[columns].merge(
        after.layers[columns], on=keys, how="outer", suffixes=("_before", "_after"), indicator=True
    )
    common = both[both["_merge"] == "both"].drop(columns="_merge")
    same = common["state_before"] == common["state_after"]
    for measure in _MEASURES:
        old, new = common[f"{measure}_before"], common[f"{measure}_after"]
        same &= (old == new) | (old.isna() & new.isna())
    changed = common[~same].reset_index(drop=True)
    for measure in _MEASURES:
        old = changed[f"{measure}_before"]
        changed[f"{measure}_change"] = (changed[f"{measure}_after"] / old - 1).where(old > 0)
    return StudyDiff(
        rows=changed,
        equal=int(same.sum()),
        only_before=int((both["_merge"] == "left_only").sum()),
        only_after=int((both["_merge"] == "right_only").sum()),
    )
