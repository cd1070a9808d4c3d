"""A small GEMM whose accesses can be counted by hand."""

import pytest

import hwsim
from hwsim.errors import InputError
from tests.engines.timeloop.designs import gemm, spatial, table, temporal, three_levels


def evaluate(mapping, problem=None, instances=1, **rest):
    inputs = {
        "architecture": three_levels(instances, **rest.pop("machine", {})),
        "problem": problem or gemm(4, 6, 8),
        "mapping": mapping,
        "ERT": table(instances),
        **rest,
    }
    return hwsim.evaluate_timeloop(inputs)


def test_output_stationary_reads_every_operand_for_every_operation():
    mapping = [
        temporal("DRAM", "M=4 N=6 K=1"),
        temporal("GLB", "M=1 N=1 K=1"),
        temporal("Spad", "M=1 N=1 K=8"),
    ]
    result = evaluate(mapping)
    spad = result.levels["Spad"]
    assert result.cycles == 4 * 6 * 8
    assert spad["A"]["Scalar reads (per-instance)"] == 192
    assert spad["Z"]["Scalar updates (per-instance)"] == 192
    assert spad["Z"]["Scalar reads (per-instance)"] == 192 - 24  # the first write needs no read
    assert spad["Z"]["Scalar fills (per-instance)"] == 0
    # M runs innermost at DRAM: A's row changes every step, B's column stays for the four of them
    assert spad["A"]["Scalar fills (per-instance)"] == 24 * 8
    assert spad["B"]["Scalar fills (per-instance)"] == 6 * 8
    assert result.levels["DRAM"]["B"]["Scalar reads (per-instance)"] == 48


def test_energy_is_accesses_times_prices():
    mapping = [
        temporal("DRAM", "M=4 N=6 K=8"),
        temporal("GLB", "M=1 N=1 K=1"),
        temporal("Spad", "M=1 N=1 K=1"),
    ]
    result = evaluate(mapping)
    total = 2.0 * 192
    for level, price in (("DRAM", 100.0), ("GLB", 10.0), ("Spad", 1.0)):
        for space in ("A", "B", "Z"):
            labels = result.levels[level][space]
            accesses = sum(
                labels[f"Scalar {action} (per-instance)"]
                for action in ("reads", "fills", "updates")
            )
            assert labels["Energy (total)"] == pytest.approx(price * accesses)
            total += price * accesses
    assert result.energy_pj == pytest.approx(total)


def test_multicast_reads_once_for_all_receivers():
    mapping = [
        temporal("DRAM", "M=1 N=6 K=1"),
        spatial("GLB", "M=4 N=1 K=1"),
        temporal("GLB", "M=1 N=1 K=1"),
        temporal("Spad", "M=1 N=1 K=8"),
    ]
    result = evaluate(mapping, instances=4)
    assert result.cycles == 48
    assert result.utilization == pytest.approx(100)
    assert result.levels["GLB"]["B"]["Scalar reads (per-instance)"] == 48
    assert result.levels["GLB"]["A"]["Scalar reads (per-instance)"] == 32
    assert result.levels["Spad"]["B"]["Scalar fills (per-instance)"] == 48


def test_spatial_reduction_updates_once():
    mapping = [
        temporal("DRAM", "M=4 N=6 K=1"),
        spatial("GLB", "M=1 N=1 K=8"),
        temporal("GLB", "M=1 N=1 K=1"),
        temporal("Spad", "M=1 N=1 K=1"),
    ]
    result = evaluate(mapping, instances=8)
    assert result.levels["GLB"]["Z"]["Scalar updates (per-instance)"] == 24


def test_bypassed_level_has_no_figures_and_its_parent_serves_the_child():
    mapping = [
        temporal("DRAM", "M=4 N=6 K=1"),
        temporal("GLB", "M=1 N=1 K=1"),
        temporal("Spad", "M=1 N=1 K=8"),
        {"target": "GLB", "type": "bypass", "bypass": ["A"]},
    ]
    result = evaluate(mapping)
    assert "A" not in result.levels["GLB"]
    assert result.levels["DRAM"]["A"]["Scalar reads (per-instance)"] == 192


def test_bandwidth_stretches_the_run():
    mapping = [
        temporal("DRAM", "M=4 N=6 K=1"),
        temporal("GLB", "M=1 N=1 K=1"),
        temporal("Spad", "M=1 N=1 K=8"),
    ]
    free = evaluate(mapping)
    reads = sum(
        free.levels["DRAM"][space]["Scalar reads (per-instance)"] for space in ("A", "B", "Z")
    )
    result = evaluate(mapping, machine={"read_bandwidth": 0.5})
    assert free.cycles == 192
    assert result.cycles == reads * 2
    assert result.levels["DRAM"]["Bandwidth throttling"] == pytest.approx(192 / result.cycles)


def test_zero_factor_takes_the_rest():
    mapping = [
        temporal("DRAM", "M=0 N=0 K=0"),
        temporal("GLB", "M=2 N=1 K=1"),
        temporal("Spad", "M=1 N=1 K=4"),
    ]
    assert evaluate(mapping).cycles == 192


def test_residual_factor_shortens_the_last_round():
    mapping = [
        temporal("DRAM", "M=1 N=1 K=3"),
        temporal("GLB", "M=4 N=6 K=1"),
        temporal("Spad", "M=1 N=1 K=3,2"),
    ]
    result = evaluate(mapping)
    assert result.cycles == 3 * 24 * 3  # Timeloop counts whole rounds
    # and lets the second round stand for the last: 3 of K each time
    assert result.levels["DRAM"]["A"]["Scalar reads (per-instance)"] == 36


def test_tile_that_does_not_fit_is_refused():
    mapping = [
        temporal("DRAM", "M=1 N=1 K=1"),
        temporal("GLB", "M=4 N=6 K=1"),
        temporal("Spad", "M=1 N=1 K=8"),
    ]
    with pytest.raises(InputError) as caught:
        evaluate(mapping, machine={"depth": 32})
    assert str(caught.value) == (
        "GLB: the mapped tiles of 104 words exceed its capacity of 32 words; choose smaller "
        "factors inside or bypass a data space"
    )


def test_activity_names_levels_and_data_spaces():
    mapping = [
        temporal("DRAM", "M=4 N=6 K=1"),
        temporal("GLB", "M=1 N=1 K=1"),
        temporal("Spad", "M=1 N=1 K=8"),
    ]
    activity = evaluate(mapping).activity
    assert activity.engine == "sparseloop"
    assert activity.by_action()["Spad", "A", "reads"] == 192
    assert activity.by_action()["MAC", "MAC", "computes"] == 192
    assert activity.instances["DRAM", "Z"] == 1
    assert activity.macs == activity.effectual_macs == 192
