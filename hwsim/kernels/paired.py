"""Times of several ways to do the same, taken side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Spread:
    """A median and the quartiles around it.

    Parameters
    ----------
    low, median, high : float
        First quartile, median, third quartile.
    """

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: NDArray[np.floating]) -> Spread:
        """Take the quartiles of some values."""
        return cls(*(float(each) for each in np.quantile(values, (0.25, 0.5, 0.75))))


@dataclass(frozen=True, eq=False)
class Times:
    """Times of several ways, round by round.

    Parameters
    ----------
    seconds : mapping of str to ndarray of float
        By way, one for each round.
    """

    seconds: Mapping[str, NDArray[np.floating]]

    def of(self, way: str) -> Spread:
        """Give the spread of a way's times, in seconds."""
        return Spread.of(self.seconds[way])

    def ratio(self, slow: str, fast: str) -> Spread:
        """Give how many times as fast one way was as another, from the ratio of each round."""
        return Spread.of(self.seconds[slow] / self.seconds[fast])

    def to_dict(self) -> dict[str, Any]:
        """Return plain data: quartiles of each way, in seconds."""
        return {"seconds": {way: asdict(self.of(way)) for way in self.seconds}}


def take_times(ways: Mapping[str, Callable[[], Any]], rounds: int) -> Times:
    """Time ways in turns.

    In each round every way runs twice and the second is timed, so that each finds its own data in
    the caches; the order moves on by one from round to round. Timed is what the thread itself
    takes of the processor: not the time of others that run there.
    """
    names = [*ways]
    seconds = {name: np.empty(rounds) for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            ways[name]()
            start = time.thread_time()
            ways[name]()
            seconds[name][number] = time.thread_time() - start
    return Times(seconds)
