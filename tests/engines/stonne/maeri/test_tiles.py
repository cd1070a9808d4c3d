"""The tile with the fewest cycles."""

import itertools
import json
import math
from contextlib import suppress
from dataclasses import replace

import pytest

from hwsim.energy import load_energy_table, price
from hwsim.engines.stonne.fabric.prices import stonne_prices
from hwsim.engines.stonne.maeri.counts import Totals, count
from hwsim.engines.stonne.maeri.loops import Loops
from hwsim.engines.stonne.maeri.machine import MaeriMachine
from hwsim.engines.stonne.maeri.operation import TILE_NAMES, Convolution, Tile
from hwsim.engines.stonne.maeri.placement import place
from hwsim.engines.stonne.maeri.reduction import reduce
from hwsim.engines.stonne.maeri.simulation import simulate_loops
from hwsim.engines.stonne.maeri.tiles import search
from hwsim.engines.stonne.maeri.tiles.candidates import (
    candidates,
    line_bound,
    port_bound,
)
from hwsim.engines.stonne.maeri.tiles.least_energy import least_energies
from hwsim.engines.stonne.maeri.tiles.returning import sum_bound
from hwsim.engines.stonne.maeri.tiles.search import best_tile
from hwsim.engines.stonne.maeri.timing import DriftError, free_running
from hwsim.engines.stonne.maeri.timing import cycles as time_tile
from hwsim.errors import InputError
from tests.measured import golden_folder

LAYERS = [
    Convolution(3, 3, 2, 3, X=5, Y=6),
    Convolution(1, 1, 5, 4, X=3, Y=2, strides=2),
    Convolution(2, 3, 4, 4, G=2, X=4, Y=4),
    Convolution.gemm(4, 3, 7),
]
MACHINES = [
    MaeriMachine(8, 8, 8, accumulates=True),
    MaeriMachine(8, 2, 1, accumulates=True),
    MaeriMachine(16, 4, 2, accumulates=False),
    MaeriMachine(8, 4, 4, accumulates=False, fold_nodes=True),
]


def every_tile(layer, machine):
    """All tiles that the machine takes, with their cycles; T_X_ and T_Y_ as they are searched."""
    sizes = layer.R, layer.S, layer.channels, layer.G, layer.filters, 1, layer.rows, layer.columns
    for chosen in itertools.product(*(range(1, size + 1) for size in sizes)):
        tile = Tile(*chosen)
        try:
            yield tile, simulate_loops(Loops(layer, tile, machine)).cycles
        except InputError:
            continue


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("machine", MACHINES)
def test_no_tile_is_faster_and_bounds_hold(layer, machine):
    found = simulate_loops(Loops(layer, best_tile(layer, machine), machine)).cycles
    some = list(itertools.islice(every_tile(layer, machine), 0, None, 7))
    assert found <= min(cycles for _, cycles in some)
    listed = candidates(layer, machine)
    bounds = {listed.tile(number): bound for number, bound in enumerate(listed.bounds.tolist())}
    for tile, cycles in some:
        loops = Loops(layer, tile, machine)
        placement = place(loops)
        assert bounds.get(tile, 0) <= cycles
        assert port_bound(loops, placement) <= cycles
        reduction = reduce(loops, placement)
        assert sum_bound(loops, placement) <= cycles
        assert line_bound(loops, reduction) <= cycles


def test_tiles_that_are_looked_at():
    listed = candidates(Convolution(3, 1, 5, 1, X=3), MaeriMachine(8, 8, 8, accumulates=True))
    tiles = {listed.tile(number) for number in range(len(listed.bounds))}
    # 5 channels in 1, 2, 3 and 5 pieces, 3 rows in 1, 2 and 3
    assert tiles == {Tile(R=R, C=C) for R in (1, 2, 3) for C in (1, 2, 3, 5) if R * C <= 8}
    assert listed.bounds.tolist() == sorted(listed.bounds.tolist())


def test_of_equally_fast_tiles_that_with_the_fewest_accesses_is_taken():
    layer, machine = Convolution(3, 3, 2, 2, X=4, Y=4), MaeriMachine(64, 64, 64, accumulates=True)
    best = best_tile(layer, machine)
    activity = simulate_loops(Loops(layer, best, machine))
    assert activity.cycles == min(cycles for _, cycles in every_tile(layer, machine))


