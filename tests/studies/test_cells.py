"""What a layer of a cell is called."""

from __future__ import annotations

import pytest

from hwsim.studies.cells import Cell
from hwsim.studies.plan import Plan
from hwsim.studies.request import Request
from tests.studies.networks import tiny_network


def keys(arch: str, schemes: tuple[str, ...]) -> list[str]:
    """Name the tasks of the dense network, compared with other schemes."""
    request = Request(model=tiny_network(), schemes=schemes, quantize_layers=("*",), arch=arch)
    machine = request.load_machine(request.load_arch())
    return [task.key for task in Cell(Plan.of(request), "dense", machine).tasks()]


@pytest.mark.parametrize(
    "arch", ["sigma", "maeri", "tpu", "ucnn", "dcnn_sp", "eie", "yodann-like", "unpu-like"]
)
def test_a_study_that_gets_another_scheme_finds_its_former_results(arch: str) -> None:
    """Nothing is mapped with an eye to what it is compared with on these."""
    assert keys(arch, ("dense",)) == keys(arch, ("dense", "binary"))


def test_mappings_depend_on_what_they_are_compared_with() -> None:
    assert keys("eyeriss_v2", ("dense",)) != keys("eyeriss_v2", ("dense", "binary"))
