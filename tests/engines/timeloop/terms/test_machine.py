"""How instances of one level share those of the next, by hand."""

from hwsim.engines.timeloop.spec import read_inputs, read_machine
from hwsim.engines.timeloop.terms.machine import Interconnect
from tests.engines.timeloop.designs import gemm, table, temporal, three_levels


def machine(instances):
    inputs = {
        "architecture": three_levels(instances),
        "problem": gemm(1, 1, 1),
        "mapping": [temporal("DRAM", "M=1 N=1 K=1")],
        "ERT": table(instances),
    }
    return read_machine(read_inputs(inputs), ["A", "B", "Z"])


def test_children_of_each_level():
    found = machine(4)
    assert [level.name for level in found.levels] == ["Spad", "GLB", "DRAM"]
    assert [found.fanout(level) for level in range(3)] == [(1, 1), (4, 1), (1, 1)]
    assert [found.has_fanout(level) for level in range(3)] == [False, True, False]
    assert not any(machine(1).has_fanout(level) for level in range(3))


def test_a_network_of_which_nothing_is_said_is_free():
    bus = Interconnect("bus")
    assert (bus.kind, bus.word_bits, bus.fill_latency, bus.drain_latency) == ("Legacy", 16, 0, 0)
    assert (bus.router_energy, bus.ingress_energy, bus.wire_energy, bus.adder_energy) == (0,) * 4
    assert (bus.energy_per_hop, bus.tile_width, bus.factor_argument) == (None, None, None)
    assert (bus.distributes, bus.by_data_space, bus.implied) == (False, False, False)
    assert (bus.action, bus.table, bus.bits) == ("", {}, {})
    assert Interconnect("GLB <==> MAC").implied
