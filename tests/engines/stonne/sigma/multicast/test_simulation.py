"""The published machine in closed form against itself word by word, and by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.activity import ACTIVATIONS, OUTPUTS, PARTIAL_SUMS, WEIGHTS, ActionKey, Activity
from hwsim.arch import Arch, load_arch
from hwsim.engines.stonne.sigma.engine import SigmaEngine
from hwsim.engines.stonne.sigma.multicast import words
from hwsim.engines.stonne.sigma.multicast.sizes import MulticastSizes
from hwsim.errors import InputError
from hwsim.workload import Activations, Workload
from tests.engines.stonne.sigma.multicast import literal

powers = st.integers(0, 4).map(lambda exponent: 2**exponent)


def machine(num_ms: int, dn_bw: int, rn_bw: int, stream_bw: int) -> Arch:
    sizes = {"num_ms": num_ms, "dn_bw": dn_bw, "rn_bw": rn_bw, "stream_bw": stream_bw}
    return load_arch("sigma-hpca2020", sizes)


def counted(activity: Activity, unit: str, component: str, action: str, operand: str = "") -> float:
    return activity.counts[ActionKey(unit, component, action, operand)]


def told(activity: Activity) -> dict[str, float]:
    """The activity in the words of the literal machine."""
    read = ("GlobalBuffer", "GLOBALBUFFER", "READ")
    written = ("GlobalBuffer", "GLOBALBUFFER", "WRITE")
    wire, switch = ("DSNetwork", "DN_WIRE", "WRITE"), ("DSNetwork", "SWITCH")
    products = counted(activity, "MSNetwork", "MULTIPLIER", "MULTIPLICATION")
    tree = counted(activity, "ReduceNetwork", "RN_WIRE", "WRITE", PARTIAL_SUMS)
    statistics = activity.statistics
    return {
        "cycles": activity.cycles,
        "loading": float(statistics["Loading_cycles"]),
        "streaming": float(statistics["Streaming_cycles"]),
        "reduction": float(statistics["Reduction_cycles"]),
        "folds": float(statistics["N_reconfigurations"]),
        "loaded": counted(activity, *read, WEIGHTS),
        "weight wires": counted(activity, *wire, WEIGHTS),
        "reads": counted(activity, *read, ACTIVATIONS),
        "wires": counted(activity, *wire, ACTIVATIONS),
        "unicast": counted(activity, *switch, "ROUTE_UNICAST", ACTIVATIONS),
        "broadcast": counted(activity, *switch, "ROUTE_BROADCAST", ACTIVATIONS),
        "products": products,
        "sums passed on": tree - products,
        "additions": counted(activity, "ReduceNetwork", "ADDER", "ADD_2_1"),
        "written": counted(activity, "CollectionBus", "CB_WIRE", "WRITE", PARTIAL_SUMS),
        "finished": counted(activity, *written, OUTPUTS),
        "returned": counted(activity, *read, PARTIAL_SUMS),
    }


@settings(deadline=None)
@given(data=st.data())
def test_counts_and_cycles_are_those_of_the_literal_machine(data: st.DataObject) -> None:
    num_ms = data.draw(st.integers(1, 4).map(lambda exponent: 2**exponent))
    dn_bw = min(num_ms, data.draw(powers))
    rn_bw = min(num_ms, data.draw(powers))
    arch = machine(num_ms, dn_bw, rn_bw, data.draw(st.integers(1, 9)))
    groups, rows, K = (data.draw(st.integers(1, most)) for most in (2, 5, 12))
    columns = data.draw(st.integers(1, 4))
    random = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    weights = random.random((groups, rows, K)) < data.draw(st.sampled_from([0.1, 0.5, 1]))
    stream = random.random((groups, columns, K)) < data.draw(st.sampled_from([0.1, 0.5, 1]))

    workload = Workload("gemm", weights, columns, activations=Activations(nonzeros=stream))
    activity = SigmaEngine().simulate(workload, arch)
    slow = literal.run(weights, stream, MulticastSizes.of(arch))
    assert told(activity) == {name: slow[name] for name in told(activity)}

    assert activity.macs == groups * rows * K * columns
    assert activity.effectual_macs == np.count_nonzero(weights) * columns
    assert activity.utilization == slow["products"] / (num_ms * activity.cycles)
    pushes = ("MSNetwork", "FIFO", "PUSH")
    for operand, name in (
        (WEIGHTS, "loaded"),
        (ACTIVATIONS, "products"),
        (PARTIAL_SUMS, "products"),
    ):
        assert counted(activity, *pushes, operand) == slow[name]
    assert counted(activity, "MSNetwork", "MULTIPLIER", "CONFIGURATION") == slow["loaded"]
    levels = MulticastSizes.of(arch).benes_levels
    unicast = counted(activity, "DSNetwork", "SWITCH", "ROUTE_UNICAST", WEIGHTS)
    assert unicast == slow["loaded"] * levels
    queues = counted(activity, "ReduceNetwork", "FIFO", "PUSH", PARTIAL_SUMS)
    assert queues == slow["products"] + 2 * slow["sums passed on"] + slow["written"]
    assert counted(activity, "CollectionBus", "FIFO", "PUSH", PARTIAL_SUMS) == slow["written"]
    partial = counted(activity, "GlobalBuffer", "GLOBALBUFFER", "WRITE", PARTIAL_SUMS)
    assert partial == slow["returned"]


def test_a_small_product_by_hand() -> None:
    # Blocks of two k. The first: a0, a1, b0, c1 in one fold of four; the second: a2 and b2, c2.
    weights = np.array([[[1, 1, 1], [1, 0, 1], [0, 1, 1]]], dtype=bool)
    stream = np.array([[[1, 1, 0], [1, 0, 1]]], dtype=bool)
    activity = SigmaEngine().simulate(
        Workload("gemm", weights, 2, activations=Activations(nonzeros=stream)), machine(4, 2, 4, 2)
    )
    assert told(activity) == {
        # loading 2 + 2, two vectors past each fold, a multiplication and two levels of adders
        "cycles": 4 + 4 + 6,
        "loading": 4,
        "streaming": 4,
        "reduction": 6,
        "folds": 2,
        "loaded": 7,
        # the bus, and three levels of a Benes network for two multipliers
        "weight wires": 7 * 4,
        # first fold: k 0 and 1, then 0; second fold: nothing, then k 2
        "reads": 2 + 1 + 1,
        # first fold: k 0 to both Flex-DPEs twice, k 1 to both once: six words into one multiplier
        # each, four wires; second fold: k 2 to two multipliers of the first and one of the second
        "wires": 6 * 4 + (1 + 2 + 2) + 4,
        "unicast": 6 * 3 + 2 + 3,
        "broadcast": 1,
        "products": 9,
        # a0 + a1 in the first adder, b0 and c1 share the second; the sums leave at once
        "sums passed on": 0,
        # one of the first fold a vector, and three sums that come back a vector
        "additions": 2 + 6,
        "written": 12,
        "finished": 6,
        "returned": 6,
    }
    assert activity.utilization == 9 / (4 * 14)
    assert activity.statistics["Dataflow"] == "MK_STA_KN_STR"
    assert activity.statistics["Total_cycles"] == 14
    assert activity.statistics["N_SRAM_weight_reads"] == 7
    assert activity.statistics["N_SRAM_input_reads"] == 4
    assert activity.statistics["N_SRAM_psum_reads"] == 6
    assert activity.statistics["N_SRAM_psum_writes"] == 12
    assert activity.statistics["STA_sparsity"] == 22  # 2 of 9
    assert activity.statistics["STR_sparsity"] == 33  # 2 of 6
    assert activity.instances == {
        ("DSNetwork", "DN_WIRE"): 2 * 3 * 2 + 4,
        ("DSNetwork", "SWITCH"): 2 * 3 * 2,
        ("MSNetwork", "MULTIPLIER"): 4,
        ("MSNetwork", "FIFO"): 12,
        ("ReduceNetwork", "RN_WIRE"): 6,
        ("ReduceNetwork", "ADDER"): 3,
        ("ReduceNetwork", "FIFO"): 3,
        ("GlobalBuffer", "GLOBALBUFFER"): 1,
        ("CollectionBus", "CB_WIRE"): 4,
        ("CollectionBus", "FIFO"): 4,
    }
    assert all(isinstance(number, int) for number in activity.instances.values())


def test_levels_of_the_trees_by_hand() -> None:
    # One block: a0, a1, a2 and b0 in the first fold, b2, c1 and c2 in the second.
    weights = np.array([[[1, 1, 1], [1, 0, 1], [0, 1, 1]]], dtype=bool)
    activity = SigmaEngine().simulate(Workload("gemm", weights, 2), machine(4, 2, 4, 4))
    expected = {
        # of two vectors: words to multipliers, to Flex-DPEs (k 0, 1 | 2, 0, then 2, 1 | 2), reads
        ("DN_WIRE", "WRITE"): (2 * 7, 2 * (4 + 3), 2 * (3 + 2)),
        # products; a0 + a1, a2, c1 and c2 go on to the root
        ("RN_WIRE", "WRITE"): (2 * 7, 2 * 4, 0),
        # the same, and where they came from: six results of the first level, two of the root
        ("FIFO", "PUSH"): (2 * 7, 2 * (4 + 6), 2 * 2),
        # a0 + a1, then a2 to it and c1 + c2, and b's first sum to its second
        ("ADDER", "ADD_2_1"): (2 * 1, 2 * (2 + 1)),
    }
    levels = {key[1:3]: spread for key, spread in activity.levels.items()}
    assert {key: levels[key] for key in expected} == expected


def test_a_share_of_zeros_scales_what_streams_and_leaves_the_cycles() -> None:
    weights = np.random.default_rng(0).random((2, 9, 40)) < 0.4
    arch = machine(16, 4, 16, 8)
    dense = SigmaEngine().simulate(Workload("gemm", weights, 5), arch)
    sparse = SigmaEngine().simulate(
        Workload("gemm", weights, 5, activations=Activations(0.25)), arch
    )
    assert sparse.cycles == dense.cycles
    scaled = {"reads", "wires", "unicast", "broadcast", "products"}
    for name, count in told(sparse).items():
        expected = told(dense)[name] * (0.25 if name in scaled else 1)
        assert count == pytest.approx(expected, rel=1e-12), name
    assert sparse.statistics["STR_sparsity"] == 75
    assert all(isinstance(count, int) for count in dense.counts.values())


def test_a_product_without_values_takes_the_cycle_in_which_that_is_found() -> None:
    activity = SigmaEngine().simulate(
        Workload("gemm", np.zeros((1, 3, 4), bool), 7), machine(4, 2, 4, 2)
    )
    assert activity.cycles == 1
    assert activity.utilization == 0
    assert not any(activity.counts.values())
    assert activity.statistics["STA_sparsity"] == 100
    nothing = Activations(nonzeros=np.zeros((1, 7, 4), bool))
    activity = SigmaEngine().simulate(
        Workload("gemm", np.ones((1, 3, 4), bool), 7, activations=nothing), machine(4, 2, 4, 2)
    )
    assert activity.cycles == 1
    assert activity.statistics["STR_sparsity"] == 100


def test_values_that_meet_zeros_only_are_not_loaded() -> None:
    weights = np.ones((1, 4, 8), bool)
    stream = np.zeros((1, 3, 8), bool)
    stream[0, 1, 5] = True
    activity = SigmaEngine().simulate(
        Workload("gemm", weights, 3, activations=Activations(nonzeros=stream)), machine(4, 4, 4, 8)
    )
    assert activity.statistics["N_SRAM_weight_reads"] == 4
    assert activity.statistics["STA_sparsity"] == 87  # 28 of 32
    assert activity.cycles == 1 + 3 + 3


def test_large_matrices_are_looked_at_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = np.random.default_rng(1).random((3, 11, 50)) < 0.5
    workload = Workload("gemm", weights, 4)
    whole = SigmaEngine().simulate(workload, machine(32, 8, 32, 8))
    monkeypatch.setattr(words, "_AT_ONCE", 11 * 8 * 2)
    assert SigmaEngine().simulate(workload, machine(32, 8, 32, 8)) == whole
    monkeypatch.setattr(words, "_AT_ONCE", 1)
    assert SigmaEngine().simulate(workload, machine(32, 8, 32, 8)) == whole


def test_a_slip_of_a_parameter_is_refused(tmp_path: Path) -> None:
    spec = tmp_path / "mine.yaml"
    spec.write_text(
        "schema: 1\nextends: sigma-hpca2020\nname: mine\nparameters:\n"
        "  steam_bw: {value: 8, unit: x, minimum: 1, maximum: 64, meaning: none}\n"
    )
    with pytest.raises(InputError, match="nothing uses parameter 'steam_bw'; did you mean"):
        SigmaEngine().check(load_arch(spec))


def test_ports_have_no_width_of_the_stream() -> None:
    settings = {"distribution": "ports", "num_ms": 256}
    SigmaEngine().check(load_arch("sigma-hpca2020", settings))
    with pytest.raises(InputError) as refusal:
        SigmaEngine().check(load_arch("sigma-hpca2020", {**settings, "stream_bw": 64}))
    assert str(refusal.value) == (
        "arch 'sigma-hpca2020 (distribution=ports, num_ms=256, stream_bw=64)': stream_bw says "
        "nothing of ports; set distribution=multicast"
    )


def test_the_stream_is_as_wide_as_the_memory_unless_the_spec_says_more() -> None:
    weights = np.ones((1, 4, 8), bool)
    plain = load_arch("sigma", {"num_ms": 32, "dn_bw": 4, "distribution": "multicast"})
    assert MulticastSizes.of(plain) == (32, 4, 32, 4)
    activity = SigmaEngine().simulate(Workload("gemm", weights, 10), plain)
    assert activity.statistics["N_reconfigurations"] == 2
    wide = machine(32, 4, 32, 8)
    activity = SigmaEngine().simulate(Workload("gemm", weights, 10), wide)
    assert activity.statistics["N_reconfigurations"] == 1
    assert activity.cycles == 8 + 10 + 1 + 5


@pytest.mark.parametrize("words_a_cycle", [1, 65536])
def test_the_widths_that_a_stream_can_have(words_a_cycle: int) -> None:
    assert MulticastSizes.of(machine(4, 2, 4, words_a_cycle)).stream_bw == words_a_cycle


@pytest.mark.parametrize("words_a_cycle", [0, 65537])
def test_a_stream_of_no_width_is_refused(words_a_cycle: int, tmp_path: Path) -> None:
    spec = tmp_path / "mine.yaml"
    spec.write_text(
        "schema: 1\nextends: sigma-hpca2020\nname: mine\nparameters:\n"
        f"  stream_bw: {{value: {words_a_cycle}, minimum: 0, maximum: 70000}}\n"
    )
    with pytest.raises(InputError) as refusal:
        SigmaEngine().check(load_arch(spec))
    assert str(refusal.value) == (
        f"arch 'mine' ({spec}, line 5): stream_bw must be in the range [1, 65536] on this "
        f"machine. Got {words_a_cycle}"
    )
