"""Runs of STONNE's program from Python."""

import json

import numpy as np
import pytest

import hwsim
from hwsim.errors import InputError
from tests.measured import golden_folder


def test_a_measured_case_from_its_parameters():
    lines = (golden_folder("stonne_tpu") / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    for case in map(json.loads, lines[:20]):
        found = hwsim.simulate_stonne("DenseGEMM", case["params"]).to_dict()
        for key in ("cycles", "counters", "instances", "sdmemory"):
            assert found[key] == case[key], (case["id"], key)
        assert found["energy"]["total"] == pytest.approx(case["energy"]["total"], rel=1e-9)


def test_names_may_be_numpys_numbers_and_texts():
    mesh = {"ms_rows": np.int64(4), "ms_cols": "4", "dn_bw": 8, "rn_bw": 16, "T_M": 4, "T_N": 3}
    assert hwsim.simulate_stonne("FC", {"M": 9, "N": 7, "K": 5, **mesh}).cycles == 115


@pytest.mark.parametrize(
    ("operation", "given", "message"),
    [
        ("Conv", {}, "unknown operation 'Conv'; known: CONV, DenseGEMM, FC, SparseGEMM"),
        ("DenseGEMM", {"T_Q": 1}, "DenseGEMM: unknown option 'T_Q'; did you mean "),
        ("DenseGEMM", {"M": 1.5}, "M: expected a whole number, 0 or more. Got 1.5"),
        ("DenseGEMM", {"M": True}, "M: expected a whole number, 0 or more. Got True"),
        (
            "DenseGEMM",
            {"ms_rows": 4, "ms_cols": 4, "dn_bw": 8, "rn_type": "ASNETWORK"},
            "-DenseGEMM: rn_type=ASNETWORK has num_ms = 64 leaves, one for each of the "
            "ms_rows x ms_cols = 16 multipliers: set num_ms=16",
        ),
        (
            "DenseGEMM",
            {"ms_rows": 4, "ms_cols": 4, "dn_bw": 8, "mem_ctrl": "MAERI_DENSE_WORKLOAD"},
            "-DenseGEMM: hwsim models the multiplier network OS_MESH with mem_ctrl=TPU_OS_DENSE "
            "only. Got MAERI_DENSE_WORKLOAD",
        ),
        (
            "DenseGEMM",
            {"ms_rows": 4, "ms_cols": 4, "dn_bw": 3},
            "-DenseGEMM: each of the dn_bw read ports feeds a tree of a power of two of the "
            "ms_rows + ms_cols = 8 edges of the mesh. Got dn_bw = 3",
        ),
        (
            "DenseGEMM",
            {"ms_rows": 4, "ms_cols": 4, "dn_bw": 8, "rn_bw": 16, "T_M": 5},
            "T_M must be at most ms_rows = 4: each row of the tile is a row of the mesh. Got 5",
        ),
    ],
)
def test_what_cannot_be_run(operation, given, message):
    given = {"M": 9, **given} if operation == "DenseGEMM" and "M" not in given else given
    with pytest.raises(InputError) as caught:
        hwsim.simulate_stonne(operation, given)
    assert str(caught.value).startswith(message)


def test_only_a_sparse_gemm_has_operands():
    with pytest.raises(InputError) as caught:
        hwsim.simulate_stonne("DenseGEMM", {"ms_rows": 4, "ms_cols": 4}, mk=np.ones((1, 3)))
    assert str(caught.value) == "DenseGEMM: dense operands have no zeros; give no mk and kn"
