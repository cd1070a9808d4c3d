"""Which machines and tiles there are, and the rules that the others break."""

import pytest

import hwsim
from hwsim.engines.stonne.tpu.sizes import MeshSizes
from hwsim.engines.stonne.tpu.tile import Gemm, Tile, check_tile
from hwsim.errors import InputError

MESH = MeshSizes(4, 4, 8, 16)
GEMM = Gemm(9, 7, 5)


def refusal(tile, depth=1, gemm=GEMM, sizes=MESH, *, accumulates=True):
    with pytest.raises(InputError) as caught:
        check_tile(tile, depth, gemm, sizes, accumulates=accumulates)
    return str(caught.value)


def test_passes_are_whole_ones_and_what_is_left():
    assert list(Tile(4, 3).passes(GEMM)) == [(4, 3, 4), (4, 1, 2), (1, 3, 2), (1, 1, 1)]
    assert list(Tile(9, 7).passes(GEMM)) == [(9, 7, 1)]
    assert list(Tile(4, 3).passes(Gemm(2, 3, 1))) == [(2, 3, 1)]
    assert Tile(4, 3).number(GEMM) == 9


@pytest.mark.parametrize(
    ("tile", "message"),
    [
        (
            Tile(5, 3),
            "T_M must be at most ms_rows = 4: each row of the tile is a row of the mesh. Got 5",
        ),
        (
            Tile(3, 5),
            "T_N must be at most ms_cols = 4: each column of the tile is a column of the mesh. "
            "Got 5",
        ),
        (
            Tile(17, 1),
            "T_M x T_N x T_K must be at most ms_rows x ms_cols = 16, a place of the tile is a "
            "multiplier. Got 17 x 1 x 1",
        ),
        (Tile(0, 1), "T_M must be at least 1. Got 0"),
        (Tile(1, 0), "T_N must be at least 1. Got 0"),
    ],
)
def test_a_tile_lies_on_the_mesh(tile, message):
    assert refusal(tile) == message


def test_a_tile_larger_than_the_product_takes_the_places_of_the_product():
    check_tile(Tile(16, 1), 1, Gemm(4, 1, 1), MESH, accumulates=True)
    check_tile(Tile(4, 4), 1, GEMM, MESH, accumulates=True)


def test_depth_counts_before_the_mesh_ignores_it():
    check_tile(Tile(2, 2), 4, GEMM, MESH, accumulates=True)
    assert "Got 2 x 2 x 5" in refusal(Tile(2, 2), 5)
    assert refusal(Tile(2, 2), 0) == "T_K must be at least 1. Got 0"


def test_a_product_has_an_extent():
    for name in ("M", "N", "K"):
        gemm = GEMM._replace(**{name: 0})
        assert refusal(Tile(1, 1), gemm=gemm) == f"{name} must be at least 1. Got 0"


def test_without_the_accumulation_buffer_places_cost_a_multiplier_more():
    small = MESH._replace(num_ms=23)
    assert refusal(Tile(4, 3), sizes=small, accumulates=False) == (
        "without the accumulation buffer a tile that is summed in several steps needs T_M x T_N x "
        "(T_K + 1) = 24 of num_ms = 23 multipliers: set accumulation_buffer=1, or another T_K"
    )
    check_tile(Tile(4, 3), 1, GEMM, MESH._replace(num_ms=24), accumulates=False)
    check_tile(Tile(4, 3), 1, GEMM, small, accumulates=True)
    check_tile(Tile(4, 3), 1, GEMM._replace(K=1), small, accumulates=False)


def test_every_used_accumulator_needs_an_input_of_the_bus():
    sizes = MeshSizes(4, 4, 8, 4, num_ms=8)  # lines of three inputs: accumulators 0 to 11
    check_tile(Tile(3, 4), 1, GEMM, sizes, accumulates=True)
    assert refusal(Tile(4, 1), sizes=sizes) == (
        "accumulator 12 of the tile is input 3 of a line of the collection bus, and num_ms = 8 "
        "with rn_bw = 4 gives a line 3: set num_ms = 16, or more write ports"
    )


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        (
            (4, 4, 3, 16),
            "mesh: each of the dn_bw read ports feeds a tree of a power of two of the ms_rows + "
            "ms_cols = 8 edges of the mesh. Got dn_bw = 3",
        ),
        (
            (4, 2, 2, 16),
            "mesh: each of the dn_bw read ports feeds a tree of a power of two of the ms_rows + "
            "ms_cols = 6 edges of the mesh. Got dn_bw = 2",
        ),
        (
            (4, 4, 16, 16),
            "mesh: each of the dn_bw read ports feeds a tree of a power of two of the ms_rows + "
            "ms_cols = 8 edges of the mesh. Got dn_bw = 16",
        ),
        ((0, 4, 4, 16), "mesh: ms_rows must be in the range [1, 65536]. Got 0"),
        ((257, 256, 513, 1), "mesh: a mesh has at most 65536 multipliers. Got 257 x 256"),
    ],
)
def test_ports_share_out_the_edges(sizes, message):
    with pytest.raises(InputError) as caught:
        MeshSizes(*sizes).check("mesh")
    assert str(caught.value) == message


def test_meshes_need_not_be_square():
    MeshSizes(3, 5, 2, 1).check("mesh")
    MeshSizes(256, 256, 512, 65536).check("mesh")


def test_shipped_meshes_are_the_configurations_of_stonne():
    for name, rows in (("tpu", 16), ("tpu-8", 8), ("tpu-32", 32), ("tpu-128", 128)):
        sizes = MeshSizes.of(hwsim.load_arch(name))
        assert sizes == (rows, rows, 2 * rows, rows * rows, 64)


def test_ports_follow_the_mesh_unless_they_are_set():
    sizes = MeshSizes.of(hwsim.load_arch("tpu", {"ms_rows": 8, "ms_cols": 24, "rn_bw": 5}))
    assert sizes == (8, 24, 32, 5, 64)
