"""Repetition of a small network, by scheme, layer, method and tile."""

import numpy as np
import pytest

from hwsim.engines.repetition import (
    METHODS,
    TILED,
    GroupedCodes,
    LevelCodes,
    Tile,
)
from hwsim.engines.repetition.methods import LONGEST_BEST
from hwsim.errors import InputError
from hwsim.networks import Network
from hwsim.networks.network import Layer
from hwsim.schemes import quantize
from hwsim.studies import Request
from hwsim.studies.repetition import GRID, WHOLE, count_repetition, parse_tile


@pytest.fixture(scope="module")
def network():
    rng = np.random.default_rng(0)
    conv = Layer("conv", "conv", rng.normal(size=(8, 6, 3, 3)), input_size=(5, 5))
    return Network(
        "small",
        (
            Layer("stem", "conv", rng.normal(size=(4, 1, 9, 9)), input_size=(9, 9)),
            conv,
            Layer("deep", "conv", rng.normal(size=(8, 1, 3, 3)), input_size=(3, 3), groups=8),
            Layer.product("scores", 3, 4, 2),
        ),
        quantized_layers=("conv", "deep"),
    )


@pytest.fixture(scope="module")
def counted(network):
    return count_repetition(Request(network, schemes=("dense", "binary", "ternary")))


def test_a_row_is_what_its_tile_takes(network, counted):
    levels = quantize(network, "ternary").layers[1].levels
    codes = GroupedCodes(LevelCodes.of(levels.reshape(8, 54)), 1)
    rows = counted.layers[(counted.layers["scheme"] == "ternary") & (counted.layers["G"] > 0)]
    rows = rows[(rows["layer"] == "conv") & (rows["zeros"] == "skipped")].set_index("method")
    assert list(rows.index) == list(TILED)
    best_of_ucnn = Tile(int(rows["G"]["ucnn"]), int(rows["T"]["ucnn"]))
    jumps = codes.smallest_jump_table(best_of_ucnn)
    assert rows["jump_table_bits"]["ucnn"] == jumps.bits <= rows["table_bits"]["ucnn"]
    assert rows["jump_bits"].tolist() == [jumps.jump_bits, 0, 0, 0, 0]
    for method, row in rows.iterrows():
        tiles = codes.grid() if method in LONGEST_BEST else [Tile(row["G"], 54)]
        counts = {tile: codes.count(tile)[method] for tile in tiles}
        best = counts[row["G"], row["T"]]
        assert best.arithmetic == min(each.arithmetic for each in counts.values())
        assert row["arithmetic"] == best.arithmetic * 9  # positions of the output
        assert row["additions"] == best.additions * 9
        assert row["table_bits"] == best.table_bits
        assert row["groups_per_tile"] == best.groups / best.tiles
        assert row["working_set_bits"] == best.working_set_bits(8, 32)
        assert row["arithmetic_per_mac"] == best.arithmetic / levels.size
        assert row["sparsity"] == 1 - np.count_nonzero(levels) / levels.size


def test_zeros_like_others_are_at_the_longest_tiles(network, counted):
    levels = quantize(network, "ternary").layers[1].levels
    codes = GroupedCodes(LevelCodes.of(levels.reshape(8, 54)), 1)
    rows = counted.layers.query("scheme == 'ternary' and layer == 'conv' and zeros == 'a level'")
    for _, row in rows[rows["G"] > 0].iterrows():
        assert row["T"] == 54
        found = codes.count(Tile(row["G"], 54), skip_zeros=False)[row["method"]]
        assert row["arithmetic"] == found.arithmetic * 9
    as_they_are = rows[rows["method"] == "dot products"].iloc[0]
    assert as_they_are["arithmetic_per_mac"] == 1


def test_binary_has_no_zeros_to_skip(counted):
    binary = counted.totals[counted.totals["scheme"] == "binary"]
    by_zeros = binary.pivot_table(index="method", columns="zeros", values="arithmetic")
    assert (by_zeros["skipped"] <= by_zeros["a level"]).all()
    assert binary["sparsity"].tolist() == [0] * len(binary)


def test_totals_are_of_the_layers_with_few_levels(counted):
    for _, total in counted.totals.iterrows():
        rows = counted.layers[
            (
                counted.layers[["scheme", "method", "zeros"]]
                == total[["scheme", "method", "zeros"]]
            ).all(axis=1)
        ]
        if total["scheme"] != "dense":
            rows = rows[rows["layer"].isin(["conv", "deep"])]
        assert total["arithmetic"] == rows["arithmetic"].sum()
        assert total["arithmetic_per_mac"] == rows["arithmetic"].sum() / rows["macs"].sum()
        assert total["layers"] == len(rows)


