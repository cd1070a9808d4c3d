"""Times of events beside the fabric stepped cycle by cycle, and periods that are cut out."""

import random

import pytest

import hwsim
from hwsim.engines.stonne.files.settings import StonneSettings
from hwsim.engines.stonne.maeri.loops import Loops
from hwsim.engines.stonne.maeri.machine import MaeriMachine
from hwsim.engines.stonne.maeri.operation import Convolution, Tile
from hwsim.engines.stonne.maeri.placement import place
from hwsim.engines.stonne.maeri.reduction import reduce
from hwsim.engines.stonne.maeri.timing.event_loop import EventLoop
from hwsim.engines.stonne.maeri.timing.periods import last_receipt
from hwsim.engines.stonne.operations import report_operation
from hwsim.errors import InputError


def drawn(seed):
    """Give a small convolution in a tile as the command line says it."""
    rng = random.Random(seed)
    R, S, C, K, rows, columns = (rng.randint(1, most) for most in (3, 3, 4, 4, 4, 5))
    num_ms = 2 ** rng.randint(2, 5)
    params = {"R": R, "S": S, "C": C, "K": K, "X": R + rows - 1, "Y": S + columns - 1,
              "num_ms": num_ms, "dn_bw": 2 ** rng.randint(0, 2), "rn_bw": 2 ** rng.randint(0, 2),
              "accumulation_buffer": rng.randint(0, 1)}  # fmt: skip
    sizes = {"T_R": R, "T_S": S, "T_C": C, "T_K": K, "T_X_": rows, "T_Y_": columns}
    return {**params, **{name: rng.choice([1, rng.randint(1, n)]) for name, n in sizes.items()}}


def test_events_are_those_of_the_fabric_stepped_cycle_by_cycle():
    compared = 0
    for seed in range(40):
        params = drawn(seed)
        try:
            ours = hwsim.simulate_stonne("CONV", params).cycles
        except InputError:
            continue
        if ours < 400:
            compared += 1
            assert report_operation(StonneSettings.of("CONV", params)).cycles == ours, params
    assert compared >= 8


@pytest.mark.parametrize(
    ("tile", "machine"),
    [
        (Tile(R=3, S=3), MaeriMachine(32, 8, 4, accumulates=False)),
        (Tile(R=3, S=3, K=2), MaeriMachine(32, 8, 4, accumulates=True)),
        (Tile(S=3, C=2), MaeriMachine(16, 4, 2, accumulates=False)),
        (Tile(R=3, S=3), MaeriMachine(16, 2, 1, accumulates=False)),
        (Tile(R=3, S=1, K=2, X=2), MaeriMachine(32, 32, 32, accumulates=False)),
    ],
)
def test_periods_are_cut_out_and_change_nothing(tile, machine):
    layer = Convolution(3, 3, 4, 4, X=10, Y=17)
    loops = Loops(layer, tile, machine)
    placement = place(loops)
    reduction = reduce(loops, placement)
    events = EventLoop(loops, placement, reduction, iterations=1)
    steps = 0
    while not events.done:
        events.go_on()
        steps += 1
    short = EventLoop(loops, placement, reduction, iterations=1)
    gone_on, short_steps = short.go_on, [0]

    def counted():
        short_steps[0] += 1
        gone_on()

    short.go_on = counted
    assert last_receipt(short) == events.cycle
    assert short_steps[0] < 0.8 * steps
