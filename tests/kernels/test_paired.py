import numpy as np
import pytest

from hwsim.kernels.paired import Spread, Times, take_times


def test_spread_by_hand():
    assert Spread.of(np.array([4.0, 1, 2, 3, 5])) == Spread(2, 3, 4)


def test_ratio_is_taken_round_by_round():
    times = Times({"slow": np.array([2.0, 9, 4]), "fast": np.array([1.0, 3, 4])})
    assert times.ratio("slow", "fast") == Spread(1.5, 2, 2.5)
    assert times.of("slow") == Spread(3, 4, 6.5)
    assert times.to_dict()["seconds"]["fast"] == {"low": 2, "median": 3, "high": 3.5}


def test_ways_take_turns_and_the_second_of_two_calls_is_timed(monkeypatch):
    calls = []
    clock = iter(range(1000))
    monkeypatch.setattr("time.thread_time", lambda: calls.append("clock") or next(clock))
    times = take_times({way: (lambda way=way: calls.append(way)) for way in "ab"}, 2)
    assert calls == [
        *("a", "clock", "a", "clock", "b", "clock", "b", "clock"),
        *("b", "clock", "b", "clock", "a", "clock", "a", "clock"),
    ]
    assert times.seconds["a"] == pytest.approx([1, 1])
