"""The tiles that STONNE's mRNA takes."""

import json
from dataclasses import replace

import pytest

from hwsim.engines.stonne.files.settings import StonneSettings
from hwsim.engines.stonne.mapper.mrna import (
    MrnaLayer,
    _additions,
    _in_integer,
    _mappings,
    mrna_gemm_tile,
    mrna_tile,
)
from hwsim.engines.stonne.operations import with_tile
from hwsim.errors import InputError
from tests.measured import golden_folder

LAYER = MrnaLayer(3, 3, 64, 64, 58, 58, 56, 56, 1, 128, 128)


def test_tiles_are_those_of_the_real_program():
    lines = (golden_folder("stonne_files") / "mrna_tiles.txt").read_text().splitlines()
    assert len(lines) == 120
    for line in lines:
        *numbers, target, channels, filters = line.split()
        R, S, C, K, X, Y, strides, num_ms, dn_bw = map(int, numbers)
        outputs = (X - R) // strides + 1, (Y - S) // strides + 1
        layer = MrnaLayer(R, S, C, K, X, Y, *outputs, strides, num_ms, dn_bw)
        assert mrna_tile(layer, target) == (int(channels), int(filters)), line


def test_every_mapping_costs_what_the_real_program_says():
    lines = (golden_folder("stonne_files") / "mrna_mappings.txt").read_text().splitlines()
    assert len(lines) == 45
    for line in lines:
        sizes, _, said = line.partition(" : ")
        R, S, C, K, X, Y, strides, num_ms, dn_bw = map(int, sizes.split())
        outputs = (X - R) // strides + 1, (Y - S) // strides + 1
        layer = MrnaLayer(R, S, C, K, X, Y, *outputs, strides, num_ms, dn_bw)
        found = [(m.channels, m.filters, m.cycles, m.energy) for m in _mappings(layer)]
        assert found == [tuple(map(int, each.split())) for each in said.split(" , ")], line


def test_integers_of_32_bits():
    assert _in_integer(2**31 - 1) == 2**31 - 1
    with pytest.raises(InputError):
        _in_integer(2**31)


def test_a_filter_may_take_all_multipliers():
    assert mrna_tile(replace(LAYER, R=8, S=16), "performance") == (1, 1)


def test_convolutions_of_a_network_get_the_tiles_of_the_real_program():
    cases = json.loads((golden_folder("stonne_maeri") / "mapper.json").read_text("utf-8"))
    found = 0
    for case in cases:
        if case["layer"] == "fc":
            continue
        asked = {**case["params"], "generate_tile": "performance"}
        settings = with_tile(StonneSettings.of("CONV", asked))
        assert {name: settings.number(name) for name in case["tile"]} == case["tile"]
        found += 1
    assert found >= 14


def test_a_gemm_takes_as_many_rows_as_there_is_room_for():
    # measured: -DenseGEMM -generate_tile=1 -generator=mRNA
    assert mrna_gemm_tile(M=30, K=20, num_ms=64) == (3, 1, 20)
    assert mrna_gemm_tile(M=2, K=20, num_ms=64) == (2, 1, 20)
    assert mrna_gemm_tile(M=30, K=200, num_ms=64) == (1, 1, 64)
    settings = with_tile(
        StonneSettings.of(
            "DenseGEMM", {"M": 30, "K": 20, "generate_tile": "energy", "generator": "mRNA"}
        )
    )
    assert settings.numbers("T_M", "T_N", "T_K") == (3, 1, 20)


def test_what_it_cannot_count():
    with pytest.raises(InputError) as caught:
        mrna_tile(replace(LAYER, R=12, S=12), "performance")
    assert "R x S = 144 is more than num_ms = 128" in str(caught.value)
    with pytest.raises(InputError) as caught:
        mrna_tile(replace(LAYER, rows=60000, columns=60000), "performance")
    assert "larger than mRNA's integers of 32 bits" in str(caught.value)
    with pytest.raises(InputError) as caught:
        mrna_tile(replace(LAYER, R=1, S=1, C=10_000, K=1, num_ms=2, dn_bw=2), "energy")
    assert "adds up partial sums in two passes at most" in str(caught.value)


def test_partial_sums_that_are_added_up_are_all_sent():
    adding = _additions(replace(LAYER, dn_bw=32), 5)
    outputs = 64 * 56 * 56
    assert (adding.neurons, adding.steps) == (25, -(-outputs // 25))
    assert adding.cycles == adding.steps * 4  # 125 of them over 32 ports
