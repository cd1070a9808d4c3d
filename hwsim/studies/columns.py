"""Tables by column: what a run is summed up in without loading pandas."""

from __future__ import annotations

import hashlib
import math
from collections import ChainMap
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import compress
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]
#: Keys that a table is tried for, for each of its rows; where there may be more they are sorted.
_ROOM: Final = 8
#: Sums that are kept, by a hash of their numbers, and how many.
_sums_of_late: dict[bytes, float] = {}
_MOST_SUMS: Final = 4096


@dataclass(frozen=True, eq=False)
class Coded:
    """A column in which many rows have one value: row n has ``values[codes[n]]``.

    Parameters
    ----------
    codes : ndarray of int, shape (rows,)
        May be shared between columns, which are then grouped by fewer steps.
    values : sequence
        Not necessarily distinct. A missing number is NaN.
    """

    codes: NDArray[Any]
    values: Sequence[Any]

    def __len__(self) -> int:
        return len(self.codes)

    def tolist(self) -> list[Any]:
        """Give the values row by row."""
        values = self.values
        return [values[code] for code in self.codes.tolist()]

    def at(self, codes: NDArray[Any]) -> Coded:
        """Give other rows of the same values; what is known of these is not found again."""
        other = Coded(codes, self.values)
        vars(other)["numbered"] = self.numbered
        return other

    @classmethod
    def of(cls, values: Sequence[Any]) -> Coded:
        """Code plain values."""
        found: dict[Any, int] = {}
        codes = [found.setdefault(value, len(found)) for value in values]
        return cls(np.array(codes, dtype=np.int32), list(found))

    @cached_property
    def numbered(self) -> Coded:
        """The values, a row each, each value once."""
        return Coded.of(self.values)

    @cached_property
    def distinct(self) -> Coded:
        """The same coded anew, each value once."""
        own = self.numbered
        if len(own.values) == len(self.values):
            return self
        return Coded(own.codes[self.codes], own.values)


#: What a column may be.
Column = list[Any] | NDArray[Any] | Coded


class Deferred(Mapping[str, Column]):
    """Columns some of which are made when they are asked for: most of large tables never are.

    Parameters
    ----------
    columns : mapping of str to column, or to a function that makes it
        By name, in order.
    """

    def __init__(self, columns: Mapping[str, Column | Callable[[], Column]]) -> None:
        self._columns = dict(columns)

    def __getitem__(self, name: str) -> Column:
        column = self._columns[name]
        if callable(column):
            column = self._columns[name] = column()
        return column

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __reduce__(self) -> tuple[Any, ...]:
        """Make them all: a function does not travel, a column does."""
        return dict, (dict(self),)


class Groups(NamedTuple):
    """Which rows belong together.

    Parameters
    ----------
    numbers : ndarray of int, shape (rows,)
        Of the group of each row.
    keys : list
        What the rows of each group have in common, in the order of their first appearance.
    """

    numbers: NDArray[Any]
    keys: list[Any]

    @classmethod
    def of(cls, keys: Iterable[Hashable]) -> Groups:
        """Group by a key of each row."""
        coded = Coded.of(list(keys))
        return cls(coded.codes.astype(np.intp), list(coded.values))

    def merged(self, key_of: Callable[..., Any]) -> Groups:
        """Put groups together that get one key; it is made of the parts of theirs."""
        coded = Coded.of([key_of(*key) for key in self.keys])
        return Groups(coded.codes[self.numbers].astype(np.intp), list(coded.values))


