"""What MAERI cannot run, each by its rule."""

import pytest

import hwsim
from hwsim.errors import InputError

LAYER = {"R": 3, "S": 3, "C": 4, "K": 4, "X": 6, "Y": 6}
TILE = {"T_S": 1}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"strides": 2, "X": 7, "T_X_": 3},
            "tile T_R=1 T_S=1 T_C=1 T_G=1 T_K=1 T_N=1 T_X_=3 T_Y_=1: with 3 outputs at a stride of "
            "2, T_X_ must be 1, or 5 and more: the controller bounds what it reads as if outputs "
            "were neighbours",
        ),
        ({"strides": 2, "X": 7, "T_R": 3, "T_X_": 5}, None),
        ({"strides": 2, "X": 4, "T_R": 3, "T_X_": 3}, None),
        (
            {"G": 2, "N": 2, "T_N": 2, "T_G": 2, "T_R": 3},
            "tile T_R=3 T_S=1 T_C=1 T_G=2 T_K=1 T_N=2 T_X_=1 T_Y_=1: T_N or T_G must be 1: the "
            "controller sends the activations of several inputs as if the tile had one group",
        ),
        (
            {"num_ms": 8, "T_R": 3, "T_K": 2, "T_S": 1},
            None,
        ),
        (
            {"num_ms": 8, "T_R": 3, "T_S": 3},
            "tile T_R=3 T_S=3 T_C=1 T_G=1 T_K=1 T_N=1 T_X_=1 T_Y_=1: needs 9 multipliers and 1 for "
            "the partial sums that return, the machine has 8",
        ),
        (
            {"num_ms": 8, "T_R": 3, "T_S": 3, "accumulation_buffer": 1},
            "tile T_R=3 T_S=3 T_C=1 T_G=1 T_K=1 T_N=1 T_X_=1 T_Y_=1: needs 9 multipliers, the "
            "machine has 8",
        ),
        (
            {"num_ms": 8, "T_K": 2, "accumulation_buffer": 1},
            "tile T_R=1 T_S=1 T_C=1 T_G=1 T_K=2 T_N=1 T_X_=1 T_Y_=1: neurons of one multiplier "
            "share adders, and an accumulator adds up the folds of one neuron only: take more of "
            "T_R, T_S or T_C, or one neuron",
        ),
        ({"num_ms": 8, "T_K": 1, "accumulation_buffer": 1}, None),
        (
            {"T_K": 2, "rn_type": "FENETWORK"},
            "tile T_R=1 T_S=1 T_C=1 T_G=1 T_K=2 T_N=1 T_X_=1 T_Y_=1: neurons of one multiplier "
            "share adders, and a node of the tree adds up the folds of one neuron only: take more "
            "of T_R, T_S or T_C, or one neuron",
        ),
        (
            {"R": 1, "S": 1, "C": 1, "T_K": 2, "rn_type": "FENETWORK"},
            "tile T_R=1 T_S=1 T_C=1 T_G=1 T_K=2 T_N=1 T_X_=1 T_Y_=1: neurons of one multiplier "
            "share adders, and a node of FENETWORK takes one sum a cycle: take more of T_R, T_S or "
            "T_C, or one neuron",
        ),
        ({"R": 1, "S": 1, "C": 1, "T_Y_": 2, "rn_type": "FENETWORK"}, None),
        ({"T_K": 1, "rn_type": "FENETWORK"}, None),
        ({"T_C": 0}, "T_C must be a whole number, 1 or more. Got 0"),
        ({"T_X_": 0}, "T_X_ must be a whole number, 1 or more. Got 0"),
        ({"X": 0}, "X must be a whole number, 1 or more. Got 0"),
        ({"G": 3}, "C=4 must be a multiple of the groups, G=3"),
        ({"G": 2, "K": 5}, "K=5 must be a multiple of the groups, G=2"),
        ({"X": 2}, "X=2 must be at least R=3: the filter has to fit into the input"),
        ({"Y": 2}, "Y=2 must be at least S=3: the filter has to fit into the input"),
        (
            {"num_ms": 12},
            "-CONV: num_ms must be a power of two in the range [2, 65536] on this machine. Got 12",
        ),
        (
            {"num_ms": 8, "dn_bw": 16},
            "-CONV: dn_bw must be a power of two in the range [1, 8] on this machine. Got 16",
        ),
        (
            {"rn_type": "TEMPORALRN"},
            "reduce network TEMPORALRN: every multiplier sums outputs of its own: T_R, T_S (T_K of "
            "a GEMM) and T_C must be 1, and accumulation_buffer 1 where there are several products",
        ),
    ],
)
def test_one_line_names_the_rule(given, message):
    params = {**LAYER, **TILE, **given}
    if message is None:
        assert hwsim.simulate_stonne("CONV", params).cycles
        return
    with pytest.raises(InputError) as caught:
        hwsim.simulate_stonne("CONV", params)
    assert str(caught.value) == message


def test_weights_that_come_before_handed_on_activations_are_used():
    # measured: the program's own check finds wrong sums ("mismatch" in the golden data)
    params = {"R": 3, "S": 2, "C": 3, "K": 11, "N": 2, "X": 7, "Y": 7, "T_R": 3, "T_S": 2,
              "num_ms": 16, "dn_bw": 8, "rn_bw": 16}  # fmt: skip
    with pytest.raises(InputError) as caught:
        hwsim.simulate_stonne("CONV", params)
    assert str(caught.value) == (
        "tile T_R=3 T_S=2 T_C=1 T_G=1 T_K=1 T_N=1 T_X_=1 T_Y_=1: the next weights come before "
        "multipliers have worked with the activations that their neighbours hand on: take T_N=1 "
        "and T_X_ that divides the rows of the output, or T_S=1"
    )


def test_a_product_on_maeri_needs_its_controller():
    with pytest.raises(InputError) as caught:
        hwsim.simulate_stonne("DenseGEMM", {"mem_ctrl": "SIGMA_SPARSE_GEMM"})
    assert str(caught.value) == (
        "-DenseGEMM: the multiplier network LINEAR works with mem_ctrl=MAERI_DENSE_WORKLOAD only. "
        "Got SIGMA_SPARSE_GEMM"
    )