def test_the_map_has_each_tile_of_the_grid(counted):
    tiles = counted.tiles.query("scheme == 'binary' and method == 'ucnn'")
    assert len(tiles) == len(GRID)
    best = tiles["arithmetic_per_mac"].min()
    total = counted.totals.query("scheme == 'binary' and method == 'ucnn' and zeros == 'skipped'")
    assert best >= total["arithmetic_per_mac"].iloc[0]  # one tile for all layers, or one for each


def test_what_is_not_counted_is_said(counted):
    # The filters of the stem have 81 weights, few enough for levels, but none comes again.
    assert counted.notes[1] == (
        "binary: nothing repeats in 1 of 3 layers, whose weights are numbers of their own (stem)"
    )
    assert counted.notes[-1] == "1 products of activations have no weights and are left out"
    assert not counted.layers["layer"].eq("scores").any()


def test_pairs_are_left_out_where_tiles_have_too_many_filters():
    weights = np.random.default_rng(0).normal(size=(12, 40))
    network = Network("wide", (Layer("fc", "linear", weights),))
    found = count_repetition(Request(network, schemes=("binary",)), (Tile(12, WHOLE),))
    assert found.notes == (
        "summerge-pairs: not counted at 12x40: it takes tiles of at most 10 filters",
    )
    assert "summerge-pairs" not in set(found.layers["method"])


def test_clipped_tiles_are_said(network):
    tiles = (Tile(16, WHOLE), Tile(2, 20))
    found = count_repetition(Request(network, schemes=("binary",), layers="conv"), tiles)
    assert found.notes == ("tile 16xK is larger than conv: 8x54 there",)
    assert set(found.tiles["T"]) == {0, 20}


def test_int8_weights_repeat_in_long_filters():
    weights = np.random.default_rng(0).normal(size=(4, 2000))
    network = Network("bytes", (Layer("fc", "linear", weights),))
    found = count_repetition(Request(network, schemes=("dense:precision=int8",)), (Tile(1, 2000),))
    ucnn = found.totals.query("method == 'ucnn' and zeros == 'skipped'").iloc[0]
    assert 0 < ucnn["multiplications"] < 4 * 255
    assert (
        ucnn["additions"]
        == np.rint(weights * 127 / abs(weights).max(1)[:, None]).astype(bool).sum()
    )


def test_floats_have_nothing_to_count():
    weights = np.random.default_rng(0).normal(size=(4, 300))
    network = Network("floats", (Layer("fc", "linear", weights),))
    with pytest.raises(InputError) as refused:
        count_repetition(Request(network, schemes=("dense",)))
    assert str(refused.value) == (
        "floats: repetition has nothing to count: under dense each weight of a filter is a number "
        "of its own; choose a scheme with few levels (binary, ternary, signed-binary, "
        "dense:precision=int8), or layers that it changes"
    )


def test_layers_of_floats_are_multiplied():
    rng = np.random.default_rng(0)
    layers = (
        Layer("a", "linear", rng.normal(size=(2, 300))),
        Layer("b", "linear", rng.normal(size=(4, 300)), vectors=3),
    )
    network = Network("two", layers, quantized_layers=("b",))
    found = count_repetition(Request(network, schemes=("binary",)), (Tile(2, 30),))
    assert found.notes == (
        "binary: nothing repeats in 1 of 2 layers, whose weights are numbers of their own (a)",
    )
    plain = found.layers[found.layers["layer"] == "a"]
    assert plain["method"].unique().tolist() == ["dot products"]
    assert plain["arithmetic_per_mac"].tolist() == [2, 2]
    assert set(found.totals["layers"]) == {1}


def test_results_are_tables(counted, tmp_path):
    counted.write(tmp_path)
    assert {each.name for each in tmp_path.iterdir()} == {
        *("repetition.csv", "totals.csv", "tiles.csv", "manifest.json")
    }
    document = counted.to_dict()
    assert len(document["layers"]) == len(counted.layers)
    assert document["manifest"]["schemes"] == ["dense", "binary", "ternary"]
    assert set(counted.layers["method"]) == set(METHODS)


@pytest.mark.parametrize("text", ["8", "0x4", "8x", "x8", "8x-1", "8xk", "8x4x2"])
def test_what_is_no_tile_is_refused(text):
    with pytest.raises(InputError) as refused:
        parse_tile(text)
    assert str(refused.value) == (
        f"--tile {text!r}: expected FILTERSxPOSITIONS, 1 or more of each, e.g. 8x512, or 8xK for "
        "the whole reduction"
    )


def test_tiles_as_text():
    assert parse_tile("8x512") == (8, 512)
    assert parse_tile("8xK") == (8, WHOLE)
