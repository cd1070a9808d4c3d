"""The mesh with MAERI's tree of adders behind it, as the real program runs it."""

import json
from hashlib import sha256

import pytest

import hwsim
from hwsim.engines.stonne.files.settings import StonneSettings
from hwsim.engines.stonne.operations import report_operation
from hwsim.errors import InputError
from tests.measured import golden_folder

MESH = {"ms_rows": 2, "ms_cols": 2, "num_ms": 4, "dn_bw": 4, "rn_bw": 4, "rn_type": "ASNETWORK"}


def run(**given):
    return hwsim.simulate_stonne("DenseGEMM", {"M": 1, "N": 1, "K": 1, **MESH, **given})


def refusal(**given):
    with pytest.raises(InputError) as caught:
        run(**given)
    return str(caught.value)


def test_files_are_those_of_the_real_program():
    lines = (golden_folder("stonne_files") / "mesh_with_tree.jsonl").read_text(encoding="utf-8")
    runs = [json.loads(line) for line in lines.splitlines()]
    assert len(runs) >= 30
    for each in runs:
        report = report_operation(StonneSettings.of(each["operation"], each["params"]))
        for name, text in (("stats", report.stats_text()), ("counters", report.counters_text())):
            assert sha256(text.encode()).hexdigest()[:32] == each[name], (name, each["params"])


def test_a_product_takes_an_adder_longer_than_without_a_tree():
    # configured, sent, multiplied in the cycle of its sending, adder, accumulator, bus, memory
    assert run().cycles == 1 + 1 + 4
    assert run(rn_type="TEMPORALRN").cycles == 1 + 1 + 3
    assert run(accumulation_buffer=0).cycles == 1 + 1 + 3
    assert run(K=9).cycles == 1 + 9 + 4


def test_passes_that_begin_alike_are_stepped_once_and_count_as_often_as_they_come():
    one, many = run(K=3), run(K=3, M=40, N=50)
    assert many.cycles == 2000 * one.cycles
    times = {key: 2000 * count for key, count in one.activity.by_action().items()}
    assert many.activity.by_action() == times
    assert many.activity.macs == 6000
    assert many.activity.utilization == one.activity.utilization == 3 / (4 * one.cycles)
    assert many.activity.statistics["N_reconfigurations"] == 2000


def test_two_rows_have_an_adder_each_and_two_columns_share_one():
    # leaves 0 and 2 are below adders 0 and 1; neurons 0 and 1 are both set for adder 0, so that
    # what comes to adder 1 goes up to the root, for which they are set, too
    rows = run(M=2, T_M=2, K=5)
    assert rows.activity.by_action()["ReduceNetwork", "ACCUMULATOR", "ADD"] == 2 * 4
    assert rows.activity.by_action()["ReduceNetwork", "ADDER", "CONFIGURATION"] == 2
    two = {"T_N": 2, "N": 2}
    assert run(**two).cycles == run().cycles + 1
    # of two products each the last of one leaves the adder together with the first of the other
    assert run(**two, K=2).activity.by_action()["ReduceNetwork", "ACCUMULATOR", "ADD"] == 2
    assert refusal(**two, K=3) == (
        "an accumulator would add up the virtual neurons 0 and 1: take another tile"
    )


SIXTEEN = {"ms_rows": 4, "ms_cols": 4, "num_ms": 16, "rn_bw": 1}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {**SIXTEEN, "dn_bw": 2, "M": 7, "N": 7, "T_M": 4, "T_N": 2},
            "an adder would add up the virtual neurons 5 and 6: take another tile",
        ),
        (
            {**SIXTEEN, "dn_bw": 4, "M": 10, "N": 11, "T_M": 3, "T_N": 4},
            "rn_type=ASNETWORK behind a mesh: outputs of several accumulators meet on a wire of "
            "the collection bus and are lost: take another tile",
        ),
        (
            {"num_ms": 8},
            "-DenseGEMM: rn_type=ASNETWORK has num_ms = 8 leaves, one for each of the "
            "ms_rows x ms_cols = 4 multipliers: set num_ms=4",
        ),
        (
            {"ms_rows": 1, "ms_cols": 1, "num_ms": 1, "dn_bw": 2, "rn_bw": 1},
            "-DenseGEMM: rn_type=ASNETWORK has two leaves at least, and the mesh is one "
            "multiplier: set rn_type=TEMPORALRN",
        ),
        (
            {"rn_bw": 8},
            "-DenseGEMM: rn_type=ASNETWORK: rn_bw must be a power of two in the range [1, 4] on "
            "this machine. Got 8",
        ),
        (
            {"accumulation_buffer": 0, "K": 2},
            "-DenseGEMM: rn_type=ASNETWORK without the accumulation buffer writes each of the "
            "K = 2 products of an output to the memory, the last one over the others: set "
            "accumulation_buffer=1",
        ),
        (
            {"rn_type": "FENETWORK"},
            "-DenseGEMM: rn_type=FENETWORK cannot be configured anew for each tile, which the "
            "mesh asks for: set rn_type=TEMPORALRN, or ASNETWORK",
        ),
        (
            {"generate_tile": 1, "generator": "fastest"},
            "-DenseGEMM: behind a mesh tiles are searched for with rn_type=TEMPORALRN only: give "
            "T_M and T_N",
        ),
    ],
)
def test_what_the_program_stops_at_is_refused(given, message):
    assert refusal(**given) == message
