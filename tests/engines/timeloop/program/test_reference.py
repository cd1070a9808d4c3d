"""Figures of two statistics files in pairs, those of one side alone included."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hwsim.engines.programs import Limits
from hwsim.engines.programs._process import ProcessRunner
from hwsim.engines.reference import ComparedFigure
from hwsim.engines.timeloop.program.engine import TimeloopEngine
from hwsim.engines.timeloop.program.reference import TimeloopReference, _figures
from hwsim.engines.timeloop.program.stats_reader import TimeloopStats
from hwsim.workload import Workload
from hwsim.workload.workload import ConvolutionWindow

pytestmark = pytest.mark.outside

OURS = TimeloopStats(
    cycles=10,
    computes=20,
    energy_pj=30.0,
    access_energy_pj=25.0,
    utilization=40.0,
    area_mm2=0.5,
    levels={"GLB": {"Cycles": 9, "A": {"Reads": 5}}},
    instances={"GLB": 1},
    networks={"GLB <==> PE": {"Type": 3, "A": {"Hops": 2}}},
    algorithmic_computes=20,
    ranks={("GLB", "A"): {"Rank 0": [(1.0, 2.0)]}},
)


def pairs(theirs):
    return [(one.label, one.ours, one.theirs) for one in _figures(OURS, theirs)]


def test_every_figure_has_its_pair():
    both = [
        ("cycles", 10),
        ("computes", 20),
        ("utilization", 40.0),
        ("energy pj", 30.0),
        ("GLB Cycles", 9),
        ("GLB A Reads", 5),
        ("GLB <==> PE A Hops", 2),
        ("GLB A Rank 0", [(1.0, 2.0)]),
    ]
    assert pairs(replace(OURS, area_mm2=7.0)) == [(label, value, value) for label, value in both]


def test_what_one_side_has_alone_is_told_figure_by_figure():
    theirs = replace(
        OURS, levels={"GLB": {"Cycles": 9, "B": {"Reads": 6}}, "PE": {"Cycles": 4}}, networks={}
    )
    assert pairs(theirs)[4:] == [
        ("GLB Cycles", 9, 9),
        ("GLB B Reads", None, 6),
        ("GLB A Reads", 5, None),
        ("PE Cycles", None, 4),
        ("GLB <==> PE A Hops", 2, None),
        ("GLB A Rank 0", [(1.0, 2.0)], [(1.0, 2.0)]),
    ]


def test_one_feature_map_of_a_convolution_is_compared():
    window = ConvolutionWindow(1, (3, 2), (4, 6), (1, 1))
    levels = np.ones((1, 3, 6), dtype=np.int8)
    reference = TimeloopReference(TimeloopEngine(ProcessRunner(Path("program"), Limits())))
    part = reference.part(Workload("l", levels, 4 * 6 * 5, window=window, images=5))
    assert (part.images, part.streams) == (1, 4 * 6)
    matrix = Workload("l", levels, 7, images=7)
    assert reference.part(matrix) is matrix


def test_figures_are_equal_to_a_hundredth_and_a_millionth():
    def equal(ours, theirs):
        made = next(_figures(replace(OURS, cycles=ours), replace(OURS, cycles=theirs)))
        assert isinstance(made, ComparedFigure)
        return made.equal

    assert equal(0.0101, 0)
    assert not equal(0.01011, 0)
    assert equal(2_000_002.01, 2_000_000)
    assert not equal(2_000_002.02, 2_000_000)
