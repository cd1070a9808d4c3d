"""When the products of a neuron are there, by hand: one multiplier on one port."""

import pytest

from hwsim.engines.stonne.maeri.timing.neurons import Neuron, Slot, Step
from hwsim.engines.stonne.maeri.timing.streams import Streams

FIRST = Step(iteration=0, row=0, column=0, fold=0)


@pytest.fixture
def neuron():
    # a weight, then an activation, in each of two iterations that begin in cycles 1 and 10
    streams = Streams(
        folds=1, columns=1, weights=[1], first=[1], later=[0], row=[1], iteration=[2],
        offsets=[[]], starts=[[]],
    )  # fmt: skip
    streams.begin(1, idle=True)
    streams.begin(10, idle=True)
    slot = Slot(port=0, weight=0, first=0, later=0, hops=1)
    return Neuron(streams, switched=0, slots=[slot], chains=[[slot]])


def test_a_product_waits_for_the_last_row_of_its_multiplier(neuron):
    assert neuron.ready(FIRST, linked=True, at_least=0) == 3  # sent in cycle 2, and an adder
    assert neuron.late_ports == [0]
    neuron.end = [[1]]  # worked in the cycle before: nobody waits
    assert neuron.ready(FIRST, linked=True, at_least=0) == 3
    assert neuron.late_ports == [0]
    neuron.end = [[5]]  # a cycle later, and an adder
    assert neuron.ready(FIRST, linked=True, at_least=0) == 7
    assert neuron.late_ports == [-1]


@pytest.mark.parametrize(("sum_there", "ready", "late"), [(2, 3, [0]), (3, 3, [0]), (4, 4, [])])
def test_a_port_decides_unless_the_sum_comes_later(neuron, sum_there, ready, late):
    assert neuron.ready(FIRST, linked=True, at_least=sum_there) == ready
    assert neuron.late_ports == late


@pytest.mark.parametrize(("worked", "early"), [(9, False), (10, True), (11, True)])
def test_weights_may_not_come_in_the_cycle_in_which_the_last_are_used(neuron, worked, early):
    neuron.end = [[worked]]
    assert neuron.weights_come_early(FIRST._replace(iteration=1)) is early
