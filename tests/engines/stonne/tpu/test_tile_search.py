"""The tile that is found is the fastest that there is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.energy import load_energy_table, price
from hwsim.engines.stonne.tpu.counts import edge_reads
from hwsim.engines.stonne.tpu.engine import run_gemm
from hwsim.engines.stonne.tpu.sizes import MeshSizes
from hwsim.engines.stonne.tpu.tile import Gemm, Tile, check_tile
from hwsim.engines.stonne.tpu.tile_search import action_energies, best_tile, cycle_bounds
from hwsim.engines.stonne.tpu.timing import gemm_cycles
from hwsim.errors import InputError


def every_tile(gemm, sizes):
    for rows in range(1, sizes.ms_rows + 1):
        for columns in range(1, sizes.ms_cols + 1):
            try:
                check_tile(Tile(rows, columns), 1, gemm, sizes, accumulates=True)
            except InputError:
                continue
            if rows <= gemm.M and columns <= gemm.N:
                yield Tile(rows, columns)


@given(
    st.sampled_from([(4, 4, 8), (4, 4, 2), (3, 5, 4), (1, 3, 1), (5, 3, 8)]),
    st.tuples(st.integers(1, 17), st.integers(1, 17)),
    st.integers(1, 9),
    st.sampled_from([(1, 64), (3, 20), (16, 64), (2, 5)]),
)
def test_no_tile_that_the_machine_takes_is_faster(mesh, product, K, bus):
    sizes, gemm = MeshSizes(*mesh, *bus), Gemm(*product, K)

    def rank(tile):
        return gemm_cycles(gemm, tile, sizes), sum(edge_reads(gemm, tile)), -tile.rows

    best = min(every_tile(gemm, sizes), key=rank)
    assert best_tile(gemm, sizes) == best


def test_tiles_that_divide_the_product_may_beat_the_whole_mesh():
    # 10 rows: 8 and 2, or 5 and 5, take as many passes; with fewer rows the way out is shorter
    sizes = MeshSizes(8, 8, 16, 64)
    assert best_tile(Gemm(64, 64, 100), sizes) == Tile(8, 8)
    assert best_tile(Gemm(3, 9, 100), sizes) == Tile(3, 8)


@given(
    st.sampled_from([(4, 4, 8), (4, 4, 2), (3, 5, 4), (1, 3, 1), (5, 3, 8)]),
    st.tuples(st.integers(1, 17), st.integers(1, 17)),
    st.integers(1, 9),
)
def test_a_single_row_or_column_waits_for_nothing_and_takes_what_bounds_it(mesh, product, K):
    sizes, gemm = MeshSizes(*mesh, 16, 64), Gemm(*product, K)
    rows, columns = min(sizes.ms_rows, gemm.M), min(sizes.ms_cols, gemm.N)
    bounds = cycle_bounds(gemm, sizes, rows, columns)
    for row, column in [(1, column + 1) for column in range(columns)] + [(rows, 1)]:
        assert bounds[row - 1, column - 1] == gemm_cycles(gemm, Tile(row, column), sizes)


@pytest.mark.parametrize("objective", ["energy", "edp"])
@pytest.mark.parametrize("sizes", [MeshSizes(4, 8, 12, 8, 32), MeshSizes(8, 8, 2, 4, 64)])
def test_no_tile_needs_less(objective, sizes):
    gemm, prices = Gemm(9, 13, 6), load_energy_table("stonne")
    needed = {}
    actions = action_energies(gemm, sizes, min(9, sizes.ms_rows), min(13, sizes.ms_cols))
    for tile in every_tile(gemm, sizes):
        activity = run_gemm(gemm, tile, sizes)
        priced = price(activity, prices, None, None)
        energy = priced.total
        assert actions[tile.rows - 1, tile.columns - 1] == pytest.approx(priced.dynamic)
        needed[tile] = energy * (activity.cycles if objective == "edp" else 1)
    assert needed[best_tile(gemm, sizes, objective)] == pytest.approx(min(needed.values()))
