"""Weights as small whole numbers: which of its filter's levels each one is, and its sign."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError

#: Levels of a filter, zero among them, beyond which its weights are numbers of their own and repeat
#: by accident: more than 8 bits can name.
MOST_LEVELS: Final = 256


@dataclass(frozen=True, eq=False)
class LevelCodes:
    """Weights of filters as codes; a weight's negative has the negative code.

    Parameters
    ----------
    codes : ndarray of int8 or int16, shape (filters, positions)
        0 is a weight of zero.
    largest : int
        Codes lie between ``-largest`` and ``largest``; 1 or more.
    unit : ndarray of bool, shape (filters, 2 * largest + 1)
        Whether the level of code ``c``, at ``c + largest``, is 0, +1 or -1, so that nothing has to
        be multiplied.
    """

    codes: NDArray[np.signedinteger[Any]]
    largest: int
    unit: NDArray[np.bool_]

    @classmethod
    def of(cls, levels: NDArray[Any]) -> Self:
        """Code the levels of filters.

        Parameters
        ----------
        levels : ndarray of any number, shape (filters, positions)
            Weights over the scale of their filter. Small integers are their own codes; of others,
            each filter's magnitudes are numbered.

        Raises
        ------
        InputError
            If a filter has more than 256 levels: nothing repeats that could be counted.
        """
        if levels.ndim != 2 or levels.size == 0:
            raise InputError(
                f"levels should have the shape (filters, positions). Got {levels.shape}"
            )
        if levels.dtype == np.bool_:
            levels = levels.view(np.int8)
        if levels.dtype == np.int8:
            levels = levels if levels.min() > -128 else levels.astype(np.int16)  # -(-128) is none
            largest = max(1, int(np.abs(levels).max()))
            numbers = np.arange(-largest, largest + 1)
            unit = np.broadcast_to(np.abs(numbers) <= 1, (len(levels), len(numbers)))
            return cls(levels, largest, unit)
        return cls._numbered(levels)

    @classmethod
    def _numbered(cls, levels: NDArray[Any]) -> Self:
        codes = np.empty(levels.shape, np.int16)
        found = []
        for filter_, row in enumerate(levels):
            magnitudes, places = np.unique(np.abs(row), return_inverse=True)
            if np.isnan(magnitudes[-1]):
                raise InputError(f"filter {filter_}: a weight that is not a number has no level")
            zero = int(magnitudes[0] == 0)
            codes[filter_] = np.where(row < 0, -1, 1) * (places.reshape(-1) + 1 - zero)
            used = len(np.unique(codes[filter_]))
            if used > MOST_LEVELS or len(magnitudes) - zero > MOST_LEVELS:
                raise InputError(
                    f"filter {filter_} has {used} levels; repetition has nothing to count beyond "
                    f"{MOST_LEVELS}: choose a scheme with few levels (binary, ternary, "
                    "signed-binary, dense:precision=int8)"
                )
            found.append(magnitudes[zero:])
        largest = max(1, *(len(each) for each in found))
        unit = np.zeros((len(levels), 2 * largest + 1), np.bool_)
        unit[:, largest] = True
        for filter_, magnitudes in enumerate(found):
            one = magnitudes == 1
            unit[filter_, largest + 1 :][: len(one)] = one
            unit[filter_, :largest][::-1][: len(one)] = one
        return cls(codes, largest, unit)

    @property
    def base(self) -> int:
        """Values that a code can have."""
        return 2 * self.largest + 1

    @property
    def in_order(self) -> NDArray[np.int64]:
        """Give the codes, plus ``largest``, as tables go through them: ascending, zero the last."""
        return np.append(np.delete(np.arange(self.base), self.largest), self.largest)

    @property
    def multiplies(self) -> bool:
        """Whether any level that a filter can have is neither 0 nor +-1."""
        return not self.unit.all()

    def rows(self, start: int, stop: int) -> Self:
        """Give some of the filters."""
        return type(self)(self.codes[start:stop], self.largest, self.unit[start:stop])

    @cached_property
    def ranks(self) -> NDArray[np.int64]:
        """Give each filter's own levels numbers, from the lowest to the highest, zero the last.

        Returns
        -------
        ndarray of int64, shape (filters, 2 * largest + 1)
            At ``c + largest``. Codes that a filter does not have bear the number of the next.
        """
        filters, base = len(self.codes), self.base
        present = np.zeros((filters, base), np.bool_)
        for start in range(0, filters, 256):  # a few bytes a weight at a time
            rows = self.codes[start : start + 256]
            own = np.arange(len(rows))[:, None] + start
            present[own, rows.astype(np.intp) + self.largest] = True
        present[:, self.largest] = False
        ranks = np.cumsum(present, axis=1, dtype=np.int64) - present
        ranks[:, self.largest] = present.sum(axis=1)
        return ranks