def test_the_chosen_tile_is_never_worse_than_that_of_the_programs_mapper():
    cases = json.loads((golden_folder("stonne_maeri") / "mapper.json").read_text("utf-8"))
    assert len(cases) == 16
    for case in cases:
        params = dict(case["params"])
        sizes = [params.pop(name) for name in ("num_ms", "dn_bw", "rn_bw")]
        machine = MaeriMachine(*sizes, accumulates=bool(params.pop("accumulation_buffer")))
        layer, theirs = Convolution(**params), Tile(*(case["tile"][name] for name in TILE_NAMES))
        ours = best_tile(layer, machine)
        found = [simulate_loops(Loops(layer, tile, machine)).cycles for tile in (ours, theirs)]
        assert found[0] <= found[1], case["layer"]
        if case["layer"] != "fc":
            assert found[0] < found[1], case["layer"]


@pytest.mark.parametrize("objective", ["energy", "edp"])
@pytest.mark.parametrize("layer", [LAYERS[0], LAYERS[3]])
@pytest.mark.parametrize("machine", MACHINES[1:])
def test_no_tile_needs_less(layer, machine, objective):
    prices = load_energy_table("stonne")

    def needed(tile):
        try:
            activity = simulate_loops(Loops(layer, tile, machine))
        except InputError:  # weights would come too early
            return math.inf
        energy = price(activity, prices, None, None).total
        return energy * (activity.cycles if objective == "edp" else 1)

    listed = candidates(layer, machine)
    some = [needed(listed.tile(number)) for number in range(3, len(listed.bounds), 11)]
    assert needed(best_tile(layer, machine, objective)) <= min(some) * (1 + 1e-9)
    least = least_energies(listed, layer, machine, stonne_prices())
    for number in range(0, len(least), 7):
        loops = Loops(layer, listed.tile(number), machine)
        placement = place(loops)
        counts = count(loops, placement, reduce(loops, placement), Totals.of(loops))
        assert least[number] <= stonne_prices().of_counts(counts) * (1 + 1e-9)


@pytest.mark.parametrize(
    ("action", "exact"),
    [
        (("MULTIPLIER", "MULTIPLICATION"), True),
        (("MULTIPLIER", "FORWARD_PSUM"), True),
        (("ADDER", "ADD_2_1"), False),  # folds are added by what is cheaper, here by accumulators
        (("ADDER", "ADD_3_1"), True),
        (("RN_WIRE", "WRITE"), False),  # sums that leave the tree alone are left out
        (("GLOBALBUFFER", "READ"), True),
        (("GLOBALBUFFER", "WRITE"), True),
    ],
)
@pytest.mark.parametrize("machine", MACHINES)
def test_the_bound_of_a_tile_is_what_it_does(machine, action, exact):
    prices = stonne_prices()
    alone = replace(prices, actions={name: float(name == action) for name in prices.actions})
    for layer in LAYERS[:3]:
        listed = candidates(layer, machine)
        least = least_energies(listed, layer, machine, alone)
        for number in range(0, len(least), 5):
            loops = Loops(layer, listed.tile(number), machine)
            placement = place(loops)
            counts = count(loops, placement, reduce(loops, placement), Totals.of(loops))
            done = alone.of_counts(counts)
            assert least[number] == done if exact else 0.3 * done <= least[number] <= done


def test_where_sums_drift_a_tile_that_repeats_soon_is_taken(monkeypatch):
    layer = Convolution(1, 1, 100, 16, X=4, Y=4)
    machine = MaeriMachine(32, 16, 32, accumulates=False)
    best_tile.cache_clear()
    best = Loops(layer, best_tile(layer, machine), machine)
    monkeypatch.setattr(search, "_MOST_OUTPUTS", 400)
    best_tile.cache_clear()
    taken = best_tile(layer, machine)
    best_tile.cache_clear()
    placement = place(best)
    with pytest.raises(DriftError):
        time_tile(best, placement, reduce(best, placement), most=400)
    assert (best.tile, taken) == (Tile(C=7, K=4), Tile(C=15, K=2))
    cycles = [simulate_loops(Loops(layer, tile, machine)).cycles for tile in (best.tile, taken)]
    assert cycles == [5660, 5696]