@dataclass(frozen=True, eq=False)
class Columns:
    """A table by column; :meth:`frame` makes a DataFrame of it.

    Parameters
    ----------
    by_name : mapping of str to list, ndarray or Coded
        The columns, equally long: lists of plain values in small tables, arrays of numbers and
        coded values in those with a row for each action. A missing number is NaN.
    """

    by_name: Mapping[str, Column]
    _coded: dict[str, Coded] = field(default_factory=dict, init=False, repr=False)
    _keys: dict[tuple[str, ...], list[Any]] = field(default_factory=dict, init=False, repr=False)

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
        """Give the plain values of a column."""
        column = self.by_name[name]
        return column if isinstance(column, list) else column.tolist()

    def __contains__(self, name: object) -> bool:
        return name in self.by_name

    def __len__(self) -> int:
        return len(next(iter(self.by_name.values()), ()))

    def floats(self, name: str) -> NDArray[np.float64]:
        """Give the numbers of a column."""
        column = self.by_name[name]
        if isinstance(column, Coded):
            values: NDArray[np.float64] = np.array(column.values, dtype=np.float64)
            return np.asarray(values[column.codes])
        return np.asarray(column, dtype=np.float64)

    def numbers(self, name: str) -> list[Any] | NDArray[Any]:
        """Give the numbers of a column, whole ones as such."""
        column = self.by_name[name]
        return column.tolist() if isinstance(column, Coded) else column

    def coded(self, name: str) -> Coded:
        """Give a column coded."""
        column = self.by_name[name]
        if isinstance(column, Coded):
            return column
        if name not in self._coded:
            self._coded[name] = Coded.of(column if isinstance(column, list) else column.tolist())
        return self._coded[name]

    def distinct(self, name: str) -> list[Any]:
        """Give each value of a column once, in the order of its first appearance."""
        return [key for (key,) in self.keys(name)]

    def keys(self, *names: str) -> Sequence[Any]:
        """Give the keys of :meth:`groups` alone; they are found once."""
        if names not in self._keys:
            self._keys[names] = self.groups(*names).keys
        return self._keys[names]

    def groups(self, *names: str) -> Groups:
        """Group the rows by the values of some columns; keys are tuples of them."""
        columns = [self.coded(name) for name in names]
        shared: dict[tuple[int, int], list[Coded]] = {}
        for column in columns:
            shared.setdefault((id(column.codes), len(column.values)), []).append(column)
        digits = []
        for alike in shared.values():
            numbered = [column.numbered for column in alike]
            of_value = [(each.codes, len(each.values)) for each in numbered]
            numbers, size = _numbered_together(of_value, len(alike[0].values))
            digits.append((numbers[alike[0].codes], size))
        numbers, size = _numbered_together(digits, len(self))
        first = _first_places(numbers, size)
        known = np.flatnonzero(first < len(self))
        order = known[np.argsort(first[known])]
        renumbered = np.empty(size, dtype=np.intp)
        renumbered[order] = np.arange(len(order))
        values = [
            [column.values[code] for code in column.codes[first[order]].tolist()]
            for column in columns
        ]
        return Groups(renumbered[numbers], list(zip(*values, strict=True)))

    def made(self, value_of: Callable[..., Any], *names: str) -> Coded:
        """Make a column of others, each of its values of values of theirs."""
        columns = [self.coded(name) for name in names]
        codes = columns[0].codes
        if all(each.codes is codes for each in columns):
            of_code = zip(*(each.values for each in columns), strict=True)
            return Coded(codes, [value_of(*values) for values in of_code])
        groups = self.groups(*names)
        return Coded(groups.numbers, [value_of(*key) for key in groups.keys])

    def flags(self, name: str, is_so: Callable[[Any], object]) -> NDArray[np.bool_]:
        """Tell for each row whether its value of a column is such."""
        column = self.by_name[name]
        if not isinstance(column, Coded):
            return np.array([bool(is_so(value)) for value in self[name]], dtype=bool)
        own = column.numbered
        so = np.array([bool(is_so(value)) for value in own.values], dtype=bool)
        return np.asarray(so[own.codes][column.codes])

    def rows(self, *names: str) -> Iterator[tuple[Any, ...]]:
        """Yield the values of some columns side by side."""
        return zip(*(self[name] for name in names), strict=True)

    def records(self) -> list[Row]:
        """Give the rows as mappings."""
        names = list(self.by_name)
        return [dict(zip(names, row, strict=True)) for row in self.rows(*names)]

    def where(self, name: str, is_so: Callable[[Any], object]) -> Columns:
        """Keep the rows whose value of a column is such."""
        return self.kept(self.flags(name, is_so))

    def kept(self, keep: NDArray[np.bool_]) -> Columns:
        """Keep some rows, with their columns."""
        if keep.all():
            return self
        codes: dict[int, NDArray[Any]] = {}

        def part(name: str) -> Column:
            column = self.by_name[name]
            if isinstance(column, list):
                return list(compress(column, keep.tolist()))
            if not isinstance(column, Coded):
                return column[keep]
            key = id(column.codes)
            if key not in codes:
                codes[key] = column.codes[keep]
            return column.at(codes[key])

        return Columns(Deferred({name: partial(part, name) for name in self.by_name}))

    def with_columns(self, **columns: Column) -> Columns:
        """Add columns, or put others in their place."""
        return Columns(ChainMap(columns, cast("dict[str, Column]", self.by_name)))

    def frame(self) -> pd.DataFrame:
        """Make a DataFrame of it."""
        import pandas as pd

        def plain(column: Column) -> Any:
            if not isinstance(column, Coded):
                return column
            return pd.Series(list(column.values)).array.take(column.codes)

        return pd.DataFrame({name: plain(column) for name, column in self.by_name.items()})


