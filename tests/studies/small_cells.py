"""Cells small enough that a task takes a millisecond or two."""

from hwsim.studies.cells import Cell
from hwsim.studies.plan import Plan
from hwsim.studies.request import Request
from tests.studies.networks import tiny_network


def small_cells(schemes=("dense", "binary", "signed-binary"), sizes=(8, 16)):
    """The tiny network, every layer quantised, under schemes on SIGMAs of several sizes."""
    request = Request(model=tiny_network(), schemes=schemes, quantize_layers=("*",))
    plan = Plan.of(request)
    cells = []
    for size in sizes:
        asked = Request(model=request.model, arch="sigma", overrides={"num_ms": size})
        machine = asked.load_machine(asked.load_arch())
        cells += [Cell(plan, scheme, machine) for scheme in schemes]
    return cells
