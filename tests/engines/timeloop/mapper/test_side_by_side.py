"""Searches side by side: where one runs changes nothing of what it finds."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from hwsim.engines.timeloop.mapper import side_by_side
from hwsim.engines.timeloop.mapper.joint_search import WantedMapping, found_together
from hwsim.engines.timeloop.mapper.search import Search
from hwsim.engines.timeloop.mapper.side_by_side import SideBySide
from hwsim.engines.timeloop.spec import read_inputs, read_machine, read_problem
from hwsim.engines.timeloop.spec.constraints import read_constraints
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.errors import EngineError, InputError
from tests.engines.timeloop.mapper.designs import gemm, inputs

pytestmark = pytest.mark.skipif(os.name != "posix", reason="descriptors are passed on")


def wanted_for(m, *kept, budget=200, **design):
    stored = [{"target": "Spad", "type": "bypass", "keep": list(kept)}] if kept else []
    merged = read_inputs(inputs(gemm(m, 6, 8), stored, **design))
    problem = read_problem(merged)
    machine = read_machine(merged, [space.name for space in problem.data_spaces])
    constraints = read_constraints(merged, problem, machine)
    return WantedMapping(problem, machine, SparseOptimizations(), constraints, "edp", budget, 0)


WANTED, OTHER = wanted_for(12), wanted_for(20)


@pytest.fixture
def searches():
    made = SideBySide()
    yield made
    made.stop()
    made.close()


@pytest.fixture
def elsewhere(searches, monkeypatch):
    """Somebody searches here already, and to start a process is worth it."""
    monkeypatch.setattr(side_by_side, "_WORTH_A_PROCESS", 200)
    monkeypatch.setattr(side_by_side, "_IDLE_S", 3600.0)  # the machine may stand still
    with searches._here:
        yield searches


def test_one_at_a_time_needs_no_process(searches):
    assert searches.search([WANTED]) == found_together([WANTED])
    assert (searches._idle, searches._busy) == ([], set())
    assert not searches._here.locked()


@pytest.mark.outside
def test_another_process_finds_the_same_and_is_used_again(elsewhere):
    impossible = wanted_for(12, "A", "B", "Z", spad=2)  # no room for a word of each
    [refused] = found_together([impossible])
    assert isinstance(refused, InputError)
    assert elsewhere.search([WANTED]) == found_together([WANTED])
    [child] = elsewhere._idle
    one, told, other = elsewhere.search([WANTED, impossible, OTHER])
    assert [one, other] == found_together([WANTED, OTHER])
    assert isinstance(told, InputError)
    assert str(told) == str(refused)
    assert (elsewhere._idle, elsewhere._busy) == ([child], set())
    child.kill()  # for its memory, say
    assert elsewhere.search([WANTED]) == found_together([WANTED])
    assert (elsewhere._idle, elsewhere._busy) == ([], set())


def test_factors_may_leave_rests():
    wanted = wanted_for(13, spad=4096, pes=64, columns=8, budget=1500)
    [found] = found_together([wanted])
    assert found.counts_rests


def test_a_small_search_waits(searches):
    small = replace(WANTED, budget=side_by_side._WORTH_A_PROCESS - 1)
    with ThreadPoolExecutor(1) as pool:
        with searches._here:
            waiting = pool.submit(searches.search, [small])
            time.sleep(0.05)
            assert not waiting.done()
        assert waiting.result(60) == found_together([small])
    assert searches._idle == []


@pytest.mark.outside
def test_what_is_stopped_ends_at_once(elsewhere):
    assert elsewhere.search([WANTED]) == found_together([WANTED])
    long = replace(WANTED, budget=10_000_000)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(elsewhere.search, [long])
        while not elsewhere._busy:
            time.sleep(0.01)
        elsewhere.stop()
        with pytest.raises(EngineError, match=r"^the search of a mapping was ended$"):
            running.result(60)
    assert (elsewhere._idle, elsewhere._busy, elsewhere._ended) == ([], set(), set())


def test_what_is_searched_here_ends_as_soon(searches):
    long = replace(WANTED, budget=10_000_000)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(searches.search, [long, replace(long, seed=1)])
        while not searches._here.locked():
            time.sleep(0.01)
        time.sleep(0.1)
        searches.stop()
        with pytest.raises(EngineError, match=r"^the search of a mapping was ended$"):
            running.result(60)
    assert searches.search([WANTED]) == found_together([WANTED])


def test_without_room_for_a_process_it_is_searched_here(elsewhere, monkeypatch):
    def refuse(*_, **__):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(side_by_side, "ChildProcess", refuse)
    assert elsewhere.search([WANTED]) == found_together([WANTED])


def test_an_interrupted_search_is_none(monkeypatch):
    take_in = Search.take_in

    def interrupted(search, *given):
        take_in(search, *given)
        raise KeyboardInterrupt

    monkeypatch.setattr(Search, "take_in", interrupted)
    with pytest.raises(KeyboardInterrupt):
        found_together([WANTED])