def _numbered_together(
    digits: Sequence[tuple[NDArray[Any], int]], rows: int
) -> tuple[NDArray[np.intp], int]:
    """Make one number of several of each row, each of which is below a limit, and one below one."""
    numbers, size = np.zeros(rows, dtype=np.intp), 1
    for own, limit in digits:
        numbers = numbers * limit + own if size > 1 else own.astype(np.intp, copy=False)
        size *= max(1, limit)
        if size > _ROOM * rows:
            _, numbers = np.unique(numbers, return_inverse=True)
            size = int(numbers.max(initial=0)) + 1
    return numbers, size


def _first_places(numbers: NDArray[np.intp], size: int) -> NDArray[np.intp]:
    """Find where each number below ``size`` comes first; the length where it does not come."""
    first = np.full(size, len(numbers))
    first[numbers[::-1]] = np.arange(len(numbers))[::-1]  # of rows with one number the last counts
    return first


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
    keys: Iterable[Hashable] | Groups,
    values: Iterable[Any] | NDArray[Any],
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
    keys : iterable or Groups
        Of each row.
    values : iterable or ndarray
        Of each row.
    in_order : bool
        Whether groups that are neighbours have to be in ascending order, too.
    compensated : bool
        Whether to compensate in any case.
    """
    groups = keys if isinstance(keys, Groups) else Groups.of(keys)
    numbers = groups.numbers
    if not isinstance(values, np.ndarray):
        values = list(values)
    whole = _are_whole(values)
    if not (whole and isinstance(values, np.ndarray)):
        values = np.asarray(values, dtype=object if whole else np.float64)
    # Of few groups, in numbers of 16 bits, rows are sorted without comparing them.
    few = numbers.astype(np.min_scalar_type(len(groups.keys)))
    by_group = np.argsort(few, kind="stable")
    sizes = np.bincount(numbers, minlength=len(groups.keys))
    ends = np.cumsum(sizes)
    if whole:
        parts = np.split(values[by_group], ends[:-1])
        return {key: sum(part.tolist()) for key, part in zip(groups.keys, parts, strict=True)}
    runs = 1 + int(np.count_nonzero(np.diff(numbers)))
    neighbours = not compensated and runs <= len(groups.keys)
    if in_order and neighbours:
        neighbours = groups.keys == sorted(groups.keys)
    if neighbours and not np.isnan(values).any() and len(values):
        found = np.add.reduceat(values, ends - sizes).tolist()
    else:
        ordered = values[by_group]
        bounds = zip((ends - sizes).tolist(), ends.tolist(), strict=True)
        found = [_compensated(ordered[begin:end]) for begin, end in bounds]
    return dict(zip(groups.keys, found, strict=True))


def _are_whole(values: list[Any] | NDArray[Any]) -> bool:
    """Whether these are whole numbers, whose sums are exact."""
    if isinstance(values, np.ndarray):
        return values.dtype.kind == "i"
    return bool(values) and all(type(value) is int for value in values)


def _compensated(values: NDArray[np.float64]) -> float:
    """Sum as Kahan does; what many add up again (prices by component, by operand) is kept."""
    name = hashlib.blake2b(values.data, digest_size=16).digest()
    found = _sums_of_late.get(name)
    if found is None:
        if len(_sums_of_late) >= _MOST_SUMS:
            _sums_of_late.clear()
        found = _sums_of_late[name] = _kahan(values)
    return found


def _kahan(values: NDArray[np.float64]) -> float:
    """Kahan, Further remarks on reducing truncation errors, CACM 8(1), 1965."""
    known = values[~np.isnan(values)]
    if not known.any():
        return 0.0 if len(known) else math.nan
    result = lost = 0.0
    for value in known.tolist():
        more = value - lost
        higher = result + more
        lost = (higher - result) - more
        result = higher
    return result


def over(dividend: float, divisor: float) -> float:
    """Divide as arrays do: by nothing it is infinite, nothing by nothing is NaN."""
    if divisor:
        return dividend / divisor
    return math.nan if not dividend or dividend != dividend else math.copysign(math.inf, dividend)
