"""STONNE's program beside the engine of the mesh."""

from dataclasses import replace

import numpy as np
import pytest

import hwsim
from hwsim.activity import ACTIVATIONS, WEIGHTS, Activity
from hwsim.engines.programs import Limits
from hwsim.engines.reference import ComparedFigure, ReferenceOptions, find_reference
from hwsim.engines.stonne.program.dense_reference import with_operands_of
from hwsim.errors import InputError
from hwsim.workload import Workload
from hwsim.workload.workload import ConvolutionWindow
from tests.engines.programs import stand_ins

pytestmark = pytest.mark.outside

STAND_IN = """
    import pathlib, re
    from hwsim.engines.stonne.files.settings import StonneSettings
    from hwsim.engines.stonne.tpu.report import mesh_report

    report = mesh_report(StonneSettings.of_command_line(sys.argv[1:]))
    report.write(pathlib.Path(), "output_stats_1")
"""
WRONG = (
    STAND_IN
    + """
    file = pathlib.Path("output_stats_1.counters")
    file.write_text(file.read_text().replace("GLOBALBUFFER READ=", "GLOBALBUFFER READ=1"))
"""
)
NOTHING = "    pass\n"


@pytest.fixture(scope="module")
def arch():
    return hwsim.load_arch("tpu", {"ms_rows": 4, "dn_bw": 4})


def reference(tmp_path, arch, body, columns=8):
    program = stand_ins.program(tmp_path, body)
    return find_reference(
        arch, ReferenceOptions(program, None, Limits(seconds=60), columns, "auto", "")
    )


def grouped(kind="conv"):
    return Workload("dw", np.ones((3, 6, 5), dtype=np.int8), 11, kind)


def energy(activity):
    return 0.5 * activity.cycles


@pytest.mark.parametrize("kind", ["conv", "linear"])
def test_one_group_is_run_and_all_are_shown(tmp_path, arch, kind):
    found = reference(tmp_path, arch, STAND_IN)
    part = found.part(grouped(kind))
    assert part.streams == 8
    compared = found.compare(part, arch, energy)
    assert compared.failure is None
    assert compared.differences == []
    assert compared.zeros == 0
    assert compared.ours == compared.theirs
    assert compared.ours["multiplications"] == 3 * 6 * 5 * 8
    assert {figure.label for figure in compared.figures} >= {"cycles", "Total_cycles", "energy"}
    assert not any(figure.label.startswith("T_") for figure in compared.figures)
    assert found.notes["operands"].startswith("drawn by the program")
    assert found.key(part) == found.key(found.part(grouped(kind)))


def test_a_count_that_differs_is_named(tmp_path, arch):
    found = reference(tmp_path, arch, WRONG)
    compared = found.compare(found.part(grouped()), arch, energy)
    [difference] = compared.differences
    assert difference.label == "GlobalBuffer GLOBALBUFFER READ"
    assert difference.theirs == int(f"1{difference.ours}")


def test_a_program_that_leaves_nothing(tmp_path, arch):
    found = reference(tmp_path, arch, NOTHING)
    compared = found.compare(found.part(grouped()), arch, energy)
    assert (compared.ours, compared.theirs, compared.figures) == (None, None, ())
    assert "left no usable result: " in compared.failure
    assert "expected one output_stats_*.counters of STONNE. Found 0" in compared.failure


def test_a_mesh_that_cannot_be_is_refused_before(tmp_path):
    with pytest.raises(InputError):
        reference(tmp_path, hwsim.load_arch("tpu", {"dn_bw": 5}), STAND_IN)


def test_operands_of_counts_that_differ_stay_one_sum():
    def activity(counts):
        return Activity("stonne", 1, counts, {}, 1, 1, 1.0)

    ours = activity({("A", "B", "C", WEIGHTS): 4, ("A", "B", "C", ACTIVATIONS): 6})
    for theirs, shares in ((10, (4, 6)), (13, (7, 6)), (3, (3, 0))):
        found = with_operands_of(activity({("A", "B", "C", ""): theirs}), ours)
        assert tuple(found.counts.values()) == shares
    more = with_operands_of(activity({("A", "B", "D", ""): 2}), ours)
    assert more.counts == {("A", "B", "D", ""): 2}


def test_figures_that_are_missing_on_a_side_differ():
    assert not ComparedFigure("x", None, 1).equal


MAERI = """
    import pathlib
    from hwsim.engines.stonne.files.settings import StonneSettings
    from hwsim.engines.stonne.operations import report_operation

    report = report_operation(StonneSettings.of_command_line(sys.argv[1:]))
    report.write(pathlib.Path(), "output_stats_1")
"""


@pytest.mark.parametrize(
    ("window", "accumulation"),
    [
        (ConvolutionWindow(1, (3, 2), (4, 6), (2, 2)), "adders"),
        (None, "buffer"),
        (ConvolutionWindow(1, (3, 2), (4, 6)), "tree"),
    ],
)
def test_maeri_runs_part_of_a_row_or_some_vectors(tmp_path, window, accumulation):
    arch = hwsim.load_arch("maeri", {"num_ms": 16, "dn_bw": 4, "accumulation": accumulation})
    found = reference(tmp_path, arch, MAERI, columns=3)
    levels = np.ones((2, 3, 6), dtype=np.int8)
    part = found.part(Workload("l", levels, 24, window=window))
    assert part.streams == 3
    assert part.window == (None if window is None else replace(window, output=(1, 3)))
    compared = found.compare(part, arch, energy)
    assert compared.failure is None
    assert compared.differences == []
    assert compared.ours == compared.theirs
    assert compared.ours["multiplications"] >= 2 * 3 * 6 * 3
