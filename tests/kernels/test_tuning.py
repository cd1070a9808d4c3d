import numpy as np
import pytest

from hwsim.kernels import tuning
from hwsim.kernels.digits import digits_of
from hwsim.kernels.group_sums import Tile
from hwsim.kernels.host import Host
from hwsim.kernels.paired import Times
from hwsim.networks.network import Layer

LAYER = Layer("fc", "linear", np.array([[0, 1, 0], [1, 1, 0]], np.float32), vectors=4)
TWO = digits_of(LAYER.weight, "fc")
THREE = digits_of(np.array([[-1, 0, 1]], np.float32), "fc")


def test_tiles_that_are_tried(monkeypatch):
    monkeypatch.setattr(tuning, "host", lambda: Host("wide", 16, 32, 49152))
    assert {(tile.filters, tile.digits) for tile in tuning.tiles_of(TWO, 64)} == {
        *((3, 2), (4, 2), (5, 2), (6, 2))
    }
    assert {tile.vectors for tile in tuning.tiles_of(TWO, 64)} == {1, 2, 3, 4}
    assert {tile.panel for tile in tuning.tiles_of(TWO, 64)} == {0.2, 0.8}
    assert {tile.filters for tile in tuning.tiles_of(THREE, 64)} == {2, 3, 4}
    assert {tile.filters for tile in tuning.tiles_of(TWO, 1)} == {1}
    monkeypatch.setattr(tuning, "host", lambda: Host("narrow", 4, 16, 49152))
    assert {tile.vectors for tile in tuning.tiles_of(TWO, 64)} == {1, 2}


def test_the_fastest_of_the_best_is_kept(monkeypatch):
    pytest.importorskip("llvmlite")
    tiles = Tile(2, 2, 1), Tile(1, 2, 1), Tile(2, 2, 2)
    once = dict(zip(tiles, (3, 2, 1), strict=True))
    monkeypatch.setattr(tuning, "_seconds", lambda kernel, given: once[kernel.tile])
    monkeypatch.setattr(tuning, "_FINALISTS", 2)
    asked = []

    def take_times(ways, rounds):
        asked.append([*ways])
        assert rounds == 15
        return Times(
            {way: np.full(rounds, 1 + number) for number, way in enumerate(reversed(ways))}
        )

    monkeypatch.setattr(tuning, "take_times", take_times)
    given = np.ones((4, 3), np.float32)
    kernel = tuning.fastest(LAYER, TWO, given, tiles)
    assert asked == [[str(tiles[2]), str(tiles[1])]]
    assert kernel.tile == tiles[1]
    assert kernel(given).tolist() == [[1, 2]] * 4
    assert tuning.fastest(LAYER, TWO, given, tiles[:1]).tile == tiles[0]
