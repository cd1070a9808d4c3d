"""Traffic of tensors whose zeros are known, against a machine that is walked step by step."""

import itertools
from collections import Counter

import numpy as np
import pytest

import hwsim
from tests.engines.timeloop.designs import gemm, spatial, table, temporal, three_levels
from tests.engines.timeloop.sparse.literal_encoder import encode, tensor

DIMS = "MNK"
AXES = {"A": "MK", "B": "KN", "Z": "MN"}


def factors(sizes):
    return " ".join(f"{dim}={sizes[dim]}" for dim in DIMS)


def design(tensors, outer, spread, inner, order, inner_order, saving):
    """Two levels that hold everything, PEs between them; A and B are compressed."""
    whole = {dim: outer[dim] * spread[dim] * inner[dim] for dim in DIMS}
    dense = {"distribution": "fixed-structured", "density": 1.0}
    densities = {
        name: dense if mask is None else {"distribution": "actual", "data": mask}
        for name, mask in tensors.items()
    }
    inside = {"A": ["UOP", "RLE"], "B": ["UOP", "CP"]}

    def formats(extra):
        return {
            "data_spaces": [
                {
                    "name": name,
                    "rank_application_order": "inner_to_outer",
                    "ranks": [{"format": "UOP", "flattened_rankIDs": [DIMS]}] * extra
                    + [
                        {"format": form, "flattened_rankIDs": [[dim]]}
                        for form, dim in zip(inside[name], reversed(inner_order[name]), strict=True)
                    ],
                }
                for name in "AB"
            ]
        }

    return {
        "architecture": three_levels(4),
        "ERT": table(4),
        "problem": gemm(*(whole[dim] for dim in DIMS), **densities),
        "mapping": [
            temporal("DRAM", factors(outer), order),
            spatial("GLB", factors(spread)),
            temporal("GLB", "M=1 N=1 K=1"),
            {"target": "GLB", "type": "bypass", "bypass": ["A", "B", "Z"]},
            temporal("Spad", factors(inner), inner_order["loops"]),
        ],
        "sparse_optimizations": {
            "targets": [
                {"name": "DRAM", "representation_format": formats(2)},
                {
                    "name": "Spad",
                    "representation_format": formats(0),
                    "action_optimization": [
                        {"type": saving, "options": [{"target": target, "condition_on": [*on]}]}
                        for target, on in (("A", "B"), ("Z", "AB"))
                    ],
                },
                {"name": "MAC", "compute_optimization": [{"type": "skipping"}]},
            ]
        },
    }


def walk(tensors, outer, spread, inner, order, inner_order):
    """Count what each PE does, in the order in which it does it."""
    masks = {
        name: np.ones([outer[d] * spread[d] * inner[d] for d in AXES[name]], dtype=bool)
        if tensors.get(name) is None
        else tensors[name]
        for name in "ABZ"
    }
    counts = Counter()
    for pe in itertools.product(*(range(spread[dim]) for dim in DIMS)):
        held, seen, written = {}, set(), set()
        for step in itertools.product(*(range(outer[dim]) for dim in reversed(order))):
            at = dict(zip(reversed(order), step, strict=True))
            corner = {
                dim: (at[dim] * spread[dim] + pe[DIMS.index(dim)]) * inner[dim] for dim in DIMS
            }
            for name in "ABZ":
                place = tuple(corner[dim] for dim in AXES[name])
                if held.get(name) == place:
                    continue
                held[name] = place
                if name == "Z":
                    written = set() if place not in seen else None  # a first stay, or a later one
                    seen.add(place)
                    continue
                lengths = tuple(inner[dim] for dim in AXES[name])
                tile = masks[name][
                    tuple(slice(low, low + n) for low, n in zip(place, lengths, strict=True))
                ]
                if not tile.any():
                    continue  # the metadata of the level outside tell
                counts[name, "fills"] += int(tile.sum())
                fastest, slowest = inner_order[name]
                fiber = tuple(inner[d] if d == fastest else 1 for d in AXES[name])
                # an outer rank of a single coordinate is left out
                forms = ["rle" if name == "A" else "cp", "uop" if inner[slowest] > 1 else None]
                for rank, (metadata, payload) in enumerate(
                    encode(tile, [(1, 1), fiber, lengths], forms)
                ):
                    counts[name, "format fills", rank] += len(metadata) + len(payload)
            for m, n, k in itertools.product(*(range(inner[dim]) for dim in DIMS)):
                m, n, k = (corner[d] + i for d, i in zip(DIMS, (m, n, k), strict=True))
                if masks["A"][m, k] and masks["B"][k, n]:
                    counts["A", "reads"] += 1
                    counts["computes"] += 1
                    counts["Z", "updates"] += 1
                    if written is None or (m, n) in written:
                        counts["Z", "reads"] += 1
                    elif written is not None:
                        written.add((m, n))
    return counts


def measure(inputs):
    evaluation = hwsim.evaluate_timeloop(inputs).evaluation
    counts = Counter(computes=evaluation.compute.counts["random_compute"])
    for name, figures in zip("ABZ", evaluation.levels[0].spaces, strict=True):
        tile = figures.tile
        for action in ("read", "fill", "update"):
            counts[name, f"{action}s"] = tile.counts[f"random_{action}"] * tile.instances
        for rank, units in enumerate(tile.formats["random_metadata_fill"]):
            counts[name, "format fills", rank] = sum(units) * tile.instances
    return counts


KNOWN = [("A",), ("B",), ("A", "B")]


@pytest.mark.parametrize("saving", ["skipping", "gating"])
@pytest.mark.parametrize("known", KNOWN, ids="".join)
def test_counts_are_those_of_a_walked_machine(known, saving):
    generator = np.random.default_rng(len(known) + 10 * ("A" in known))
    for trial in range(8):
        sizes = [dict(zip(DIMS, map(int, generator.integers(1, 4, 3)), strict=True)) for _ in "123"]
        outer, spread, inner = sizes
        spread = {dim: min(n, 2) if dim != "N" else 1 for dim, n in spread.items()}
        order, loops = ("".join(generator.permutation(list(DIMS))) for _ in "12")
        inner_order = {"loops": loops} | {
            name: "".join(dim for dim in loops if dim in AXES[name]) for name in "AB"
        }
        shapes = {n: [outer[d] * spread[d] * inner[d] for d in AXES[n]] for n in "AB"}
        tensors = {
            name: tensor(generator, shapes[name], 0.5, clustered=trial % 2)
            if name in known
            else None
            for name in "AB"
        }
        case = (tensors, outer, spread, inner, order, inner_order)
        expected, found = walk(*case), measure(design(*case, saving))
        for key, count in expected.items():
            assert found[key] == pytest.approx(count, rel=1e-12, abs=1e-9), (key, case)
        assert found["computes"] == expected["computes"]
