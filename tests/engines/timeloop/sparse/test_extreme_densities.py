"""Tensors without zeros, and of nothing but zeros: every density model says the same."""

import numpy as np
import pytest

import hwsim
from tests.engines.timeloop.designs import gemm, spatial, table, temporal, three_levels

FULL = {
    "fixed-structured": {"distribution": "fixed-structured", "density": 1.0},
    "hypergeometric": {"distribution": "hypergeometric", "density": 1.0},
    "nearly": {"distribution": "hypergeometric", "density": 0.999},  # 63.9 of 64 points: all
    "banded": {"distribution": "banded", "band_width": 7},
    "actual": {"distribution": "actual", "data": np.ones((8, 8))},
}
EMPTY = {
    "fixed-structured": {"distribution": "fixed-structured", "density": 0.0},
    "hypergeometric": {"distribution": "hypergeometric", "density": 0.0},
    "actual": {"distribution": "actual", "data": np.zeros((8, 8))},
}
BYPASS = {"target": "GLB", "type": "bypass", "bypass": ["B"]}
MAPPINGS = {
    "in time": [
        temporal("DRAM", "M=1 N=8 K=1"),
        temporal("GLB", "M=1 N=1 K=1"),
        temporal("Spad", "M=8 N=1 K=8"),
        BYPASS,
    ],
    "in space": [
        temporal("DRAM", "M=1 N=2 K=1"),
        spatial("GLB", "M=1 N=4 K=1"),
        temporal("GLB", "M=1 N=1 K=1"),
        temporal("Spad", "M=8 N=1 K=8"),
        BYPASS,
    ],
}


def evaluate(density, mapping, formats, saving, **asked):
    return evaluated(density, mapping, formats, saving, **asked).to_dict()


def evaluated(density, mapping, formats, saving, **asked):
    dram, spad = {"name": "DRAM"}, {"name": "Spad"}
    if formats:
        loops = 1 if mapping == "in time" else 2
        ranks = {"DRAM": [formats[0]] * loops + [formats[1]], "Spad": [formats[1]]}
        for target in (dram, spad):
            forms = [{"format": form} for form in ranks[target["name"]]]
            target["representation_format"] = {"data_spaces": [{"name": "B", "ranks": forms}]}
    if saving:
        options = [{"target": "A", "condition_on": ["B"]}]
        spad["action_optimization"] = [{"type": saving, "options": options}]
    inputs = {
        "architecture": three_levels(4),
        "problem": gemm(8, 8, 8, B=density),
        "mapping": MAPPINGS[mapping],
        "ERT": table(4),
        "sparse_optimizations": {"targets": [t for t in (dram, spad) if len(t) > 1]},
    }
    return hwsim.evaluate_timeloop(inputs, **asked)


@pytest.mark.parametrize("saving", [None, "gating", "skipping"])
@pytest.mark.parametrize("formats", [None, ("UOP", "CP"), ("UOP", "RLE"), ("B", "B"), ("CP", "CP")])
@pytest.mark.parametrize("mapping", MAPPINGS)
@pytest.mark.parametrize("densities", [FULL, EMPTY], ids=["full", "empty"])
def test_all_models_agree(densities, mapping, formats, saving):
    results = [evaluate(density, mapping, formats, saving) for density in densities.values()]
    for result in results[1:]:
        assert result == results[0]
    if densities is FULL:
        assert results[0]["computes"] == 512


@pytest.mark.parametrize("density", [FULL["hypergeometric"], FULL["nearly"]])
def test_where_timeloop_takes_full_tiles_for_empty_ones(density):
    """Timeloop's figure on demand; a note says where it is, once."""
    ours = evaluated(density, "in time", ("UOP", "CP"), "skipping")
    assert ours.notes == (
        "Timeloop takes tiles that are never empty for empty ones; here they count as they are: "
        "B at Spad. --as-timeloop gives its figures",
    )
    theirs = evaluated(density, "in time", ("UOP", "CP"), "skipping", as_timeloop=True)
    assert theirs.notes == (
        "Timeloop takes tiles that are never empty for empty ones, and so do these figures: "
        "B at Spad",
    )
    reads = "Actual scalar reads (per-instance)"
    assert ours.levels["Spad"]["B"][reads] == 512
    assert theirs.levels["Spad"]["B"][reads] == 0
    assert theirs.energy_pj < ours.energy_pj


def test_other_densities_are_the_same_as_timeloops():
    for density in (0.5, FULL["banded"], {"distribution": "hypergeometric", "density": 0.5}):
        given = density, "in time", ("UOP", "CP"), "skipping"
        ours, theirs = evaluated(*given), evaluated(*given, as_timeloop=True)
        assert ours.to_dict() == theirs.to_dict()
        assert ours.notes == theirs.notes == ()


@pytest.mark.parametrize("density", EMPTY.values(), ids=EMPTY)
def test_a_density_of_0_is_told(density):
    found = evaluated(density, "in time", ("UOP", "CP"), "skipping")
    assert found.notes == ("problem: the density of B is 0: it holds nothing but zeros",)
