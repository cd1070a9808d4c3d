"""What saves events: the same loops worked through without it, and how much is saved."""

import random
from collections import Counter

import pytest

from hwsim.engines.stonne.maeri.loops import Loops
from hwsim.engines.stonne.maeri.machine import MaeriMachine
from hwsim.engines.stonne.maeri.operation import Convolution, Tile
from hwsim.engines.stonne.maeri.placement import place
from hwsim.engines.stonne.maeri.reduction import reduce
from hwsim.engines.stonne.maeri.rules import refuse_unrunnable
from hwsim.engines.stonne.maeri.timing.event_loop import EventLoop
from hwsim.engines.stonne.maeri.timing.neurons import Neuron
from hwsim.engines.stonne.maeri.timing.periods import Periods
from hwsim.errors import InputError

_MOST_OUTPUTS = 1200
_FEW = 40


def drawn(rng):
    """Give a small convolution in a tile on a machine, of any kind that has events."""
    num_ms = 2 ** rng.randint(2, 5)
    ports = [2 ** rng.randrange(num_ms.bit_length()) for _ in range(2)]
    machine = MaeriMachine(num_ms, *ports, accumulates=rng.random() < 0.3)
    most = 3, 3, 5, 4
    R, S, C, K = (rng.randint(1, size) for size in most)
    N = rng.choice([1, 1, 2])
    if rng.random() < 0.3:  # whole rows repeat
        more = rng.randint(10, 30), rng.randint(1, 4)
    else:
        more = rng.randint(1, 8), rng.randint(3, 15)
    layer = Convolution(R, S, C, K, N=N, X=R + more[0], Y=S + more[1])
    sizes = [rng.randint(1, size) for size in (R, S, C, K)]
    if rng.random() < 0.5:
        sizes[1] = S  # so that multipliers hand activations on
    outputs = [rng.choice([1, 1, 2]) for _ in range(2)]
    return Loops(layer, Tile(*sizes[:3], 1, sizes[3], rng.choice([1, N]), *outputs), machine)


def loops_that_run(seed, number):
    """Give loops of few outputs, with what the event loop needs, and their cycles."""
    rng, found = random.Random(seed), []
    while len(found) < number:
        loops = drawn(rng)
        if loops.iterations * loops.steps * loops.tile.neurons > _MOST_OUTPUTS:
            continue
        try:
            refuse_unrunnable(loops)
            placement = place(loops)
            laid_out = loops, placement, reduce(loops, placement)
            found.append((laid_out, worked_through(laid_out)))
        except InputError:
            continue
    return found


def worked_through(laid_out):
    events = EventLoop(*laid_out)
    while not events.done:
        events.go_on()
    return events.cycle, events.collection.turns()


@pytest.fixture(scope="module")
def some():
    return loops_that_run(14, 130)


def test_what_is_cut_out_changes_nothing(some):
    cut, outputs = Counter(), 0
    for laid_out, expected in some:
        loops = laid_out[0]
        events = EventLoop(*laid_out)
        periods, jumped = Periods(events), False
        while not events.done:
            events.go_on()
            if events.finished_position:
                before = events.cycle
                periods.look()
                jumped |= events.cycle != before
        assert (events.cycle, events.collection.turns()) == expected, loops
        cut[loops.forwards, loops.sums_return, loops.one_after_the_other] += jumped
        outputs += events.outputs
    assert len(cut) == 8
    assert min(cut.values()) >= 1, cut
    assert outputs == 16_219  # as many as they were: what finds less makes a search longer


def test_bounds_of_products_change_nothing(some, monkeypatch):
    asked = Counter()
    early = Neuron._early

    def counted(neuron, *step):
        found = early(neuron, *step)
        asked[found] += 1
        return found

    monkeypatch.setattr(Neuron, "_early", counted)
    for laid_out, _ in some[:_FEW]:
        worked_through(laid_out)
    monkeypatch.setattr(Neuron, "_early", lambda neuron, *step: False)
    assert all(worked_through(laid_out) == expected for laid_out, expected in some[:_FEW])
    assert asked == {True: 7_560, False: 12_016}


def test_products_that_are_never_last_are_left_out(some, monkeypatch):
    def slots(laid_out):
        return sum(len(neuron.slots) for neuron in EventLoop(*laid_out).neurons)

    kept = sum(slots(laid_out) for laid_out, _ in some)
    monkeypatch.setattr(Neuron, "without_links", lambda neuron: None)
    assert (sum(slots(laid_out) for laid_out, _ in some), kept) == (1_040, 754)
    assert all(worked_through(laid_out) == expected for laid_out, expected in some[:_FEW])
