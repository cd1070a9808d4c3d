"""Runs that are looked up beside the same ones worked through event by event."""

import random
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from hwsim.engines.stonne.maeri.loops import Loops
from hwsim.engines.stonne.maeri.machine import MaeriMachine
from hwsim.engines.stonne.maeri.operation import Convolution, Tile
from hwsim.engines.stonne.maeri.placement import place
from hwsim.engines.stonne.maeri.reduction import reduce
from hwsim.engines.stonne.maeri.rules import refuse_unrunnable
from hwsim.engines.stonne.maeri.simulation import simulate_loops
from hwsim.engines.stonne.maeri.timing import DriftError, free_running, states_recur
from hwsim.engines.stonne.maeri.timing.event_loop import EventLoop
from hwsim.engines.stonne.maeri.timing.free_running import FreeRun
from hwsim.errors import InputError


def events_of(loops):
    placement = place(loops)
    return EventLoop(loops, placement, reduce(loops, placement), iterations=1)


def drawn(rng):
    """Give a small convolution in a tile, on a machine with a port for each multiplier."""
    num_ms = 2 ** rng.randint(1, 5)
    machine = MaeriMachine(num_ms, num_ms, 2 ** rng.randrange(num_ms.bit_length()), False)
    R, S, C, K, rows, columns = (rng.randint(1, most) for most in (3, 3, 12, 4, 4, 4))
    layer = Convolution(R, S, C, K, X=R + rows - 1, Y=S + columns - 1)
    sizes = R, S, min(C, 4), 1, K, 1, rows, columns
    return Loops(layer, Tile(*(rng.randint(1, size) for size in sizes)), machine)


def test_cycles_and_turns_are_those_of_the_events():
    rng, compared = random.Random(14), 0
    while compared < 60:
        loops = drawn(rng)
        try:
            refuse_unrunnable(loops)
        except InputError:
            continue
        if not states_recur(loops):
            continue
        begun, whole = events_of(loops), events_of(loops)
        run = FreeRun(begun)
        while not (begun.done or run.may_begin):
            begun.go_on()
        if begun.done:
            continue
        try:
            cycles = run.finish()
        except DriftError:
            continue
        while not whole.done:
            whole.go_on()
        found = cycles, begun.collection.turns()
        assert found == (whole.cycle, whole.collection.turns()), loops
        compared += 1


def test_one_neuron_takes_its_way_around_for_each_fold():
    # on 4 multipliers 2 products and the sum: 2 adders up, the bus, the memory, which hands the
    # sum on in the same cycle: 4 cycles a fold; after the last fold the next position at once
    machine = MaeriMachine(4, 4, 4, accumulates=False)
    cycles = [
        simulate_loops(Loops(Convolution(1, 1, 40, 1, Y=columns), Tile(C=2), machine)).cycles
        for columns in (10, 11, 20)
    ]
    assert cycles[1] - cycles[0] == 19 * 4 + 1
    assert cycles[2] - cycles[0] == 10 * (19 * 4 + 1)


def test_a_layer_of_resnet_18_is_looked_up():
    # 32 neurons of 192 folds at 98 positions, 602,112 outputs, were worked through event by event
    layer, machine = Convolution(3, 3, 64, 1, X=58, Y=58), MaeriMachine(128, 128, 128, False)
    loops = Loops(layer, Tile(S=3, X=4, Y=8), machine)
    assert simulate_loops(loops).cycles == 93_891


@pytest.mark.parametrize(("most", "positions"), [(3, 0), (40, 1)])
def test_states_that_do_not_recur_end_it(monkeypatch, most, positions):
    monkeypatch.setattr(free_running, "_MOST_VISITED", most)
    layer, machine = Convolution(1, 1, 35, 21, X=1, Y=40), MaeriMachine(128, 128, 128, False)
    events = events_of(Loops(layer, Tile(C=5, K=21), machine))
    run = FreeRun(events)
    while not run.may_begin:
        events.go_on()
    cycle = events.cycle
    with pytest.raises(DriftError) as caught:
        run.finish()
    assert caught.value.positions >= positions
    assert events.cycle == cycle  # from where the events can go on


def test_threads_share_states_without_harm():
    """Each thread once found states that another had begun to number."""
    machine = MaeriMachine(8, 8, 8, accumulates=False)
    layers = [Convolution(1, 1, 30 + 3 * number, 2, X=3, Y=3) for number in range(8)]

    def cycles(layer):
        return simulate_loops(Loops(layer, Tile(C=3, K=2), machine)).cycles

    alone = [cycles(layer) for layer in layers]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(12):
            free_running.network_of.cache_clear()
            with ThreadPoolExecutor(4) as pool:
                assert list(pool.map(cycles, layers)) == alone
    finally:
        sys.setswitchinterval(interval)


def test_many_states_are_forgotten(monkeypatch):
    machine = MaeriMachine(8, 8, 8, accumulates=False)
    loops = Loops(Convolution(1, 1, 30, 2, X=3, Y=3), Tile(C=3, K=2), machine)
    kept = simulate_loops(loops).cycles
    monkeypatch.setattr(free_running, "_KEPT_STATES", 0)
    other = Loops(Convolution(1, 1, 33, 2, X=3, Y=3), Tile(C=3, K=2), machine)
    assert simulate_loops(other).cycles > kept
    assert simulate_loops(loops).cycles == kept
