"""Inputs that use most keys: three levels, a sparse matrix product, and the v0.4 form of both."""

import copy

import yaml

from tests.engines.timeloop.designs import gemm, spatial, table, temporal, three_levels

MAPPING = [
    temporal("DRAM", "M=1 N=6 K=1"),
    spatial("GLB", "M=4 N=1 K=1"),
    temporal("GLB", "M=1 N=1 K=1"),
    temporal("Spad", "M=1 N=1 K=8"),
]


def inputs(**changes):
    """A dense product on three levels; ``changes`` replace roots."""
    parts = {
        "architecture": three_levels(4),
        "problem": gemm(4, 6, 8),
        "mapping": copy.deepcopy(MAPPING),
        "ERT": table(4),
    }
    return {**parts, **changes}


def sparse_inputs(**changes):
    """The same with a compressed B on which accesses of A are skipped."""
    uop, mask = {"format": "UOP", "payload_word_bits": 4}, {"format": "B", "metadata_word_bits": 1}

    def stored(name, outer, **more):
        ranks = [dict(uop) for _ in range(outer)] + [dict(mask)]
        tensor = {"name": "B", "rank_application_order": "inner_to_outer", "ranks": ranks}
        return {"name": name, "representation_format": {"data_spaces": [tensor]}, **more}

    skip = {"type": "skipping", "options": [{"target": "A", "condition_on": ["B"]}]}
    targets = [
        stored("DRAM", 2),
        stored("GLB", 1),
        stored("Spad", 0, action_optimization=[skip]),
        {"name": "MAC", "compute_optimization": [{"type": "gating"}]},
    ]
    sparse = {"problem": gemm(4, 6, 8, B=0.5), "sparse_optimizations": {"targets": targets}}
    return inputs(**{**sparse, **changes})


def write_parts(folder, parts):
    """Write each root into a file of its own; returns the paths."""
    paths = []
    for name, part in parts.items():
        path = folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump({name: part}, sort_keys=False), encoding="utf-8")
        paths.append(path)
    return paths


def places_in(data, path=()):
    """All paths into nested data, with what stands there."""
    entries = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in entries:
        yield (*path, key), value
        if isinstance(value, dict | list):
            yield from places_in(value, (*path, key))


def inside(data, path):
    """What stands at a path."""
    for key in path:
        data = data[key]
    return data
