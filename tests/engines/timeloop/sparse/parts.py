"""Tiles, levels and machines to put together by hand."""

from dataclasses import replace

import numpy as np

from hwsim.engines.timeloop.density.density import FixedStructured
from hwsim.engines.timeloop.nest.tile import Tile
from hwsim.engines.timeloop.sparse.sparse_tile import ComputeTile, LoopExtents, SparseTile
from hwsim.engines.timeloop.terms.formats import RankFormat, Representation
from hwsim.engines.timeloop.terms.machine import (
    COMPUTE_ACTIONS,
    STORAGE_ACTIONS,
    ComputeLevel,
    Interconnect,
    Machine,
    Mesh,
    StorageLevel,
)
from hwsim.engines.timeloop.terms.mapping import Loop
from hwsim.engines.timeloop.terms.problem import make_problem

CP = RankFormat("cp", metadata_bits=4, payload_bits=0)
UOP = RankFormat("uop", metadata_bits=0, payload_bits=6)


def compressed(*ranks):
    return Representation(ranks or (CP,))


def tile(
    size=8, *, reads=0, fills=0, updates=0, instances=1, reductions=0.0, parent=None, child=None,
    density=None, representation=None, columns=1, rows=1, box=None,
):  # fmt: skip
    """A tile as the dense analysis leaves it."""
    counts = dict.fromkeys((name for name in STORAGE_ACTIONS if "metadata" not in name), 0)
    counts |= {"random_read": reads, "random_fill": fills, "random_update": updates}
    return SparseTile(
        dense=Tile(size, size, instances, reads, fills, updates, reductions, parent, child),
        box=box or (size,),
        density=density or FixedStructured(1.0),
        representation=representation,
        occupancy=float(size),
        mean_size=float(size),
        instances=float(instances),
        columns=columns,
        rows=rows,
        counts=counts,
        formats={name: [] for name in STORAGE_ACTIONS if "metadata" in name},
    )


def compute(operations, units=1):
    return ComputeTile(
        units=units,
        operations=operations / units,
        dense=float(operations),
        temporal_iterations=operations // units,
        instances=float(units),
        columns=units,
        rows=1,
        counts={"random_compute": operations, "gated_compute": 0, "skipped_compute": 0},
    )


ALONE = Mesh(1, 1)


def level(name="Buf", mesh=ALONE, **changes):
    """A storage level of 64 words of 8 bits, a word an access, every access 1 pJ."""
    network = Interconnect(f"{name} <==> inside")
    made = StorageLevel(
        name=name,
        dram=False,
        mesh=mesh,
        size=64,
        word_bits=8,
        block_size=1,
        cluster_size=1,
        metadata_bits=256,
        metadata_width=8,
        metadata_depth=32,
        default_metadata_word_bits=8,
        read_bandwidth=None,
        write_bandwidth=None,
        shared_bandwidth=None,
        bandwidth_scale={},
        multiple_buffering=1.0,
        min_utilization=0.0,
        accumulates=True,
        decompresses=False,
        compresses=False,
        read_network=network,
        update_network=network,
        power_gated_at=name,
        energy=dict.fromkeys(STORAGE_ACTIONS, 1.0),
        energy_source="ERT",
        addr_gen_energy=None,
        area=0.0,
    )
    return replace(made, **changes)


def machine(*levels, mesh=ALONE, area=0.0):
    compute = ComputeLevel("MAC", mesh, 8, dict.fromkeys(COMPUTE_ACTIONS, 1.0), area)
    return Machine(compute, tuple(levels) or (level(),))


def product(M=4, N=6, K=8, **densities):
    """Z[M, N] = A[M, K] B[K, N]."""
    return make_problem(
        {"M": M, "N": N, "K": K},
        {"A": [{"M": 1}, {"K": 1}], "B": [{"K": 1}, {"N": 1}], "Z": [{"M": 1}, {"N": 1}]},
        ["Z"],
        densities,
    )


def extents(dimensions, *levels):
    """Loops of storage levels, innermost first, each ``(dimension, end)`` or with a kind."""
    covered = np.ones(dimensions, dtype=np.int64)
    loops, lengths = [], []
    for given in levels:
        here = []
        for dimension, end, *_ in given:
            covered = covered.copy()
            covered[dimension] *= end
            here.append(covered)
        loops.append(tuple(Loop(one[0], one[1], one[1], *(one[2:] or ["time"])) for one in given))
        lengths.append(here)
    return LoopExtents(loops, lengths)
