"""The first Ctrl-C is told, the second interrupts."""

from __future__ import annotations

import signal
import threading

import pytest

from hwsim.studies.interrupts import counted_interrupts


def press() -> None:
    signal.raise_signal(signal.SIGINT)


def test_the_second_one_interrupts_as_ever() -> None:
    told: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    assert before is signal.default_int_handler
    with pytest.raises(KeyboardInterrupt), counted_interrupts(lambda: told.append(1)):  # noqa: PT012
        press()
        assert told == [1]
        press()
    assert told == [1]
    assert signal.getsignal(signal.SIGINT) is before


def test_all_is_as_before_after_one_or_none() -> None:
    for times in (0, 1):
        with counted_interrupts(lambda: None):
            for _ in range(times):
                press()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_of_somebody_else_stays() -> None:
    seen: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
    try:
        with counted_interrupts(lambda: pytest.fail("not ours")):
            press()
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == [signal.SIGINT]


def test_other_threads_have_no_signals() -> None:
    passed: list[bool] = []

    def work() -> None:
        with counted_interrupts(lambda: None):
            passed.append(signal.getsignal(signal.SIGINT) is signal.default_int_handler)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert passed == [True]