def test_where_states_do_not_recur_another_tile_is_taken(monkeypatch):
    layer = Convolution(1, 1, 100, 16, X=4, Y=4)
    machine = MaeriMachine(32, 32, 32, accumulates=False)
    monkeypatch.setattr(search, "_MOST_OUTPUTS", 400)
    best_tile.cache_clear()
    best = best_tile(layer, machine)
    monkeypatch.setattr(free_running, "_MOST_VISITED", 3)
    free_running.network_of.cache_clear()
    best_tile.cache_clear()
    taken = best_tile(layer, machine)
    best_tile.cache_clear()
    assert (best, taken) == (Tile(C=7, K=4), Tile(C=15, K=2))
    cycles = [simulate_loops(Loops(layer, tile, machine)).cycles for tile in (best, taken)]
    assert cycles == [4696, 4856]


RETURNING = [
    Convolution(1, 3, 5, 4, X=3, Y=5),
    Convolution(3, 1, 7, 3, X=5, Y=2),
    Convolution(2, 2, 6, 2, G=2, X=4, Y=4, strides=2),
    Convolution.gemm(5, 4, 20),
]


@pytest.mark.parametrize("layer", RETURNING)
@pytest.mark.parametrize("num_ms", [4, 8, 16])
def test_of_all_tiles_whose_sums_return_none_is_faster(layer, num_ms):
    machine = MaeriMachine(num_ms, num_ms, num_ms // 2, accumulates=False)
    least = min(cycles for _, cycles in every_tile(layer, machine))
    assert simulate_loops(Loops(layer, best_tile(layer, machine), machine)).cycles == least


def test_several_outputs_at_once_where_there_are_strides():
    # rows of 2 outputs at a stride of 2: one at a time, or three places for both
    layer = Convolution(1, 3, 1, 1, X=3, Y=3, strides=2)
    listed = candidates(layer, MaeriMachine(16, 16, 16, accumulates=True))
    assert {listed.tile(number).X for number in range(len(listed.bounds))} == {1, 3}
    assert {listed.tile(number).Y for number in range(len(listed.bounds))} == {1}


def test_tiles_over_the_edge_wait_for_their_sums_in_every_iteration():
    # 4 filters of 3 columns in tiles of 2: 2 values more than the output in each iteration, but
    # every neuron still sums up one position after the other
    layer, machine = Convolution(1, 1, 64, 4, X=1, Y=3), MaeriMachine(8, 8, 8, accumulates=False)
    loops = Loops(layer, Tile(C=2, Y=2), machine)
    assert not loops.one_after_the_other
    cycles = simulate_loops(loops).cycles
    assert 0.9 * cycles < sum_bound(loops, place(loops)) <= cycles


def test_neurons_that_share_a_line_of_the_bus_bound_the_cycles():
    layer, machine = Convolution(3, 3, 4, 4, X=9, Y=9), MaeriMachine(64, 64, 2, accumulates=True)
    loops = Loops(layer, Tile(R=3, S=3, K=4), machine)
    reduction = reduce(loops, place(loops))
    shared = max(reduction.line.tolist().count(line) for line in (0, 1))
    assert shared >= 2
    assert line_bound(loops, reduction) == 7 * 7 * shared
    returning = replace(loops, machine=replace(machine, accumulates=False))
    assert line_bound(returning, reduction) == 7 * 7 * shared * 4  # folds of a channel each


@pytest.mark.parametrize(
    ("machine", "short"),
    [(MACHINES[1], [5741, 174, 3323, 355]), (MACHINES[2], [7877, 401, 5548, 867])],
)
def test_bounds_are_as_near_as_they_were(machine, short):
    """Cycles that they fall short of, over all tiles: what is looser makes a search longer."""
    found = []
    for layer in LAYERS:
        listed, missing = candidates(layer, machine), 0
        for number, bound in enumerate(listed.bounds.tolist()):
            with suppress(InputError):
                cycles = simulate_loops(Loops(layer, listed.tile(number), machine)).cycles
                missing += cycles - bound
        found.append(missing)
    assert found == short
