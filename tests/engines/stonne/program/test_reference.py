"""STONNE's program beside the engine of SIGMA: what is compared, and how groups add up."""

from dataclasses import replace
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest

import hwsim
from hwsim.engines.programs import Limits
from hwsim.engines.reference import ComparedFigure, ReferenceOptions
from hwsim.engines.stonne.program import reference as reference_module
from hwsim.engines.stonne.program._operand_feed import can_feed
from hwsim.engines.stonne.program.reference import StonneReference
from hwsim.engines.stonne.sigma import SigmaEngine
from hwsim.errors import InputError
from hwsim.workload import Workload
from tests.engines.programs import stand_ins
from tests.engines.stonne.program.stand_ins import HALF, STAND_IN, WRONG

pytestmark = pytest.mark.outside

needs_compiler = pytest.mark.skipif(not can_feed(), reason="no C compiler, or not Linux")


@pytest.fixture(scope="module")
def arch():
    return hwsim.load_arch("sigma", {"num_ms": 32, "dn_bw": 8, "rn_bw": 16})


def reference(tmp_path, arch, body, operands="layer", columns=8):
    program = stand_ins.program(tmp_path, body)
    options = ReferenceOptions(program, None, Limits(seconds=60), columns, operands, "")
    return StonneReference.find(arch, options)


def three_groups(kind="conv"):
    """Groups of 6 x 20 weights, of which 60, 84 and again 60 are zero."""
    levels = np.ones((3, 6, 20), dtype=np.int8)
    levels[(0, 2), :, :10] = 0
    levels[1, :, :14] = 0
    return Workload("dw", levels, 3, kind)


def energy(activity):
    return 0.5 * activity.cycles


@needs_compiler
@pytest.mark.parametrize("kind", ["conv", "linear"])
def test_groups_count_as_often_as_they_are_there(tmp_path, arch, kind):
    workload = three_groups(kind)
    compared = reference(tmp_path, arch, STAND_IN).compare(workload, arch, energy)
    assert compared.failure is None
    assert compared.differences == []
    assert compared.zeros == (2 * 60 + 84) / 360
    whole = SigmaEngine().simulate(workload, arch)
    counts = whole.by_action()
    buffer = [counts["GlobalBuffer", "GLOBALBUFFER", action] for action in ("READ", "WRITE")]
    assert compared.ours == {
        "cycles": whole.cycles,
        "multiplications": 3 * (2 * 60 + 36),
        "buffer_accesses": sum(buffer),
        "energy": 0.5 * whole.cycles,
    }
    assert compared.theirs == compared.ours
    cycles = [figure.ours for figure in compared.figures if figure.label == "cycles"]
    assert len(cycles) == 2
    assert 2 * cycles[0] + cycles[1] == whole.cycles
    assert min(compared.seconds) > 0
    assert max(compared.seconds) < 60


def test_seconds_add_up_and_every_figure_has_its_label(tmp_path, arch, monkeypatch):
    ticks = count()
    clock = SimpleNamespace(monotonic=lambda: next(ticks))
    found = reference(tmp_path, arch, STAND_IN, "random")
    monkeypatch.setattr(reference_module, "time", clock)
    compared = found.compare(three_groups(), arch, energy)
    assert compared.seconds == (2, 2)  # a second on each side for each of two distinct groups
    labels = {figure.label for figure in compared.figures}
    assert {"Total_cycles", "instances of MSNetwork MULTIPLIER", "energy"} <= labels


def test_a_count_that_differs_is_named_once(tmp_path, arch):
    workload = replace(three_groups(), levels=np.ones((1, 4, 8), dtype=np.int8))
    compared = reference(tmp_path, arch, WRONG, "random").compare(workload, arch, energy)
    additions = compared.differences[0].ours
    label = "ReduceNetwork ADDER ADD_2_1"
    assert compared.differences == [ComparedFigure(label, additions, additions + 1)]


def test_a_program_that_fails_is_part_of_the_comparison(tmp_path, arch):
    compared = reference(tmp_path, arch, HALF, "random").compare(three_groups(), arch, energy)
    assert (compared.ours, compared.theirs, compared.figures) == (None, None, ())
    assert compared.zeros == pytest.approx(204 / 360)
    assert compared.failure is not None
    assert "left no usable result" in compared.failure
    ours, theirs = compared.seconds
    assert ours == 0
    assert 0 < theirs < 60


def test_as_many_vectors_as_asked_for_are_streamed(tmp_path, arch):
    found = reference(tmp_path, arch, STAND_IN, "random", columns=2)
    assert found.part(three_groups()).streams == 2
    assert replace(found, columns=4).part(three_groups()).streams == 3
    assert found.notes["operands"].startswith("drawn by the program")


def test_operands_that_nobody_knows(tmp_path, arch):
    with pytest.raises(InputError):
        reference(tmp_path, arch, STAND_IN, "own")
