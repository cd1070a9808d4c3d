"""What STONNE's command line asks of MAERI."""

import pytest

import hwsim
from hwsim.engines.stonne.maeri.machine import MaeriMachine
from hwsim.engines.stonne.maeri.operation import Convolution
from hwsim.engines.stonne.maeri.tiles.search import best_tile
from hwsim.errors import InputError

MACHINE = {"num_ms": 16, "dn_bw": 8, "rn_bw": 4, "accumulation_buffer": 1}
LAYER = {"R": 3, "S": 3, "C": 4, "K": 6, "G": 2, "X": 6, "Y": 5}


def test_a_tile_is_chosen_where_the_program_is_told_to():
    machine = MaeriMachine(16, 8, 4, accumulates=True)
    for operation, layer, tile in (
        ("CONV", LAYER, best_tile(Convolution(**LAYER), machine).as_convolution()),
        (
            "DenseGEMM",
            {"M": 5, "N": 7, "K": 9},
            best_tile(Convolution.gemm(5, 7, 9), machine).as_gemm(),
        ),
    ):
        given = {**layer, **MACHINE}
        chosen = hwsim.simulate_stonne(
            operation, {**given, "generate_tile": "performance", "generator": "fastest"}
        )
        assert chosen.cycles == hwsim.simulate_stonne(operation, {**given, **tile}).cycles


def test_a_layer_that_is_none_has_no_tile():
    with pytest.raises(InputError, match="X=2 must be at least R=3"):
        hwsim.simulate_stonne(
            "CONV", {**LAYER, "X": 2, **MACHINE, "generate_tile": 1, "generator": "fastest"}
        )
