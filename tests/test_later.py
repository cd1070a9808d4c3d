import pickle
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from hwsim.later import MadeWhenAsked, later


@dataclass(frozen=True, eq=False)
class Pair(MadeWhenAsked):
    first: np.ndarray
    second: np.ndarray | None = field(default_factory=lambda: None)

    def __post_init__(self):
        self._put_off("first", "second")


def test_a_promise_is_kept_once_and_when_asked():
    asked = []

    def make():
        asked.append(1)
        return np.ones((2, 3), np.int8)

    pair = Pair(np.zeros(1), later((2, 3), np.int8, make))
    promised = pair.promised("second")
    assert (promised.shape, promised.size, promised.ndim, promised.dtype) == ((2, 3), 6, 2, "i1")
    assert asked == []
    assert pair.second.sum() == 6
    assert pair.second is pair.promised("second") is pair.second
    assert asked == [1]


def test_what_is_given_is_there():
    given = np.zeros(1)
    pair = Pair(given)
    assert pair.first is pair.promised("first") is given
    assert pair.second is pair.promised("second") is None
    with pytest.raises(AttributeError, match="'Pair' has no attribute 'third'"):
        _ = pair.third


def test_a_copy_has_the_array():
    pair = replace(Pair(later((1,), float, lambda: np.ones(1))), second=np.zeros(2))
    assert isinstance(pair.promised("first"), np.ndarray)
    assert (pair.first[0], pair.second.size) == (1, 2)


def test_what_travels_is_the_array():
    pair = Pair(np.zeros(1), later((2,), np.int8, lambda: np.array([3, 4], np.int8)))
    there = pickle.loads(pickle.dumps(pair))
    assert there.second.tolist() == [3, 4]
    assert there.promised("second") is there.second
    with pytest.raises(AttributeError, match="third"):
        _ = there.third
