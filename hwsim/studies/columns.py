"""Tables by column, of plain values: what a run is summed up in without loading pandas."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Columns:
    """A table whose columns are lists; :meth:`frame` makes a DataFrame of it.

    Parameters
    ----------
    by_name : mapping of str to list
        The columns, equally long. A missing number is NaN.
    """

    by_name: Mapping[str, list[Any]]

    @classmethod
    def of(cls, table: pd.DataFrame | Columns) -> Columns:
        """Take the columns of a DataFrame; those of columns are theirs."""
        if isinstance(table, Columns):
            return table
        return cls({str(name): table[name].tolist() for name in table.columns})

    @classmethod
    def of_rows(cls, rows: Sequence[Mapping[str, Any]], names: Iterable[str] = ()) -> Self:
        """Turn rows into columns, each of one kind of number as in a DataFrame.

        Parameters
        ----------
        rows : sequence of mapping
            All with the same keys.
        names : iterable of str
            Of the columns where there may be no row.
        """
        found = list(rows[0]) if rows else list(names)
        return cls({name: one_kind([row[name] for row in rows]) for name in found})

    def __getitem__(self, name: str) -> list[Any]:
        return self.by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self.by_name

    def __len__(self) -> int:
        return len(next(iter(self.by_name.values()), ()))

    def rows(self, *names: str) -> Iterator[tuple[Any, ...]]:
        """Yield the values of some columns side by side."""
        return zip(*(self.by_name[name] for name in names), strict=True)

    def records(self) -> list[Row]:
        """Give the rows as mappings."""
        names = list(self.by_name)
        return [dict(zip(names, row, strict=True)) for row in self.rows(*names)]

    def where(self, name: str, is_so: Callable[[Any], object]) -> Columns:
        """Keep the rows whose value of a column is such."""
        return self.kept([bool(is_so(value)) for value in self.by_name[name]])

    def kept(self, keep: Sequence[bool]) -> Columns:
        """Keep some rows, with their columns."""
        return Columns({name: list(compress(each, keep)) for name, each in self.by_name.items()})

    def with_columns(self, **columns: list[Any]) -> Columns:
        """Add columns, or put others in their place."""
        return Columns({**self.by_name, **columns})

    def frame(self) -> pd.DataFrame:
        """Make a DataFrame of it."""
        import pandas as pd

        return pd.DataFrame(dict(self.by_name))


def one_kind(values: list[Any]) -> list[Any]:
    """Make floats of all numbers of a column with a float or a gap among them, as pandas does."""
    kinds = set(map(type, values))
    if len(kinds) == 1 and kinds <= {int, float, str, bool}:
        return values
    plain = [value.item() if hasattr(value, "item") else value for value in values]
    kinds = set(map(type, plain))
    if kinds <= {int, float, type(None)} and kinds - {int}:
        return [math.nan if value is None else float(value) for value in plain]
    return plain


def distinct(values: Iterable[Any]) -> list[Any]:
    """Give each value once, in the order of its first appearance."""
    return list(dict.fromkeys(values))


def sums(
    keys: Iterable[Hashable],
    values: Iterable[Any],
    *,
    in_order: bool = False,
    compensated: bool = False,
) -> dict[Any, Any]:
    """Sum values by key, keys in the order of their first appearance.

    To the last bit what pandas 3.1 makes of groups, as runs have been saved with it: pairwise
    after the first value where the rows of each group are neighbours and no value is missing,
    else with the compensation of Kahan. Missing values count as nothing; a sum of none is NaN.

    Parameters
    ----------
    keys, values : iterable
        Of each row.
    in_order : bool
        Whether groups that are neighbours have to be in ascending order, too.
    compensated : bool
        Whether to compensate in any case.
    """
    groups: dict[Hashable, list[Any]] = {}
    neighbours, last = not compensated, None
    for key, value in zip(keys, values, strict=True):
        group = groups.get(key)
        if group is None:
            groups[key] = [value]
        else:
            group.append(value)
            neighbours = neighbours and key == last
        last = key
    if in_order and neighbours:
        found: list[Any] = list(groups)
        neighbours = found == sorted(found)
    if any(value != value for group in groups.values() for value in group):
        neighbours = False
    add = _pairwise if neighbours else _compensated
    return {
        key: sum(group) if all(type(value) is int for value in group) else add(group)
        for key, group in groups.items()
    }


def _pairwise(values: list[float]) -> float:
    return float(np.add.reduceat(np.array(values, dtype=np.float64), [0])[0])


def _compensated(values: list[float]) -> float:
    """Kahan, Further remarks on reducing truncation errors, CACM 8(1), 1965."""
    result = lost = 0.0
    known = False
    for value in values:
        if value != value:
            continue
        known = True
        more = value - lost
        higher = result + more
        lost = (higher - result) - more
        result = higher
    return result if known else math.nan


def over(dividend: float, divisor: float) -> float:
    """Divide as arrays do: by nothing it is infinite, nothing by nothing is NaN."""
    if divisor:
        return dividend / divisor
    return math.nan if not dividend or dividend != dividend else math.copysign(math.inf, dividend)
