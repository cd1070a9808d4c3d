"""Circles are looked for seldom inside, and as before behind it."""

import gc
from collections.abc import Iterator
from contextlib import suppress

import pytest

from hwsim.rare_collection import SELDOM, rare_collection
from tests.studies.networks import tiny_network


@pytest.fixture(autouse=True)
def threshold() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize("before", [(700, 10, 10), (0, 5, 5), (2 * SELDOM, 3, 4)])
def test_what_was_set_is_set_again(before: tuple[int, int, int]) -> None:
    gc.set_threshold(*before)
    with rare_collection():
        inside = gc.get_threshold()
    assert inside == ((SELDOM, *before[1:]) if before[0] == 700 else before)
    assert gc.get_threshold() == before


def test_what_is_set_inside_stays() -> None:
    for before in (0, 700):
        gc.set_threshold(before, 10, 10)
        with rare_collection():
            gc.set_threshold(900, 7, 7)
        assert gc.get_threshold() == (900, 7, 7)


def test_it_is_set_again_behind_an_error() -> None:
    before = gc.get_threshold()
    with suppress(ZeroDivisionError), rare_collection():
        raise ZeroDivisionError
    assert gc.get_threshold() == before


def test_the_last_who_leaves_sets_it_back() -> None:
    gc.set_threshold(700, 10, 10)
    first, second = rare_collection(), rare_collection()
    with first:
        second.__enter__()
    assert gc.get_threshold() == (SELDOM, 10, 10)
    second.__exit__(None, None, None)
    assert gc.get_threshold() == (700, 10, 10)


def test_a_run_leaves_it_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    import hwsim
    from hwsim.studies import network_run

    seen = []
    finished = network_run._finished

    def looked(*given):
        seen.append(gc.get_threshold()[0])
        return finished(*given)

    monkeypatch.setattr(network_run, "_finished", looked)
    gc.set_threshold(701, 10, 10)
    hwsim.run(tiny_network())
    assert (seen, gc.get_threshold()) == ([SELDOM], (701, 10, 10))
