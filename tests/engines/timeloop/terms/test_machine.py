"""How instances of one level share those of the next, by hand."""

from dataclasses import replace

from hwsim.engines.timeloop.spec import read_inputs, read_machine
from hwsim.engines.timeloop.terms.machine import Interconnect, Machine, RampUp
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


def test_timeloop_has_no_waits_and_no_ports():
    plain = machine(4)
    assert plain.as_timeloop_has_it() is plain
    spad, *outer = plain.levels
    ports = Machine(plain.compute, (replace(spad, ports={"A": (1.0, 2.0)}), *outer))
    assert ports.as_timeloop_has_it() == plain
    assert Machine(plain.compute, plain.levels, RampUp(1, "A", {})).as_timeloop_has_it() == plain


def test_levels_are_found_by_name():
    assert [machine(4).level_number(name) for name in ("Spad", "GLB", "DRAM", "L2")] == [
        *(0, 1, 2),
        None,
    ]
